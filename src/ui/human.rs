//! Reports and errors as a person reads them, and the writing itself.

use std::io::Write as _;

use super::table::printable;
use super::{Block, Report, Style};
use crate::error::CommandError;

/// A report as text, each paragraph and table set apart by an empty line.
pub(super) fn report(report: &Report, style: Style) -> String {
    let mut text = String::new();
    for block in &report.text {
        if let Block::Raw(raw) = block {
            text.push_str(raw);
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        match block {
            Block::Text(paragraph) => text.push_str(&printable(paragraph)),
            Block::Table(table) => text.push_str(&table.render(style.width, style.stdout_color)),
            Block::Raw(_) => {}
        }
        text.push('\n');
    }
    text
}

/// An error as text: what happened and why, then what to do next.
pub(super) fn error(error: &CommandError, color: bool) -> String {
    let (red, bold, plain) = if color {
        ("\x1b[31;1m", "\x1b[1m", "\x1b[0m")
    } else {
        ("", "", "")
    };
    let mut text = format!("{red}error:{plain} {}\n", printable(&error.full_message()));
    for hint in &error.hints {
        text.push_str(&format!("{bold}  hint:{plain} {}\n", printable(hint)));
    }
    text
}

/// Writes to stdout. A reader that went away is no error: what it wanted, it has.
pub(super) fn print(text: &str) {
    let mut stdout = std::io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

/// Writes to stderr.
pub(super) fn complain(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
