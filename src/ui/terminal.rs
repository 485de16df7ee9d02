//! The terminal behind stdout or stderr.

use std::os::fd::AsFd;

use rustix::process::getpgrp;
use rustix::termios::{
    LocalModes, OptionalActions, Termios, tcgetattr, tcgetpgrp, tcgetwinsize, tcsetattr,
};

/// Its width in columns; `None` where there is no terminal, or it does not tell.
pub(super) fn width(stream: impl AsFd) -> Option<u16> {
    let size = tcgetwinsize(stream).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}

/// Keeps the terminal from showing Ctrl-C as `^C` for as long as this lives. Whoever moves the
/// cursor up and down to redraw bars counts on nobody else moving it.
pub(super) struct NoEcho {
    before: Option<Termios>,
}

impl NoEcho {
    pub(super) fn new() -> Self {
        let before = if is_in_front() {
            tcgetattr(std::io::stderr()).ok()
        } else {
            None
        };
        if let Some(before) = &before {
            let mut without = before.clone();
            without.local_modes.remove(LocalModes::ECHOCTL);
            set(&without);
        }
        Self { before }
    }
}

impl Drop for NoEcho {
    fn drop(&mut self) {
        if let Some(before) = self.before.as_ref().filter(|_| is_in_front()) {
            set(before);
        }
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
