//! Questions before something is removed, or before the first change in an AWS account.

use std::io::{BufRead as _, IsTerminal as _};
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use super::human::write_stderr;
use super::printable::printable;
use super::wrap::wrap;
use super::{Events, terminal};
use crate::error::CommandError;

/// Whether a question is on the screen and waits for its answer.
static ASKING: AtomicBool = AtomicBool::new(false);

/// Whether a question waits for its answer, so that an interruption answers it.
pub(crate) fn is_asking() -> bool {
    ASKING.load(Ordering::Relaxed)
}

/// Asks whether to go on, and ends the command unless the answer is yes. `effect` says what the
/// command has done by then, for example `nothing was removed`.
///
/// # Errors
/// When the answer is not yes, which counts as an interruption, or the user presses Ctrl-C. When
/// there is no terminal to ask in.
pub(crate) async fn consent(
    question: &str,
    effect: &str,
    events: &Events,
    cancel: &CancellationToken,
) -> Result<(), CommandError> {
    if confirm(question, events, cancel).await? {
        Ok(())
    } else {
        Err(CommandError::interrupted(effect))
    }
}

/// Asks a yes-or-no question in the terminal, after all events before it are shown. Every answer
/// but `y` and `yes` means no, and so does an interruption.
///
/// # Errors
/// When there is no terminal to ask in.
async fn confirm(
    question: &str,
    events: &Events,
    cancel: &CancellationToken,
) -> Result<bool, CommandError> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(
            CommandError::usage(format!("there is no terminal to ask in: {question}"))
                .hint("Pass --yes to answer yes."),
        );
    }
    events.wait_until_shown().await;
    let prompt = format!("{} [y/N]", printable(question));
    let wrapped = wrap(&prompt, 0, terminal::width(std::io::stderr()));
    ASKING.store(true, Ordering::Relaxed);
    write_stderr(&format!("{wrapped} "));
    let yes = tokio::select! {
        // After an interruption the read goes on until the program ends.
        answer = tokio::task::spawn_blocking(read_line) => {
            let answer = answer.unwrap_or_default();
            matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
        }
        () = cancel.cancelled() => {
            write_stderr("\n");
            false
        }
    };
    ASKING.store(false, Ordering::Relaxed);
    Ok(yes)
}

/// A line from stdin; empty at its end.
fn read_line() -> String {
    let mut line = String::new();
    // An answer that cannot be read means no.
    let _ = std::io::stdin().lock().read_line(&mut line);
    line
}
