//! `man`: the manual pages, generated from the command definitions.

use std::io;
use std::path::{Path, PathBuf};

use clap::{Args, Command, ValueHint};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use schemars::JsonSchema;
use serde::Serialize;

use crate::error::CommandError;
use crate::home;
use crate::ui::{Report, counted};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab man | man -l -              show the main page
  orders-lab man --dir ~/.local/share/man/man1
                                         install a page for each command";

/// Flags of `man`.
#[derive(Debug, Args)]
pub struct ManArgs {
    /// Write the pages of all commands into this folder instead
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    dir: Option<PathBuf>,
}

/// A manual page, or the files that were written.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum ManReport {
    /// The main page.
    Page {
        /// The page, in roff.
        page: String,
    },
    /// With `--dir`: what was written.
    Written {
        /// The paths of the pages.
        written: Vec<String>,
    },
}

pub(super) fn man(args: &ManArgs, program: Command) -> Result<Report<ManReport>, CommandError> {
    let mut program = program.disable_help_subcommand(true);
    program.build();
    let Some(folder) = &args.dir else {
        let page = page(&program)?;
        return Ok(Report::new(ManReport::Page { page: page.clone() }).raw(page));
    };
    let mut written = Vec::new();
    write(&program, folder, &mut written)?;
    let text = format!(
        "Wrote {} to {}.",
        counted(written.len(), "page"),
        folder.display()
    );
    Ok(Report::new(ManReport::Written { written }).text(text))
}

/// Writes the pages of a command and its subcommands.
fn write(command: &Command, folder: &Path, written: &mut Vec<String>) -> Result<(), CommandError> {
    let path = folder.join(Man::new(command.clone()).get_filename());
    home::write_public(&path, &page(command)?)?;
    written.push(path.display().to_string());
    let visible = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    for subcommand in visible {
        write(subcommand, folder, written)?;
    }
    Ok(())
}

/// The page of a command, in roff.
fn page(command: &Command) -> Result<String, CommandError> {
    let mut bytes = Vec::new();
    let rendered = render(command, &mut bytes)
        .and_then(|()| String::from_utf8(bytes).map_err(io::Error::other));
    rendered.map_err(|problem| CommandError::bug("a page could not be made").because(problem))
}

fn render(command: &Command, bytes: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(command.clone()).manual("orders-lab manual");
    man.render_title(bytes)?;
    man.render_name_section(bytes)?;
    man.render_synopsis_section(bytes)?;
    man.render_description_section(bytes)?;
    man.render_options_section(bytes)?;
    if command.get_subcommands().any(|sub| !sub.is_hide_set()) {
        man.render_subcommands_section(bytes)?;
    }
    let ending = command.get_after_help().map(ToString::to_string);
    endings(&ending.unwrap_or_default()).to_writer(bytes)
}

/// The end of a help text: sections with a heading each, whose lines stay as they are. (clap's own
/// rendering would join them.)
fn endings(text: &str) -> Roff {
    let mut roff = Roff::new();
    for paragraph in text.split("\n\n") {
        let Some((heading, lines)) = paragraph.split_once('\n') else {
            continue;
        };
        let heading = heading.trim_end_matches(':').to_uppercase();
        roff.control("SH", [heading.as_str()]);
        roff.control("nf", []);
        for line in lines.lines() {
            roff.text([roman(line)]);
        }
        roff.control("fi", []);
    }
    roff
}
