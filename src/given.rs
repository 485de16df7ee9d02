//! The options that the user gave to the command that runs, for advice to run it again.

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use crate::shell::quoted;

/// Options that change what is shown, and not what is done.
const ONLY_SHOW: [&str; 2] = ["plan", "show-commands"];

/// A command and the options that were given to it, without the global ones.
#[derive(Debug, Clone, Default)]
pub struct GivenOptions {
    /// The command's words, for example `local start`.
    command: String,
    /// What was given, as it is typed: `--max-receives 5`, `--adopt`, `processor`.
    options: Vec<String>,
    /// The same, as the words that the program was given: `--max-receives`, `5`.
    words: Vec<String>,
}

impl GivenOptions {
    /// The options in `matches`, the result of parsing a command line by this definition.
    pub fn of(program: &Command, matches: &ArgMatches) -> Self {
        let (mut definition, mut matches) = (program, matches);
        let mut words = Vec::new();
        while let Some((name, below)) = matches.subcommand()
            && let Some(found) = definition.find_subcommand(name)
        {
            words.push(name);
            (definition, matches) = (found, below);
        }
        let own: Vec<&Arg> = definition
            .get_arguments()
            .filter(|arg| {
                let is_given =
                    matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
                is_given && !arg.is_global_set()
            })
            .collect();
        let typed = own.iter().filter_map(|arg| typed(arg, matches));
        Self {
            command: words.join(" "),
            options: typed.collect(),
            words: own
                .iter()
                .flat_map(|arg| given_words(arg, matches))
                .collect(),
        }
    }

    /// Those of the given options that have these long names, as they are typed.
    pub fn named(&self, names: &[&str]) -> Vec<&str> {
        let is_named = |option: &&String| {
            let name = option.split(' ').next().unwrap_or_default();
            names.contains(&name.trim_start_matches('-'))
        };
        self.options
            .iter()
            .filter(is_named)
            .map(String::as_str)
            .collect()
    }

    /// The options as the words that the program was given, to be parsed again.
    pub fn words(&self) -> &[String] {
        &self.words
    }

    /// The command with what it was given, if it is the one that runs, and with these options, which
    /// replace those of the same name: `up --max-receives 5 --adopt`.
    pub fn again(&self, command: &str, with: &[&str]) -> String {
        let name = |option: &str| option.split(' ').next().unwrap_or_default().to_owned();
        let given = self.options.iter().filter(|given| {
            let is_replaced = with.iter().any(|option| name(option) == name(given));
            self.command == command && !is_replaced
        });
        let given = given.map(String::as_str);
        let words: Vec<&str> = std::iter::once(command)
            .chain(given)
            .chain(with.iter().copied())
            .collect();
        words.join(" ")
    }
}

/// An option and its value as they are typed; `None` for one that only shows something.
fn typed(arg: &Arg, matches: &ArgMatches) -> Option<String> {
    let values = matches.get_raw(arg.get_id().as_str())?;
    let values: Vec<_> = values.map(|value| value.to_string_lossy()).collect();
    let value = quoted(&values.join(","));
    match arg.get_long() {
        Some(name) if ONLY_SHOW.contains(&name) => None,
        Some(name) if !arg.get_action().takes_values() => Some(format!("--{name}")),
        Some(name) if arg.get_value_delimiter().is_some() => Some(format!("--{name} {value}")),
        Some(name) => {
            let each = values
                .iter()
                .map(|value| format!("--{name} {}", quoted(value)));
            Some(each.collect::<Vec<_>>().join(" "))
        }
        None => Some(value),
    }
}

/// An option with its values as separate words.
fn given_words(arg: &Arg, matches: &ArgMatches) -> Vec<String> {
    let values = matches.get_raw(arg.get_id().as_str()).into_iter().flatten();
    let values = values.map(|value| value.to_string_lossy().into_owned());
    match arg.get_long() {
        Some(name) if !arg.get_action().takes_values() => vec![format!("--{name}")],
        // With `=`, a value may begin with a dash.
        Some(name) => values.map(|value| format!("--{name}={value}")).collect(),
        None => values.collect(),
    }
}

#[cfg(test)]
mod tests {
    use clap::{Arg, ArgAction};

    use super::*;

    fn given(line: &str) -> GivenOptions {
        let option = |name: &'static str| Arg::new(name).long(name);
        let flag = |name| option(name).action(ArgAction::SetTrue);
        let up = Command::new("up").args([
            flag("adopt"),
            flag("plan"),
            option("memory").default_value("256"),
            option("faults").value_delimiter(','),
            option("handlers"),
        ]);
        let logs = Command::new("logs").arg(Arg::new("function"));
        let program = Command::new("orders-lab")
            .arg(option("lab").global(true))
            .subcommand(up)
            .subcommand(Command::new("local").subcommand(logs));
        let matches = program.clone().get_matches_from(line.split(' '));
        GivenOptions::of(&program, &matches)
    }

    #[test]
    fn a_command_is_repeated_with_its_options() {
        let up = given("orders-lab up --lab ann --plan --adopt --handlers=/my;dir --faults a,b");
        let again = "up --adopt --faults a,b --handlers '/my;dir'";
        assert_eq!(up.again("up", &[]), again);
        assert_eq!(up.again("down", &[]), "down");
        let words = ["--adopt", "--handlers=/my;dir", "--faults=a", "--faults=b"];
        assert!(
            words
                .iter()
                .all(|word| up.words().contains(&(*word).to_owned()))
        );
        assert_eq!(up.named(&["adopt", "memory"]), ["--adopt"]);
        let logs = given("orders-lab local logs processor");
        assert_eq!(logs.again("local logs", &[]), "local logs processor");
    }

    #[test]
    fn options_can_be_added_and_replaced() {
        let up = given("orders-lab up --memory 512");
        let with = up.again("up", &["--adopt", "--memory 128"]);
        assert_eq!(with, "up --adopt --memory 128");
        let adopting = given("orders-lab up --adopt");
        assert_eq!(adopting.again("up", &["--adopt"]), "up --adopt");
    }
}
