//! The command line: the types that clap fills, and their help.

use clap::{Parser, Subcommand};

use crate::commands;
use crate::exit;
use crate::globals::Globals;

/// Build, drive, inspect, mend and remove an event-driven order pipeline
///
/// A simulator function fills an SQS queue, a processor function stores each order in DynamoDB,
/// and bad orders end in a dead-letter queue. It runs in a local cloud inside this program, with
/// no account, or on AWS.
#[derive(Debug, Parser)]
#[command(name = "orders-lab", version, after_help = exit::HELP, propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub globals: Globals,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Create the lab, or complete it
    #[command(visible_alias = "provision")]
    Up(commands::up::UpArgs),
    /// Remove the lab, and look that it is gone
    #[command(visible_alias = "cleanup")]
    Down(commands::down::DownArgs),
    /// Print shell exports with which any AWS tool talks to the lab's target
    Env,
    /// The local cloud itself
    #[command(subcommand)]
    Local(commands::local::LocalCommand),
}

impl Command {
    /// The command's name in JSON documents.
    pub fn name(&self) -> String {
        match self {
            Self::Up(_) => "up".to_owned(),
            Self::Down(_) => "down".to_owned(),
            Self::Env => "env".to_owned(),
            Self::Local(command) => format!("local {}", command.name()),
        }
    }
}
