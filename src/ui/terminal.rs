//! The terminal behind stdout or stderr.

use std::os::fd::AsFd;
use std::sync::{Mutex, PoisonError};

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

/// The modes that the terminal had before [`NoEcho`] changed them.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Keeps the terminal from echoing Ctrl-C as `^C` while this lives. Bars are redrawn by moving the
/// cursor, and an echo would move it too.
pub(super) struct NoEcho;

impl NoEcho {
    pub(super) fn new() -> Self {
        if let Some(before) = is_in_foreground()
            .then(|| tcgetattr(std::io::stderr()).ok())
            .flatten()
        {
            let mut without = before.clone();
            without.local_modes.remove(LocalModes::ECHOCTL);
            *BEFORE.lock().unwrap_or_else(PoisonError::into_inner) = Some(before);
            set(&without);
        }
        Self
    }
}

impl Drop for NoEcho {
    fn drop(&mut self) {
        restore_terminal();
    }
}

/// Restores the modes of the terminal, before the program ends at once.
pub(crate) fn restore_terminal() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before.filter(|_| is_in_foreground()) {
        set(&before);
    }
}

fn set(modes: &Termios) {
    // If the terminal refuses, it shows `^C`, which does no harm.
    let _ = tcsetattr(std::io::stderr(), OptionalActions::Now, modes);
}

/// Whether this program is in the terminal's foreground. A program in the background that sets the
/// terminal's modes is stopped.
fn is_in_foreground() -> bool {
    tcgetpgrp(std::io::stderr()).is_ok_and(|front| front == getpgrp())
}
