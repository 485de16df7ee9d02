//! Asking before something is destroyed, or before the first change to somebody's account.

use std::io::{BufRead as _, IsTerminal as _};
use std::sync::atomic::{AtomicBool, Ordering};

use tokio_util::sync::CancellationToken;

use super::human::complain;
use super::table::printable;
use super::wrap::wrap;
use super::{Events, terminal};
use crate::error::CommandError;

/// Whether a question stands in the terminal and its answer is waited for.
static ASKING: AtomicBool = AtomicBool::new(false);

/// Whether the user is being asked, so that an interruption is an answer.
pub fn is_asking() -> bool {
    ASKING.load(Ordering::Relaxed)
}

/// Asks whether to go on, and ends the command where the answer is not yes, or the user
/// interrupts. `stands` says what stands then, for example `nothing was removed`.
///
/// # Errors
/// When the answer is no, which is an interruption by the user as Ctrl-C is. When there is no
/// terminal to ask in.
pub async fn consent(
    question: &str,
    stands: &str,
    events: &Events,
    cancel: &CancellationToken,
) -> Result<(), CommandError> {
    if confirm(question, events, cancel).await? {
        Ok(())
    } else {
        Err(CommandError::interrupted(stands))
    }
}

/// Asks a yes-or-no question in the terminal, once all that was told before is shown; the answer
/// is no unless it is `y` or `yes`, and where the user interrupts.
///
/// # Errors
/// When there is no terminal to ask in: then only `--yes` will do.
async fn confirm(
    question: &str,
    events: &Events,
    cancel: &CancellationToken,
) -> Result<bool, CommandError> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(
            CommandError::usage(format!("there is no terminal to ask in: {question}"))
                .hint("Say --yes if that is what you want."),
        );
    }
    events.wait_until_shown().await;
    let question = format!("{} [y/N]", printable(question));
    let question = wrap(&question, 0, terminal::width(std::io::stderr()));
    ASKING.store(true, Ordering::Relaxed);
    complain(&format!("{question} "));
    let yes = tokio::select! {
        // A read that nobody waits for any more ends with the program.
        answer = tokio::task::spawn_blocking(read_line) => {
            let answer = answer.unwrap_or_default();
            matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
        }
        () = cancel.cancelled() => {
            complain("\n");
            false
        }
    };
    ASKING.store(false, Ordering::Relaxed);
    Ok(yes)
}

/// A line of the terminal's; empty at its end.
fn read_line() -> String {
    let mut line = String::new();
    // What cannot be read is no yes.
    let _ = std::io::stdin().lock().read_line(&mut line);
    line
}
