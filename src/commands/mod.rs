//! One file per command: its flags, its help, and one function that does it and returns a
//! report.

pub mod local;

use crate::cli::Command;
use crate::context::Surroundings;
use crate::error::CommandError;
use crate::ui::Report;

/// Runs a command.
///
/// # Errors
/// Whatever ends the command before it has a report.
pub async fn run(command: &Command, surroundings: &Surroundings) -> Result<Report, CommandError> {
    match command {
        Command::Local(command) => local::run(command, surroundings).await,
    }
}
