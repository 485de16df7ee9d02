//! Options that take a list, such as `--faults a,b`: every value of it is completed, where clap's scripts
//! complete the first alone.

use clap::builder::PossibleValue;
use clap::{Arg, Command};

use super::replace_required;
use crate::error::CommandError;

/// The options of all subcommands that take some of a few values, separated by commas.
fn lists(program: &Command) -> impl Iterator<Item = &Arg> {
    let arguments = program.get_subcommands().flat_map(Command::get_arguments);
    arguments.filter(|arg| arg.get_value_delimiter() == Some(','))
}

/// The values of an option, each as `written`.
fn values(list: &Arg, separator: &str, written: impl Fn(&str, &str) -> String) -> String {
    let help = |value: &PossibleValue| value.get_help().map(ToString::to_string);
    let values = list.get_possible_values();
    let values = values
        .iter()
        .map(|value| written(value.get_name(), &help(value).unwrap_or_default()));
    values.collect::<Vec<_>>().join(separator)
}

/// The script for bash with lists.
pub(super) fn bash(script: String, program: &Command) -> Result<String, CommandError> {
    lists(program).try_fold(script, |script, list| {
        let names = values(list, " ", |name, _| name.to_owned());
        let first = format!("COMPREPLY=($(compgen -W \"{names}\" -- \"${{cur}}\"))");
        let each = format!(
            "\
local last=\"${{cur##*,}}\"
                    COMPREPLY=($(compgen -P \"${{cur%\"${{last}}\"}}\" -W \"{names}\" -- \"${{last}}\"))
                    if [[ \"${{BASH_VERSINFO[0]}}\" -ge 4 ]]; then
                        compopt -o nospace
                    fi"
        );
        replace_required(&script, &first, &each)
    })
}

/// The script for zsh with lists.
pub(super) fn zsh(script: String, program: &Command) -> Result<String, CommandError> {
    lists(program).try_fold(script, |script, list| {
        let described = values(list, "\n", |name, help| format!("{name}\\:\"{help}\""));
        let each = values(list, " ", |name, help| format!("\"{name}[{help}]\""));
        replace_required(
            &script,
            &format!("(({described}))"),
            &format!("_values -s , value {each}"),
        )
    })
}

/// What writes the values of a list in fish, each after those that are typed.
const FISH: &str = "\
function __fish_orders_lab_list
\tset -l typed (commandline -ct | string replace -r '^--[^=]*=' '' | string replace -r '[^,]*$' '')
\tprintf '%s\\n' \"$typed\"$argv
end

";

/// The script for fish with lists.
pub(super) fn fish(script: &str, program: &Command) -> Result<String, CommandError> {
    lists(program).try_fold(format!("{FISH}{script}"), |script, list| {
        let described =
            |separator| values(list, separator, |name, help| format!("{name}\\t'{help}'"));
        replace_required(
            &script,
            &format!("\"{}\"", described("\n")),
            &format!("\"(__fish_orders_lab_list {})\"", described(" ")),
        )
    })
}
