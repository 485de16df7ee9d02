//! `completions`: the scripts with which shells complete command lines of this program.
//!
//! They are generated from the command definitions. What they cannot hold, the names of the
//! user's labs, they ask `orders-lab __labs` for.

use std::path::PathBuf;

use clap::{Arg, Args, Command, ValueEnum as _, ValueHint};
use clap_complete::{Generator as _, Shell, generate};

use crate::error::CommandError;
use crate::home;
use crate::ui::Report;

/// Stands for the names of labs until a script is done.
const LABS: &str = "LAB-NAMES";
/// What prints them.
const ASK: &str = "orders-lab __labs 2>/dev/null";

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

pub(super) fn completions(
    args: &CompletionsArgs,
    program: &Command,
) -> Result<Report, CommandError> {
    let name = program.get_name();
    if let Some(shell) = args.shell {
        let script = script(shell, program)?;
        return Ok(Report::good()
            .with("shell", shell.to_string())
            .with("script", &script)
            .raw(script));
    }
    let folder = args.dir.clone().unwrap_or_default();
    let mut written = Vec::new();
    for shell in Shell::value_variants() {
        let path = folder.join(shell.file_name(name));
        home::write_public(&path, &script(*shell, program)?)?;
        written.push(path.display().to_string());
    }
    Ok(Report::good()
        .with("written", &written)
        .text(format!("Wrote {}.", written.join(", "))))
}

/// A shell's script.
fn script(shell: Shell, program: &Command) -> Result<String, CommandError> {
    let mut offered = offered(program);
    let mut bytes = Vec::new();
    generate(shell, &mut offered, program.get_name(), &mut bytes);
    let script = String::from_utf8(bytes).map_err(|problem| {
        CommandError::bug("a completion script is not UTF-8").because(problem)
    })?;
    match shell {
        Shell::Bash => bash(&script),
        Shell::Zsh => insist(&script, &format!("({LABS})"), &format!("($({ASK}))")),
        Shell::Fish => fish(&script, &offered),
        // Their scripts complete no values.
        _ => Ok(script),
    }
}

/// What is offered of a command: nothing that is hidden, files only where files are meant, and at
/// `--lab` something that a script can replace by the names of labs.
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
    if argument.get_id() == "lab" {
        return argument.value_parser([LABS]).default_value(None::<&str>);
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

/// Mends what clap's script for bash gets wrong.
fn bash(script: &str) -> Result<String, CommandError> {
    let script = insist(script, LABS, &format!("$({ASK})"))?;
    // Of a name with a hyphen it makes two different ones, and then finds no subcommand.
    let script = script.replace("orders__subcmd__lab", "orders__lab");
    // bash takes `--target=aws` for three words, and the script for two.
    let previous = "    prev=\"$3\"\n";
    let option =
        "    if [[ \"${prev}\" == \"=\" ]]; then prev=\"${COMP_WORDS[COMP_CWORD-2]}\"; fi\n";
    insist(&script, previous, &format!("{previous}{option}"))
}

/// Mends what clap's script for fish leaves out.
fn fish(script: &str, offered: &Command) -> Result<String, CommandError> {
    let labs = format!("\"{LABS}\\t''\"");
    let mut script = insist(script, &labs, &format!("\"({ASK})\""))?;
    // An option whose value is still to come is taken for a wrong command line.
    let words = "argparse -s (__fish_orders_lab_global_optspecs) -- $cmd";
    let tried = format!("{words} 2>/dev/null\n");
    let with_value = format!("{tried}    or {words} '' 2>/dev/null\n");
    script = insist(&script, &tried, &with_value)?;
    // Files are offered where nothing else is known, and values without an option never.
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

/// Lines that offer the values of a command's arguments without a flag.
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

/// Replaces a text that must be there.
fn insist(script: &str, text: &str, replacement: &str) -> Result<String, CommandError> {
    if script.contains(text) {
        return Ok(script.replace(text, replacement));
    }
    Err(CommandError::bug(format!(
        "a completion script lacks {text:?}, which it was expected to have"
    )))
}
