//! The terminal behind stdout or stderr.

use std::os::fd::AsFd;
use std::sync::{Mutex, PoisonError};

use rustix::process::getpgrp;
use rustix::termios::{
    LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr,
};

/// Its width in columns; `None` where there is no terminal, or it does not tell.
pub(super) fn width(stream: impl AsFd) -> Option<u16> {
    let size = tcgetwinsize(stream).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}

/// The modes that the terminal had before [`NoEcho`] changed them.
static BEFORE: Mutex<Option<Termios>> = Mutex::new(None);

/// Keeps the terminal from showing Ctrl-C as `^C` for as long as this lives. Whoever moves the
/// cursor up and down to redraw bars counts on nobody else moving it.
pub(super) struct NoEcho;

impl NoEcho {
    pub(super) fn new() -> Self {
        if let Some(before) = is_in_front()
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

/// Gives the terminal its modes back; for whoever ends the program at once.
pub fn restore_terminal() {
    let before = BEFORE.lock().unwrap_or_else(PoisonError::into_inner).take();
    if let Some(before) = before.filter(|_| is_in_front()) {
        set(&before);
    }
}

fn set(modes: &Termios) {
    // A terminal that refuses shows `^C`; nothing else comes of it.
    let _ = tcsetattr(std::io::stderr(), OptionalActions::Now, modes);
}

/// Whether this program is the one that the terminal listens to. One in the background that sets
/// the terminal's modes is stopped for it.
fn is_in_front() -> bool {
    tcgetpgrp(std::io::stderr()).is_ok_and(|front| front == getpgrp())
}
