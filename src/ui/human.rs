//! Reports and errors as text for people, and the writing to stderr.

use std::io::Write as _;

use super::cell::printable;
use super::wrap::wrap;
use super::{Block, Style, sentence};
use crate::error::{CommandError, ErrorKind};

/// What a person reads, as text: paragraphs and tables, separated by empty lines.
pub(super) fn blocks(blocks: &[Block], style: Style) -> String {
    let mut text = String::new();
    let is_wanted = |block: &&Block| !(style.quiet && block.is_next_step());
    for block in blocks.iter().filter(is_wanted) {
        if let Block::Raw(raw) = block {
            text.push_str(raw);
            continue;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        match block {
            Block::Text(paragraph) => {
                text.push_str(&wrap(&printable(paragraph), 0, style.stdout_wrap));
            }
            Block::Table(table) => text.push_str(&table.render(style.width, style.stdout_color)),
            Block::Raw(_) => {}
        }
        text.push('\n');
    }
    text
}

/// An error as text: what happened and why, then the hints. That the user stopped a command is no error.
pub(super) fn error(error: &CommandError, style: Style) -> String {
    let (red, bold, plain) = if style.stderr_color {
        ("\x1b[31;1m", "\x1b[1m", "\x1b[0m")
    } else {
        ("", "", "")
    };
    let after = |label: &str, words: &str| wrap(&printable(words), label.len(), style.stderr_wrap);
    let mut text = if error.kind == ErrorKind::Interrupted {
        format!("{}\n", after("", &sentence(&error.full_message())))
    } else {
        let message = after("error: ", &error.full_message());
        format!("{red}error:{plain} {message}\n")
    };
    for hint in &error.hints {
        let hint = after("  hint: ", hint);
        text.push_str(&format!("{bold}  hint:{plain} {hint}\n"));
    }
    text
}

/// Writes to stderr.
pub(super) fn write_stderr(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}
