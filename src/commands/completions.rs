//! `completions`: the scripts with which shells complete command lines of this program.
//!
//! They are generated from the command definitions. What they cannot hold, the names of the
//! user's labs, they ask `orders-lab __labs` for.

use std::path::PathBuf;

use clap::{Args, Command, ValueEnum as _, ValueHint};
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
        Shell::Bash => {
            let script = insist(&script, LABS, &format!("$({ASK})"))?;
            // bash takes `--target=aws` for three words, and clap's script for two.
            let line = "    prev=\"$3\"\n";
            let equals = "    if [[ \"${prev}\" == \"=\" ]]; then prev=\"${COMP_WORDS[COMP_CWORD-2]}\"; fi\n";
            insist(&script, line, &format!("{line}{equals}"))
        }
        Shell::Zsh => insist(&script, &format!("({LABS})"), &format!("($({ASK}))")),
        Shell::Fish => insist(
            &script,
            &format!("\"{LABS}\\t''\""),
            &format!("\"({ASK})\""),
        ),
        // Their scripts complete no values.
        _ => Ok(script),
    }
}

/// What is offered of a command: nothing that is hidden, and at `--lab` something that a script
/// can replace by the names of labs.
fn offered(command: &Command) -> Command {
    let mut offered = Command::new(command.get_name().to_owned())
        .visible_aliases(command.get_visible_aliases().map(str::to_owned))
        .disable_help_subcommand(true)
        .args(command.get_arguments().filter(|arg| !arg.is_hide_set()));
    if let Some(about) = command.get_about() {
        offered = offered.about(about.clone());
    }
    if let Some(version) = command.get_version() {
        offered = offered
            .version(version.to_owned())
            .propagate_version(command.is_propagate_version_set());
    }
    if command.get_arguments().any(|arg| arg.get_id() == "lab") {
        offered = offered.mut_arg("lab", |arg| {
            arg.value_parser([LABS]).default_value(None::<&str>)
        });
    }
    let visible = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    offered.subcommands(visible.map(self::offered))
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
