//! Asking before something is destroyed, or before the first change to somebody's account.

use std::io::{BufRead as _, IsTerminal as _};

use tokio_util::sync::CancellationToken;

use super::human::complain;
use super::table::printable;
use super::wrap::wrap;
use super::{Events, terminal};
use crate::error::CommandError;

/// Asks a yes-or-no question in the terminal, once all that was told before is shown; the answer
/// is no unless it is `y` or `yes`.
///
/// # Errors
/// When there is no terminal to ask in: then only `--yes` will do. When the user interrupts.
pub async fn confirm(
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
    events.wait_until_shown();
    let question = format!("{} [y/N]", printable(question));
    let question = wrap(&question, 0, terminal::width(std::io::stderr()));
    complain(&format!("{question} "));
    tokio::select! {
        // A read that nobody waits for any more ends with the program.
        answer = tokio::task::spawn_blocking(read_line) => {
            let answer = answer.unwrap_or_default();
            Ok(matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
        }
        () = cancel.cancelled() => {
            complain("\n");
            Err(CommandError::interrupted("interrupted; nothing was changed"))
        }
    }
}

/// A line of the terminal's; empty at its end.
fn read_line() -> String {
    let mut line = String::new();
    // What cannot be read is no yes.
    let _ = std::io::stdin().lock().read_line(&mut line);
    line
}
