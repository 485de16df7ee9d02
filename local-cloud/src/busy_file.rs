//! Starting a program that was just written. It may still be open for writing in a child that another
//! thread is about to start; the system then refuses to run it.

use std::io;
use std::time::Duration;

/// How often and how far apart to try again.
const TRIES: u32 = 50;
const PAUSE: Duration = Duration::from_millis(10);

/// Repeats `start` while the system says that the program's file is busy. Blocks.
///
/// # Errors
/// Those of `start`.
pub(crate) fn retry_while_busy<T>(mut start: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    for _ in 0..TRIES {
        match start() {
            Err(problem) if problem.kind() == io::ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(PAUSE);
            }
            outcome => return outcome,
        }
    }
    start()
}
