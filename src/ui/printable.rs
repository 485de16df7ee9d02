//! Text that may be shown to a person. What functions print, what queues hold and what services answer
//! can have characters that a terminal obeys: they move the cursor, change colours and titles, type
//! answers, or reverse the order of what follows. Everything that is shown comes through here, before
//! any of it is wrapped or coloured, so a view adds escape codes only to text without any.

use std::borrow::Cow;

use super::{Attempt, Block, Cell, Event, Live, Picture, TaskState, Wait};

/// What stands for a character that is not shown.
const REPLACEMENT: char = '\u{fffd}';

/// Whether a terminal obeys this character rather than showing it: control characters, and those that
/// override the direction of text.
fn is_obeyed(character: char) -> bool {
    let is_override = matches!(character, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    character.is_control() || is_override
}

/// The text without what a terminal obeys, except line breaks and tabs.
pub(super) fn printable(text: &str) -> Cow<'_, str> {
    if !text.contains(|one| is_obeyed(one) && !matches!(one, '\n' | '\t')) {
        return text.into();
    }
    let shown = |one| match one {
        '\n' | '\t' => one,
        _ if is_obeyed(one) => REPLACEMENT,
        _ => one,
    };
    let text: String = text.replace("\r\n", "\n").chars().map(shown).collect();
    text.into()
}

/// JSON with every character escaped that a terminal obeys. It means the same.
pub(crate) fn printable_json(json: String) -> String {
    let is_escaped = |one: char| is_obeyed(one) && !matches!(one, '\n' | '\t' | '\r');
    if !json.contains(is_escaped) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len());
    for one in json.chars() {
        if is_escaped(one) {
            escaped.push_str(&format!("\\u{:04x}", u32::from(one)));
        } else {
            escaped.push(one);
        }
    }
    escaped
}

/// What has text to show.
pub(super) trait Printable {
    /// The same without what a terminal obeys.
    fn printable(self) -> Self;
}

impl Printable for String {
    fn printable(self) -> Self {
        match printable(&self) {
            Cow::Borrowed(_) => self,
            Cow::Owned(text) => text,
        }
    }
}

impl<T: Printable> Printable for Vec<T> {
    fn printable(self) -> Self {
        self.into_iter().map(T::printable).collect()
    }
}

impl Printable for Cell {
    fn printable(self) -> Self {
        Self::new(self.text.printable(), self.tone)
    }
}

impl Printable for Picture {
    fn printable(self) -> Self {
        Self(self.0.printable())
    }
}

impl Printable for Block {
    fn printable(self) -> Self {
        match self {
            Self::Text(text) => Self::Text(text.printable()),
            Self::Table(table) => Self::Table(table.map_text(Cell::printable, Picture::printable)),
            // Data: where it goes decides.
            Self::Raw(text) => Self::Raw(text),
            // This program's own text, which may have colours.
            Self::Help(text) => Self::Help(text),
        }
    }
}

impl Printable for Live {
    fn printable(self) -> Self {
        let wait = |wait: Wait| Wait {
            text: wait.text.printable(),
            ..wait
        };
        Self {
            waits: self.waits.into_iter().map(wait).collect(),
            ..self
        }
    }
}

impl Printable for TaskState {
    fn printable(self) -> Self {
        match self {
            Self::Working(text) => Self::Working(text.printable()),
            Self::Waiting { reason, at_most } => Self::Waiting {
                reason: reason.printable(),
                at_most,
            },
            Self::Done(text) => Self::Done(text.printable()),
            Self::Failed(text) => Self::Failed(text.printable()),
            Self::Skipped(text) => Self::Skipped(text.printable()),
        }
    }
}

impl Printable for Attempt {
    fn printable(self) -> Self {
        Self {
            call: self.call.printable(),
            status: self.status.printable(),
            request_id: self.request_id.map(String::printable),
            ..self
        }
    }
}

impl Printable for Event {
    fn printable(self) -> Self {
        match self {
            Self::Target(text) => Self::Target(text.printable()),
            Self::Account(text) => Self::Account(text.printable()),
            Self::Heading(text) => Self::Heading(text.printable()),
            Self::Result(blocks) => Self::Result(blocks.printable()),
            Self::Note(text) => Self::Note(text.printable()),
            Self::Detail(text) => Self::Detail(text.printable()),
            Self::Line(cells) => Self::Line(cells.printable()),
            // Data: where it goes decides.
            Self::Raw(text) => Self::Raw(text),
            Self::Call(attempt) => Self::Call(attempt.printable()),
            Self::Warning(text) => Self::Warning(text.printable()),
            Self::Task { name, state } => Self::Task {
                name: name.printable(),
                state: state.printable(),
            },
            Self::Retry(text) => Self::Retry(text.printable()),
            Self::Live(live) => Self::Live(live.printable()),
            Self::LiveEnded => Self::LiveEnded,
        }
    }
}

#[cfg(test)]
mod tests;
