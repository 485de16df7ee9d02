//! The top of the command line.

use clap::{Arg, Args as _, CommandFactory as _, Parser};

use crate::commands::{Command, demo};
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

/// The command whose help explains the global options.
const OPTIONS: &str = "options";

/// What every help text says of the global options.
const GLOBALS: &str = "\
Global options: --lab, --target, --json, …; `orders-lab help options` has all";

/// The command line as it is parsed, and as its help shows it: each command with its own options, and
/// the global ones in one line. `Cli::command()` has these in full, for completion scripts, manual
/// pages and the reference.
pub fn command() -> clap::Command {
    let folded = Cli::command().mut_args(|arg| {
        let is_global = arg.is_global_set();
        arg.hide(is_global)
    });
    let options = clap::Command::new(OPTIONS)
        .about("Options of every command")
        .hide(true)
        .arg_required_else_help(true);
    short(folded).subcommand(Globals::augment_args(options))
}

/// The same command with a help text that is short, whether it is asked for with `-h` or `--help`: what
/// does not fit one line about the command comes after its options, and a value of an option has no
/// line for itself.
fn short(command: clap::Command) -> clap::Command {
    let text = |part: Option<&clap::builder::StyledStr>| part.map(ToString::to_string);
    let about = text(command.get_about()).unwrap_or_default();
    let details = text(command.get_long_about())
        .and_then(|long| Some(long.strip_prefix(&about)?.trim().to_owned()));
    let after = text(command.get_after_help());
    let end = [details, Some(GLOBALS.to_owned()), after];
    let end: Vec<String> = end.into_iter().flatten().collect();
    command
        .long_about(None::<&str>)
        .after_help(end.join("\n\n"))
        .mut_args(|arg| with_negative_values(in_one_line(arg)))
        .mut_subcommands(short)
}

/// The same option with its values in one line.
fn in_one_line(arg: Arg) -> Arg {
    let values = arg.get_possible_values();
    let are_explained = values.iter().any(|value| value.get_help().is_some());
    if arg.is_hide_set() || !are_explained {
        return arg;
    }
    let names: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let help = format!("{help} [possible values: {}]", names.join(", "));
    arg.help(help).hide_possible_values(true)
}

/// The same option, which takes what begins with a hyphen where it wants a number or a duration: its
/// parser then says what is allowed, and clap does not look for an option named `-5`.
fn with_negative_values(arg: Arg) -> Arg {
    let names = arg.get_value_names().unwrap_or_default();
    match names.first().map(|name| name.as_str()) {
        Some("N" | "SECONDS" | "MB" | "DAYS" | "PORT" | "SHARE") => {
            arg.allow_negative_numbers(true)
        }
        Some("TIME") => arg.allow_hyphen_values(true),
        _ => arg,
    }
}

/// The end of the program's help.
fn ending() -> String {
    format!(
        "\
Examples:
  orders-lab demo                        all in one go, in {}
  orders-lab up                          build it in the local cloud
  orders-lab simulate --count 20         send orders, and follow each
  orders-lab dlq                         the bad ones, and why they are bad
  orders-lab down                        remove everything

{}",
        demo::TAKES,
        exit::HELP
    )
}
