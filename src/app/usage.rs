//! The answer to a command line that names nothing to run: help, the version, or what is wrong with it.

use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, ErrorKind as ClapError};
use clap::{Command, ValueEnum as _};

use super::overview;
use crate::cli;
use crate::error::CommandError;
use crate::globals::{Color, Globals, Progress};
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

/// How output looks as far as a command line that cannot be parsed says so.
pub(super) fn style(arguments: &[OsString]) -> Style {
    let words = arguments.iter().map(|argument| argument.to_string_lossy());
    let words: Vec<_> = words.collect();
    let mut colors = words.iter().enumerate().filter_map(|(at, word)| {
        let value = match word.strip_prefix("--color")? {
            "" => words.get(at + 1)?.as_ref(),
            rest => rest.strip_prefix('=')?,
        };
        Color::from_str(value, true).ok()
    });
    let globals = Globals {
        json: words.iter().any(|word| word == "--json"),
        color: colors.next_back().unwrap_or_default(),
        progress: Progress::None,
        ..Globals::default()
    };
    Style::choose(&globals, &|name| std::env::var(name).ok())
}

/// What such a command line is answered with, and how.
pub(super) fn answer(
    problem: &clap::Error,
    arguments: &[OsString],
) -> (Style, Result<Report, CommandError>) {
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
    (style, Ok(Report::new(Members::new()).help(text)))
}

/// The error for a wrong command line, from clap's text: the message comes before the first empty
/// line, and suggestions follow `tip:`.
pub(super) fn error(problem: &clap::Error, arguments: &[OsString]) -> CommandError {
    let text = problem.to_string();
    let lines = text.lines().map(str::trim);
    let message: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    let error = CommandError::usage(message.join(" ").trim_start_matches("error: "));
    let (words, command) = named(arguments);
    let help = if is_about_global_option(problem, &command) {
        "`orders-lab help options` explains the global options.".to_owned()
    } else if words.is_empty() {
        "`orders-lab --help` lists commands and options.".to_owned()
    } else {
        format!("`orders-lab {} --help` lists its options.", words.join(" "))
    };
    let hints = match own_hint(problem, &command) {
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
fn own_hint(problem: &clap::Error, command: &Command) -> Option<String> {
    let text = |kind| match problem.get(kind)? {
        ContextValue::String(text) => Some(text.as_str()),
        _ => None,
    };
    let word = match problem.kind() {
        ClapError::InvalidSubcommand => {
            return meant(text(ContextKind::InvalidSubcommand)?, command);
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

/// The command that somebody means who gives `command` this unknown subcommand.
fn meant(word: &str, command: &Command) -> Option<String> {
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
    let does: String = first.chain(letters).collect();
    Some(format!("Try `orders-lab {words}`: {does}."))
}

/// The commands that a command line names, and the definition of the last.
fn named(arguments: &[OsString]) -> (Vec<String>, Command) {
    let mut command = cli::command();
    command.build();
    let mut words = Vec::new();
    let mut rest = arguments.iter().skip(1).filter_map(|word| word.to_str());
    while let Some(word) = rest.next() {
        if let Some(name) = word.strip_prefix("--") {
            let mut options = command.get_arguments();
            if options.any(|arg| arg.get_long() == Some(name) && arg.get_action().takes_values()) {
                rest.next();
            }
        } else if let Some(found) = command.find_subcommand(word).cloned() {
            words.push(found.get_name().to_owned());
            command = found;
        }
    }
    (words, command)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wrong(line: &[&str]) -> CommandError {
        let arguments: Vec<OsString> = line.iter().map(OsString::from).collect();
        let problem = super::super::parse(&arguments).expect_err("it is wrong");
        error(&problem, &arguments)
    }

    #[test]
    fn suggestions_become_hints() {
        for (line, meant) in [
            (&["orders-lab", "simulat"][..], "'simulate'"),
            (&["orders-lab", "dlp"], "'dlq'"),
            (&["orders-lab", "local", "statsu"], "'status'"),
            (&["orders-lab", "simulate", "--cuont", "3"], "'--count'"),
            (&["orders-lab", "up", "--target", "loca"], "'local'"),
            (&["orders-lab", "simulate", "20"], "`--count 20`"),
            (&["orders-lab", "dlq", "5"], "`--limit 5`"),
            (
                &["orders-lab", "logs", "100000000001"],
                "`--order 100000000001`",
            ),
            (&["orders-lab", "destroy"], "`orders-lab down`"),
            (&["orders-lab", "delete"], "`orders-lab down`"),
            (&["orders-lab", "deploy"], "`orders-lab up`"),
            (&["orders-lab", "create"], "`orders-lab up`"),
            (&["orders-lab", "dql"], "`orders-lab dlq`"),
            (&["orders-lab", "serve"], "`orders-lab local serve`"),
        ] {
            let error = wrong(line);
            let hint = &error.hints[0];
            assert!(hint.contains(meant), "{line:?}: {hint}");
            assert!(hint.ends_with('.') && hint.starts_with(char::is_uppercase));
        }
    }

    #[test]
    fn values_say_what_is_allowed() {
        for (value, words) in [
            (
                "abc",
                "abc is not a whole number; give one between 1 and 10,000,000",
            ),
            ("0", "0 is not between 1 and 10,000,000"),
            ("-5", "-5 is not between 1 and 10,000,000"),
        ] {
            let error = wrong(&["orders-lab", "simulate", "--count", value]);
            assert!(error.message.ends_with(words), "{}", error.message);
        }
    }

    #[test]
    fn negative_values_are_no_options() {
        for (line, words) in [
            (
                &["local", "fast-forward", "-5s"][..],
                "a duration cannot be negative",
            ),
            (
                &["local", "fast-forward", "-5"],
                "a duration cannot be negative",
            ),
            (
                &["simulate", "--timeout", "-1m"],
                "a duration cannot be negative",
            ),
            (
                &["logs", "--since", "-x"],
                "give a duration such as 30s, 2m, 12h or 2d",
            ),
            (&["dlq", "--limit", "-1"], "-1 is not 0 or more"),
            (&["simulate", "--seed", "-1"], "-1 is not 0 or more"),
            (
                &["simulate", "--fault-rate", "-0.1"],
                "give a share from 0 to 1, such as 0.1",
            ),
            (
                &["up", "--max-receives", "-1"],
                "-1 is not between 1 and 1,000",
            ),
            (&["up", "--speed", "-1"], "-1 is not between 1 and 1,000"),
            (
                &["local", "start", "--port", "-1"],
                "-1 is not between 1 and 65,535",
            ),
            (&["cost", "--days", "-1"], "-1 is not between 0 and 3,660"),
        ] {
            let error = wrong(&[&["orders-lab"], line].concat());
            assert!(
                error.message.ends_with(words),
                "{line:?}: {}",
                error.message
            );
        }
        // An option that follows is none of their values.
        let line = ["orders-lab", "local", "fast-forward", "--json", "30s", "-v"];
        assert!(super::super::parse(&line.map(OsString::from)).is_ok());
    }

    #[test]
    fn a_missing_argument_is_named() {
        let error = wrong(&["orders-lab", "local", "fast-forward"]);
        assert!(error.message.ends_with("<TIME>"), "{}", error.message);
    }

    #[test]
    fn the_list_of_global_options_is_offered() {
        let error = wrong(&["orders-lab", "up", "--target", "moon"]);
        let last = error.hints.last().map(String::as_str);
        let explains = "`orders-lab help options` explains the global options.";
        assert_eq!(last, Some(explains));
    }

    #[test]
    fn the_help_of_the_command_is_offered() {
        let line = [
            "orders-lab",
            "--lab",
            "up",
            "local",
            "start",
            "--speed",
            "x",
        ];
        let error = wrong(&line);
        let last = error.hints.last().map(String::as_str);
        assert_eq!(
            last,
            Some("`orders-lab local start --help` lists its options.")
        );
    }
}
