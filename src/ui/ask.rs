//! Asking before something is destroyed.

use std::io::{BufRead as _, IsTerminal as _};

use super::human::complain;
use crate::error::CommandError;

/// Asks a yes-or-no question in the terminal; the answer is no unless it is `y` or `yes`.
///
/// # Errors
/// When there is no terminal to ask in: then only `--yes` will do.
pub fn confirm(question: &str) -> Result<bool, CommandError> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(
            CommandError::usage(format!("{question} There is no terminal to ask in"))
                .hint("Give --yes if that is what you want."),
        );
    }
    complain(&format!("{question} [y/N] "));
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    Ok(read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes"))
}
