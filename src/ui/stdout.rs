//! Writing to stdout, and what became of it.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::os::fd::AsFd as _;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{Cell, Style, Table, terminal};
use crate::error::CommandError;

/// Why stdout takes no more: the first failure.
static FAILURE: OnceLock<io::Error> = OnceLock::new();

/// Whether stdout was closed when the program started.
static WAS_CLOSED: AtomicBool = AtomicBool::new(false);

/// Writes to stdout. After a failure nothing more is written; [`failure`] returns it.
pub(super) fn write_stdout(text: &str) {
    if text.is_empty() || has_failed() {
        return;
    }
    if let Err(problem) = write(text) {
        // Another thread's failure came first.
        let _ = FAILURE.set(problem);
    }
}

/// Writes a line for people.
pub(super) fn write_line(line: Vec<Cell>, style: Style) {
    // The terminal may have been resized.
    let width = style.width.and_then(|_| terminal::width(io::stdout()));
    let text = Table::list([line]).render(width, style.stdout_color);
    write_stdout(&format!("{text}\n"));
}

/// Writes without the standard library's stdout, which drops what a closed descriptor cannot take.
fn write(text: &str) -> io::Result<()> {
    let stdout = io::stdout().lock();
    if WAS_CLOSED.load(Ordering::Relaxed) {
        return Err(io::Error::other("it is closed"));
    }
    let descriptor = stdout.as_fd().try_clone_to_owned()?;
    File::from(descriptor).write_all(text.as_bytes())
}

/// Whether stdout takes no more text, so that printing more is useless.
pub(crate) fn is_stdout_closed() -> bool {
    has_failed()
}

fn has_failed() -> bool {
    FAILURE.get().is_some()
}

/// Why some text could not be written; `None` where all was written, or where the reader of a pipe has
/// gone: it has what it wants.
pub(super) fn failure() -> Option<CommandError> {
    let problem = FAILURE.get()?;
    if problem.kind() == ErrorKind::BrokenPipe {
        return None;
    }
    let error = CommandError::environment(format!("cannot write to stdout: {problem}"));
    Some(error.hint("Only the output is lost: what the command did is done."))
}

/// Rust's runtime opens /dev/null in place of a closed stdout before `main` begins, so only a function
/// that runs earlier sees that it was closed.
#[expect(unsafe_code, reason = "the linker must place a function before main")]
mod before_main {
    use super::{Ordering, WAS_CLOSED};

    #[used]
    #[cfg_attr(target_os = "macos", unsafe(link_section = "__DATA,__mod_init_func"))]
    #[cfg_attr(not(target_os = "macos"), unsafe(link_section = ".init_array"))]
    static LOOK: extern "C" fn() = look;

    extern "C" fn look() {
        // SAFETY: `F_GETFD` takes no pointer and changes nothing.
        let flags = unsafe { libc::fcntl(libc::STDOUT_FILENO, libc::F_GETFD) };
        WAS_CLOSED.store(flags == -1, Ordering::Relaxed);
    }
}
