//! One file per command: its flags, its help, and one function that does it and returns a
//! report.

pub mod down;
mod env;
pub mod local;
pub mod up;

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
        Command::Up(args) => up::up(args, surroundings).await,
        Command::Down(args) => down::down(args, surroundings).await,
        Command::Env => env::env(surroundings).await,
        Command::Local(command) => local::run(command, surroundings).await,
    }
}
