//! `docs/reference.md`, made from the definition of the command line.

use std::fmt::Write as _;

use clap::{Arg, Command};

const BEGINNING: &str = "\
# Reference

Every command with its options, defaults and examples. `orders-lab help COMMAND` prints the same.
`orders-lab` alone prints where to begin, and `orders-lab local` alone its commands; both end with 0.

This file is generated from the definitions in `src/`. After a change,
`ORDERS_LAB_WRITE_DOCS=1 cargo test --test all reference` writes it; without the variable, the same test
fails where it is out of date.

";

/// The text of `docs/reference.md`.
pub(crate) fn markdown(mut program: Command) -> String {
    program = program.disable_help_subcommand(true);
    program.build();
    let mut text = BEGINNING.to_owned();
    text.push_str("## Commands\n\n| Command | What it does |\n|---|---|\n");
    for (words, command) in commands(&program) {
        let title = words.join(" ");
        let anchor = format!("orders-lab {title}").replace(' ', "-");
        let about = about(command);
        let _ = writeln!(text, "| [`{title}`](#{anchor}) | {about} |");
    }
    text.push_str("\n## Global options\n\nEvery command takes these.\n\n");
    text.push_str(&options(&program, true));
    text.push_str("\n## Exit codes\n\n");
    text.push_str(&exit_codes(&program));
    for (words, command) in commands(&program) {
        let _ = write!(text, "\n## `orders-lab {}`\n\n", words.join(" "));
        text.push_str(&section(command));
    }
    text
}

/// The visible commands that do something, in the order of the help.
fn commands(program: &Command) -> Vec<(Vec<String>, &Command)> {
    let visible = program.get_subcommands().filter(|sub| !sub.is_hide_set());
    let mut all = Vec::new();
    for sub in visible {
        let name = sub.get_name().to_owned();
        all.push((vec![name.clone()], sub));
        let inner = commands(sub).into_iter();
        all.extend(inner.map(|(words, command)| {
            let words = std::iter::once(name.clone()).chain(words);
            (words.collect(), command)
        }));
    }
    all
}

fn section(command: &Command) -> String {
    let text = |part: Option<&clap::builder::StyledStr>| part.map(ToString::to_string);
    let long = text(command.get_long_about()).or_else(|| text(command.get_about()));
    let mut section = format!("{}.\n", long.unwrap_or_default().trim_end_matches('.'));
    let aliases: Vec<&str> = command.get_visible_aliases().collect();
    if !aliases.is_empty() {
        let _ = write!(section, "\nAlso called `{}`.\n", aliases.join("`, `"));
    }
    let usage = command.clone().render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ");
    let _ = write!(section, "\n```\n{usage}\n```\n");
    let table = options(command, false);
    if !table.is_empty() {
        let _ = write!(section, "\n{table}");
    }
    let after = text(command.get_after_help()).unwrap_or_default();
    for paragraph in after.split("\n\n") {
        let _ = write!(section, "\n{}", paragraph_text(paragraph));
    }
    section
}

/// A paragraph of a help text: a heading with lines that stay as they are, or a sentence.
fn paragraph_text(paragraph: &str) -> String {
    match paragraph.split_once('\n') {
        Some((heading, lines)) if heading.ends_with(':') => {
            format!("{heading}\n\n```\n{lines}\n```\n")
        }
        _ => format!("{paragraph}\n"),
    }
}

/// A table of a command's arguments and options: the global ones, or its own.
fn options(command: &Command, global: bool) -> String {
    let shown = command.get_arguments().filter(|arg| {
        let is_standard = matches!(arg.get_id().as_str(), "help" | "version");
        !arg.is_hide_set() && !is_standard && arg.is_global_set() == global
    });
    let rows: Vec<String> = shown.map(row).collect();
    if rows.is_empty() {
        return String::new();
    }
    format!(
        "| Option | Meaning | Default |\n|---|---|---|\n{}",
        rows.concat()
    )
}

fn row(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    // Some defaults cannot be told as a value, and stand in the text.
    let (help, told) = match help.rsplit_once(" [default: ") {
        Some((help, told)) => (help.to_owned(), told.trim_end_matches(']').to_owned()),
        None => (help, String::new()),
    };
    let defaults = arg
        .get_default_values()
        .iter()
        .map(|value| value.to_string_lossy());
    let is_valued = arg.get_action().takes_values();
    let defaults: Vec<_> = defaults.filter(|_| is_valued).collect();
    let default = if defaults.is_empty() {
        told
    } else {
        format!("`{}`", defaults.join(","))
    };
    let values = arg.get_possible_values();
    let values: Vec<String> = values.iter().filter(|_| is_valued).map(value).collect();
    let values = if values.is_empty() {
        String::new()
    } else {
        format!("<br>Values: {}", values.join("; "))
    };
    let variable = arg.get_env().map_or_else(String::new, |name| {
        format!("<br>Environment: `{}`", name.to_string_lossy())
    });
    let meaning = format!("{help}{values}{variable}")
        .replace('|', "\\|")
        .replace('\n', " ");
    let short = arg
        .get_short()
        .map_or_else(String::new, |short| format!("-{short}, "));
    format!("| `{short}{arg}` | {meaning} | {default} |\n")
}

/// A possible value with its meaning.
fn value(value: &clap::builder::PossibleValue) -> String {
    let name = value.get_name();
    match value.get_help() {
        Some(help) => format!("`{name}` ({help})"),
        None => format!("`{name}`"),
    }
}

fn about(command: &Command) -> String {
    command
        .get_about()
        .map(ToString::to_string)
        .unwrap_or_default()
}

/// The exit codes as a table, from the program's help.
fn exit_codes(program: &Command) -> String {
    let help = program
        .get_after_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let codes = help.split("Exit codes:\n").nth(1).unwrap_or_default();
    let rows: Vec<String> = codes
        .lines()
        .filter_map(|line| line.trim().split_once(' '))
        .map(|(code, meaning)| format!("| {code} | {} |\n", meaning.trim()))
        .collect();
    format!("| Code | Meaning |\n|---|---|\n{}", rows.concat())
}
