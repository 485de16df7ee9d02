//! The answer to a command line that names nothing to run: help, the version, or what is wrong with it.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind as ClapError};
use clap::{Command, ValueEnum as _};

use super::overview;
use crate::cli;
use crate::error::CommandError;
use crate::globals::{Color, Globals, Progress, TargetKind};
use crate::ui::{Members, Report, Style, sentence};

/// Words that other tools use, and the command that does the same here.
const MEANT: &[(&[&str], &str)] = &[
    (&["apply", "build", "create", "deploy", "init"], "up"),
    (&["clean", "delete", "destroy", "remove", "rm"], "down"),
    (&["generate", "run", "send"], "simulate"),
    (&["dead-letters", "dql", "inspect"], "dlq"),
    (&["replay", "requeue", "retry"], "redrive"),
    (&["check", "verify"], "audit"),
    (&["describe", "info", "show"], "status"),
    (&["log", "tail"], "logs"),
    (&["labs", "ls"], "list"),
];

/// Options that take a number which people give without the option's name.
const OF_NUMBERS: [&str; 3] = ["count", "limit", "order"];

/// The global options of a command line that cannot be parsed, as far as they can be told.
fn globals(arguments: &[OsString]) -> Globals {
    let words = arguments.iter().map(|argument| argument.to_string_lossy());
    let words: Vec<_> = words.collect();
    let value =
        |option: &str| {
            let mut values = words.iter().enumerate().filter_map(|(at, word)| {
                match word.strip_prefix(option)? {
                    "" => words.get(at + 1).map(|value| value.to_string()),
                    rest => rest.strip_prefix('=').map(str::to_owned),
                }
            });
            values.next_back()
        };
    let lab = value("--lab").and_then(|lab| lab.parse().ok());
    let target = value("--target").and_then(|kind| TargetKind::from_str(&kind, true).ok());
    let color = value("--color").and_then(|color| Color::from_str(&color, true).ok());
    Globals {
        lab: lab.unwrap_or_default(),
        target,
        profile: value("--profile"),
        region: value("--region"),
        json: words.iter().any(|word| word == "--json"),
        color: color.unwrap_or_default(),
        progress: Progress::None,
        ..Globals::default()
    }
}

/// How output looks as far as a command line that cannot be parsed says so.
pub(super) fn style(arguments: &[OsString]) -> Style {
    Style::choose(&globals(arguments), &|name| std::env::var(name).ok())
}

/// What such a command line is answered with, and how.
pub(super) fn answer(
    problem: &clap::Error,
    arguments: &[OsString],
) -> (Style, Result<Report, CommandError>) {
    if problem.kind() == ClapError::InvalidSubcommand
        && let Some(rest) = without_help(arguments)
        && let Err(problem) = super::parse(&rest)
    {
        return answer(&problem, &rest);
    }
    let style = style(arguments);
    let text = match problem.kind() {
        // The name of the program alone.
        ClapError::DisplayHelpOnMissingArgumentOrSubcommand if arguments.len() < 2 => {
            overview::text(style.stdout_color)
        }
        ClapError::DisplayHelp
        | ClapError::DisplayVersion
        | ClapError::DisplayHelpOnMissingArgumentOrSubcommand => {
            let text = problem.render();
            if style.stdout_color {
                text.ansi().to_string()
            } else {
                text.to_string()
            }
        }
        _ => return (style, Err(error(problem, arguments))),
    };
    // Help is no data, so `--json` does not apply to it.
    let style = Style {
        json: false,
        ..style
    };
    (style, Ok(Report::new(Members::new()).raw(text)))
}

/// The error for a wrong command line, from clap's text: the message comes before the first empty
/// line, and suggestions follow `tip:`.
pub(super) fn error(problem: &clap::Error, arguments: &[OsString]) -> CommandError {
    let text = problem.to_string();
    let lines = text.lines().map(str::trim);
    let message: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    let error = CommandError::usage(message.join(" ").trim_start_matches("error: "));
    let Named { words, command, .. } = named(arguments);
    let help = if is_about_global_option(problem, &command) {
        "`orders-lab help options` explains the global options.".to_owned()
    } else if words.is_empty() {
        "`orders-lab --help` lists commands and options.".to_owned()
    } else {
        format!("`orders-lab {} --help` lists its options.", words.join(" "))
    };
    let hints = match own_hint(problem, &command, arguments) {
        Some(hint) => vec![hint],
        None => suggestions(&text),
    };
    hints.into_iter().fold(error, CommandError::hint).hint(help)
}

/// Whether the value of a global option is wrong.
fn is_about_global_option(problem: &clap::Error, command: &Command) -> bool {
    let Some(ContextValue::String(wrong)) = problem.get(ContextKind::InvalidArg) else {
        return false;
    };
    let mut global = command.get_arguments().filter(|arg| arg.is_global_set());
    global.any(|arg| arg.to_string() == *wrong)
}

/// clap's suggestions.
fn suggestions(text: &str) -> Vec<String> {
    text.lines()
        .filter_map(|line| line.trim().strip_prefix("tip: "))
        // No value of this program begins with a hyphen.
        .filter(|tip| !tip.starts_with("to pass "))
        .map(sentence)
        .collect()
}

/// A suggestion that clap cannot make.
fn own_hint(problem: &clap::Error, command: &Command, arguments: &[OsString]) -> Option<String> {
    let text = |kind| match problem.get(kind)? {
        ContextValue::String(text) => Some(text.as_str()),
        _ => None,
    };
    let word = match problem.kind() {
        ClapError::InvalidSubcommand => {
            let (words, does) = meant(text(ContextKind::InvalidSubcommand)?, command)?;
            let globals = globals(arguments);
            let command = globals.command(&globals.lab, &words);
            return Some(format!("Try {command}: {does}."));
        }
        ClapError::UnknownArgument => text(ContextKind::InvalidArg)?,
        ClapError::InvalidValue if text(ContextKind::InvalidArg)?.starts_with('[') => {
            text(ContextKind::InvalidValue)?
        }
        _ => return None,
    };
    word.parse::<u64>().ok()?;
    let takes = |name: &&&str| {
        command
            .get_arguments()
            .any(|arg| arg.get_long() == Some(**name))
    };
    let option = OF_NUMBERS.iter().find(takes)?;
    Some(format!("Pass the number as `--{option} {word}`."))
}

/// The command that somebody means who gives `command` this unknown subcommand, and what it does.
fn meant(word: &str, command: &Command) -> Option<(String, String)> {
    let find = |command: &Command, name: &str| {
        let found = command.find_subcommand(name)?;
        Some(
            found
                .get_about()
                .map(ToString::to_string)
                .unwrap_or_default(),
        )
    };
    let (words, about) = match MEANT.iter().find(|(others, _)| others.contains(&word)) {
        Some((_, name)) => ((*name).to_owned(), find(command, name)?),
        None => {
            let local = command.find_subcommand("local")?;
            (format!("local {word}"), find(local, word)?)
        }
    };
    let mut letters = about.chars();
    let first = letters.next().into_iter().flat_map(char::to_lowercase);
    Some((words, first.chain(letters).collect()))
}

/// What a command line names.
struct Named {
    /// The commands.
    words: Vec<String>,
    /// The definition of the last.
    command: Command,
    /// The position of the word `help`, if it stands for a command.
    help: Option<usize>,
}

fn named(arguments: &[OsString]) -> Named {
    let mut command = cli::command();
    command.build();
    let (mut words, mut help) = (Vec::new(), None);
    let mut rest = arguments.iter().enumerate().skip(1);
    while let Some((at, word)) = rest.next() {
        let word = word.to_str().unwrap_or_default();
        if let Some(name) = word.strip_prefix("--") {
            let mut options = command.get_arguments();
            if options.any(|arg| arg.get_long() == Some(name) && arg.get_action().takes_values()) {
                rest.next();
            }
        } else if word == "help" {
            help = help.or(Some(at));
        } else if let Some(found) = command.find_subcommand(word).cloned() {
            words.push(found.get_name().to_owned());
            command = found;
        }
    }
    Named {
        words,
        command,
        help,
    }
}

/// The command line without the word `help`, if it has one: what is wrong with `nope` is wrong with
/// `help nope`, and `help --help` asks for help.
fn without_help(arguments: &[OsString]) -> Option<Vec<OsString>> {
    let help = named(arguments).help?;
    let rest = arguments.iter().enumerate().filter(|(at, _)| *at != help);
    Some(rest.map(|(_, word)| word.clone()).collect())
}

#[cfg(test)]
mod tests;
