//! What a command ends with.

use serde_json::{Map, Value};

use super::Table;

/// A command's result: the same facts as data for programs and as text for people.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// Whether everything is as it should be; `false` makes the exit code 1.
    pub ok: bool,
    /// The command's own members of the JSON document.
    pub data: Map<String, Value>,
    /// What a person reads.
    pub text: Vec<Block>,
}

/// A piece of a report for people.
#[derive(Debug, Clone)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A table.
    Table(Table),
    /// Text that is printed as it is, with no empty line around it: data.
    Raw(String),
}

impl Block {
    /// Whether this says what to do next.
    pub fn is_next_step(&self) -> bool {
        matches!(self, Self::Text(text) if text.starts_with("Next: "))
    }
}

impl Report {
    /// A report that all is well, with nothing in it yet.
    pub fn good() -> Self {
        Self {
            ok: true,
            ..Self::default()
        }
    }

    /// Adds a member to the JSON document. A value that JSON cannot hold becomes `null`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl serde::Serialize) -> Self {
        self.data.insert(
            name.to_owned(),
            serde_json::to_value(value).unwrap_or_default(),
        );
        self
    }

    /// Adds a paragraph for people.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text.push(Block::Text(text.into()));
        self
    }

    /// Adds a table for people.
    #[must_use]
    pub fn table(mut self, table: Table) -> Self {
        self.text.push(Block::Table(table));
        self
    }

    /// Adds text that is printed as it is.
    #[must_use]
    pub fn raw(mut self, text: impl Into<String>) -> Self {
        self.text.push(Block::Raw(text.into()));
        self
    }

    /// Says whether everything is as it should be.
    #[must_use]
    pub fn passed(mut self, ok: bool) -> Self {
        self.ok = ok;
        self
    }
}
