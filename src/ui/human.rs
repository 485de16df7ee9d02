//! Reports and errors as a person reads them, and the writing itself.

use std::io::{self, Write as _};

use super::table::printable;
use super::{Block, Report, Style, wrap};
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
            Block::Text(paragraph) => {
                let paragraph = printable(paragraph);
                text.push_str(&wrap::sentences(&paragraph, style.stdout_width, 0, 0));
            }
            Block::Table(table) => {
                text.push_str(&table.render(style.table_width, style.stdout_color));
            }
            Block::Raw(_) => {}
        }
        text.push('\n');
    }
    text
}

/// An error as text: what happened and why, then what to do next.
pub(super) fn error(error: &CommandError, style: Style) -> String {
    let (red, bold, plain) = if style.stderr_color {
        ("\x1b[31;1m", "\x1b[1m", "\x1b[0m")
    } else {
        ("", "", "")
    };
    let width = style.stderr_width;
    let message = wrap::sentences(&printable(&error.full_message()), width, 7, 0);
    let mut text = format!("{red}error:{plain} {message}\n");
    for hint in &error.hints {
        let hint = wrap::sentences(&printable(hint), width, 8, 8);
        text.push_str(&format!("{bold}  hint:{plain} {hint}\n"));
    }
    text
}

/// Writes to stdout.
///
/// # Errors
/// When nobody reads it any more.
pub(super) fn print(text: &str) -> io::Result<()> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
}

/// Writes to stderr.
pub(super) fn complain(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
