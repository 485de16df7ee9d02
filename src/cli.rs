//! The top of the command line.

use clap::Parser;

use crate::commands::Command;
use crate::exit;
use crate::globals::Globals;

/// Build, drive, inspect, repair and remove an event-driven order pipeline
///
/// A simulator function fills an SQS queue, a processor function stores each order in DynamoDB,
/// and bad orders end in a dead-letter queue. It runs in a local cloud inside this program, with
/// no account, or on AWS.
#[derive(Debug, Parser)]
#[command(name = "orders-lab", version, after_help = ending(), propagate_version = true, max_term_width = 80)]
pub struct Cli {
    /// The global flags.
    #[command(flatten)]
    pub globals: Globals,

    /// The command.
    #[command(subcommand)]
    pub command: Command,
}

/// The end of the program's help.
fn ending() -> String {
    format!("{EXAMPLES}\n\n{}", exit::HELP)
}

const EXAMPLES: &str = "\
Examples:
  orders-lab demo                        the whole lab in one go, in a minute
  orders-lab up                          build it in the local cloud
  orders-lab simulate --count 20         send orders, and follow each
  orders-lab dlq                         the bad ones, and why they are bad
  orders-lab down                        remove everything";
