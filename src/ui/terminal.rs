//! The terminal behind stdout or stderr.

use std::os::fd::AsFd;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::process::getpgrp;
use rustix::termios::{
    LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr,
};

/// Its width in columns; `None` where there is no terminal, or its width is not known.
pub(super) fn width(stream: impl AsFd) -> Option<u16> {
    size(stream).map(|(columns, _)| columns)
}

/// Its width and height; `None` where there is no terminal, or its width is not known.
pub(super) fn size(stream: impl AsFd) -> Option<(u16, u16)> {
    let size = tcgetwinsize(stream).ok()?;
    (size.ws_col > 0).then_some((size.ws_col, size.ws_row))
}

/// How many lines stdout's terminal shows; `None` where there is none, or that is not known.
pub(crate) fn screen_lines() -> Option<usize> {
    let size = tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_row)).filter(|lines| *lines > 0)
}

/// How the terminal's echo is changed while bars may be drawn.
static ECHO: Mutex<Echo> = Mutex::new(Echo {
    before: None,
    is_drawn_on: false,
    is_over: false,
});

/// How often the program was suspended and went on: each time something else may have been written. Locked
/// while a frame is drawn and while the program is suspended, so that none is drawn half.
static SUSPENSIONS: Mutex<u32> = Mutex::new(0);

/// What is known of the terminal's echo.
struct Echo {
    /// The modes before they were changed; `None` where they are as they were.
    before: Option<Termios>,
    /// Whether bars are on the screen.
    is_drawn_on: bool,
    /// Whether the program ends.
    is_over: bool,
}

impl Echo {
    /// Sets the modes for what is on the screen, if this program is in the terminal's foreground.
    fn apply(&mut self) {
        if self.is_over || !is_in_foreground() {
            return;
        }
        if self.before.is_none() {
            self.before = tcgetattr(std::io::stderr()).ok();
        }
        let Some(mut modes) = self.before.clone() else {
            return;
        };
        modes.local_modes.remove(LocalModes::ECHOCTL);
        if self.is_drawn_on {
            modes
                .local_modes
                .remove(LocalModes::ECHO | LocalModes::ECHONL);
        }
        set(&modes);
    }

    fn restore(&mut self) {
        if let Some(before) = self.before.take().filter(|_| is_in_foreground()) {
            set(&before);
        }
    }
}

fn echo() -> MutexGuard<'static, Echo> {
    ECHO.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps what is typed off the screen while bars are drawn, and Ctrl-C from being shown as `^C` as long
/// as this lives: bars are redrawn by moving the cursor, and an echo would move it too. What is typed
/// is kept for whoever reads the terminal next.
pub(super) struct NoEcho;

impl NoEcho {
    pub(super) fn new() -> Self {
        echo().apply();
        Self
    }

    /// Says whether bars are on the screen now.
    pub(super) fn set_drawn_on(&self, is_drawn_on: bool) {
        let mut echo = echo();
        // In the background nothing was set.
        let is_due = echo.is_drawn_on != is_drawn_on || echo.before.is_none();
        echo.is_drawn_on = is_drawn_on;
        if is_due {
            echo.apply();
        }
    }
}

impl Drop for NoEcho {
    fn drop(&mut self) {
        restore_terminal();
    }
}

/// Restores the modes of the terminal for good, before the program ends.
pub(crate) fn restore_terminal() {
    let mut echo = echo();
    echo.is_over = true;
    echo.restore();
}

/// Restores the terminal while `suspended` runs, which returns when the program goes on.
pub(super) fn while_suspended(suspended: impl FnOnce()) {
    let mut suspensions = suspensions();
    let mut echo = echo();
    echo.restore();
    suspended();
    *suspensions += 1;
    echo.apply();
}

/// How often the program was suspended and went on. It is not suspended until this is dropped.
pub(super) fn suspensions() -> MutexGuard<'static, u32> {
    SUSPENSIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

fn set(modes: &Termios) {
    // If the terminal refuses, what is typed is shown, which does no harm.
    let _ = tcsetattr(std::io::stderr(), OptionalActions::Now, modes);
}

/// Whether this program is in the terminal's foreground. A program in the background that sets the
/// terminal's modes is stopped.
fn is_in_foreground() -> bool {
    tcgetpgrp(std::io::stderr()).is_ok_and(|front| front == getpgrp())
}
