//! `completions`: the scripts that let shells complete command lines of this program.
//!
//! They are generated from the command definitions. The names of the user's labs and runs, which a
//! script cannot hold, come from `orders-lab __labs` and `orders-lab __runs`.

mod lists;

use std::path::PathBuf;

use clap::{Arg, Args, Command, ValueEnum as _, ValueHint};
use clap_complete::{Generator as _, Shell, generate};
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::CommandError;
use crate::home;
use crate::ui::Report;

pub(super) const EXAMPLES: &str = "\
Where to put the script:
  bash        ~/.local/share/bash-completion/completions/orders-lab
  zsh         _orders-lab, in a folder of $fpath
  fish        ~/.config/fish/completions/orders-lab.fish
  powershell  anywhere, and dot-source it in $PROFILE
  elvish      anywhere, and `eval (slurp < FILE)` in rc.elv

Examples:
  orders-lab completions bash            print it
  orders-lab completions --dir completions
                                         write those of all shells into a folder";

/// An option whose values are names that this program prints.
struct Names {
    /// The option.
    option: &'static str,
    /// What stands for the names while a script is generated.
    marker: &'static str,
    /// The command that prints them.
    command: &'static str,
}

const NAMES: [Names; 2] = [
    Names {
        option: "lab",
        marker: "LAB-NAMES",
        command: "orders-lab __labs 2>/dev/null",
    },
    Names {
        option: "run",
        marker: "RUN-NAMES",
        command: "orders-lab __runs 2>/dev/null",
    },
];

/// Flags of `completions`.
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Whose script to print
    #[arg(required_unless_present = "dir")]
    shell: Option<Shell>,
    /// Write the scripts of all shells into this folder instead
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath, conflicts_with = "shell")]
    dir: Option<PathBuf>,
}

/// A completion script, or the files that were written.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum CompletionsReport {
    /// The script for a shell.
    Script {
        /// The shell.
        shell: String,
        /// The script.
        script: String,
    },
    /// With `--dir`: what was written.
    Written {
        /// The paths of the scripts.
        written: Vec<String>,
    },
}

pub(super) fn completions(
    args: &CompletionsArgs,
    program: &Command,
) -> Result<Report<CompletionsReport>, CommandError> {
    let name = program.get_name();
    if let Some(shell) = args.shell {
        let script = script(shell, program)?;
        let report = CompletionsReport::Script {
            shell: shell.to_string(),
            script: script.clone(),
        };
        return Ok(Report::new(report).raw(script));
    }
    let folder = args.dir.clone().unwrap_or_default();
    let mut written = Vec::new();
    for shell in Shell::value_variants() {
        let path = folder.join(shell.file_name(name));
        home::write_public(&path, &script(*shell, program)?)?;
        written.push(path.display().to_string());
    }
    let text = format!("Wrote {}.", written.join(", "));
    Ok(Report::new(CompletionsReport::Written { written }).text(text))
}

/// The script for a shell.
fn script(shell: Shell, program: &Command) -> Result<String, CommandError> {
    let mut offered = offered(program);
    let mut bytes = Vec::new();
    generate(shell, &mut offered, program.get_name(), &mut bytes);
    let script = String::from_utf8(bytes).map_err(|problem| {
        CommandError::bug("a completion script is not UTF-8").because(problem)
    })?;
    match shell {
        Shell::Bash => bash(&lists::bash(script, &offered)?),
        Shell::Zsh => with_names(
            lists::zsh(script, &offered)?,
            |marker| format!("({marker})"),
            |command| format!("($({command}))"),
        ),
        Shell::Fish => fish(&lists::fish(&script, &offered)?, &offered),
        // The other scripts complete no values.
        _ => Ok(script),
    }
}

/// The command as it is completed: without hidden parts, with files only where a path is wanted, and
/// with a marker at each option of [`NAMES`].
fn offered(command: &Command) -> Command {
    let visible = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let mut offered = Command::new(command.get_name().to_owned())
        .visible_aliases(command.get_visible_aliases().map(str::to_owned))
        .disable_help_subcommand(true)
        .args(visible.cloned().map(offered_argument));
    if let Some(about) = command.get_about() {
        offered = offered.about(about.clone());
    }
    if let Some(version) = command.get_version() {
        offered = offered
            .version(version.to_owned())
            .propagate_version(command.is_propagate_version_set());
    }
    let visible = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    offered.subcommands(visible.map(self::offered))
}

fn offered_argument(argument: Arg) -> Arg {
    if let Some(names) = NAMES.iter().find(|names| argument.get_id() == names.option) {
        return argument
            .value_parser([names.marker])
            .default_value(None::<&str>);
    }
    let free = argument.get_action().takes_values()
        && argument.get_value_hint() == ValueHint::Unknown
        && argument.get_possible_values().is_empty();
    if free {
        argument.value_hint(ValueHint::Other)
    } else {
        argument
    }
}

/// Corrects clap's script for bash.
fn bash(script: &str) -> Result<String, CommandError> {
    // The script spells a name with a hyphen in two ways, and then finds no subcommand.
    let script = with_names(script.to_owned(), str::to_owned, |command| {
        format!("$({command})")
    })?
    .replace("orders__subcmd__lab", "orders__lab");
    // bash splits `--target=aws` into three words; the script expects two.
    let previous = "    prev=\"$3\"\n";
    let option =
        "    if [[ \"${prev}\" == \"=\" ]]; then prev=\"${COMP_WORDS[COMP_CWORD-2]}\"; fi\n";
    replace_required(&script, previous, &format!("{previous}{option}"))
}

/// Adds what clap's script for fish lacks.
fn fish(script: &str, offered: &Command) -> Result<String, CommandError> {
    let marked = |marker: &str| format!("\"{marker}\\t''\"");
    let named = with_names(script.to_owned(), marked, |command| {
        format!("\"({command})\"")
    })?;
    // The script rejects an option whose value is not typed yet.
    let words = "argparse -s (__fish_orders_lab_global_optspecs) -- $cmd";
    let tried = format!("{words} 2>/dev/null\n");
    let with_value = format!("{tried}    or {words} '' 2>/dev/null\n");
    let mut script = replace_required(&named, &tried, &with_value)?;
    // It offers files where it knows nothing else, and never completes positional arguments.
    script.push_str("complete -c orders-lab -f\n");
    for command in offered.get_subcommands() {
        let names = names(command);
        let seen = format!("__fish_orders_lab_using_subcommand {names}");
        script.push_str(&fish_values(&seen, command));
        for inner in command.get_subcommands() {
            let inner_names = self::names(inner);
            let seen = format!("{seen}; and __fish_seen_subcommand_from {inner_names}");
            script.push_str(&fish_values(&seen, inner));
        }
    }
    Ok(script)
}

/// A command's name and aliases.
fn names(command: &Command) -> String {
    let aliases = command.get_visible_aliases();
    let names: Vec<&str> = std::iter::once(command.get_name()).chain(aliases).collect();
    names.join(" ")
}

/// Lines that offer the values of a command's positional arguments.
fn fish_values(seen: &str, command: &Command) -> String {
    let values = command
        .get_positionals()
        .flat_map(Arg::get_possible_values)
        .map(|value| value.get_name().to_owned());
    let values: Vec<String> = values.collect();
    if values.is_empty() {
        return String::new();
    }
    format!(
        "complete -c orders-lab -n \"{seen}\" -f -a \"{}\"\n",
        values.join(" ")
    )
}

/// Puts the commands that print names where the markers are. `marked` and `printed` say how a shell
/// writes each.
fn with_names(
    script: String,
    marked: impl Fn(&str) -> String,
    printed: impl Fn(&str) -> String,
) -> Result<String, CommandError> {
    NAMES.iter().try_fold(script, |script, names| {
        replace_required(&script, &marked(names.marker), &printed(names.command))
    })
}

/// Replaces a text that the script must contain.
fn replace_required(script: &str, text: &str, replacement: &str) -> Result<String, CommandError> {
    if script.contains(text) {
        return Ok(script.replace(text, replacement));
    }
    Err(CommandError::bug(format!(
        "a completion script lacks {text:?}, which it was expected to have"
    )))
}
