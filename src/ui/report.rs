//! What a command ends with.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::Table;
use crate::error::CommandError;

/// The members that a command adds to its JSON document, once their type does not matter any more.
pub(crate) type Members = Map<String, Value>;

/// A command's result: the same facts as data for programs and as text for people.
#[derive(Debug, Clone)]
pub struct Report<T = Members> {
    /// Whether everything is as it should be; `false` makes the exit code 1.
    pub ok: bool,
    /// The command's members of the JSON document.
    pub data: T,
    /// What a person reads.
    pub text: Vec<Block>,
}

/// A piece of a report for people.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A table.
    Table(Table),
    /// Data, printed as it is, with no empty line around it.
    Raw(String),
}

impl Block {
    /// Whether this says what to do next.
    pub fn is_next_step(&self) -> bool {
        matches!(self, Self::Text(text) if text.starts_with("Next: "))
    }
}

impl<T> Report<T> {
    /// A report that all is well, with this data and no text yet.
    pub fn new(data: T) -> Self {
        Self {
            ok: true,
            data,
            text: Vec::new(),
        }
    }

    /// The same report with other data.
    #[must_use]
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Report<U> {
        Report {
            ok: self.ok,
            data: change(self.data),
            text: self.text,
        }
    }

    /// Adds a paragraph for people.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Self {
        self.text.push(Block::Text(text.into()));
        self
    }

    /// Adds paragraphs for people, each for itself.
    #[must_use]
    pub fn texts(self, texts: impl IntoIterator<Item = String>) -> Self {
        texts.into_iter().fold(self, Self::text)
    }

    /// Adds a table for people.
    #[must_use]
    pub fn table(mut self, table: Table) -> Self {
        self.text.push(Block::Table(table));
        self
    }

    /// Adds data that is printed as it is.
    #[must_use]
    pub fn raw(mut self, text: impl Into<String>) -> Self {
        self.text.push(Block::Raw(text.into()));
        self
    }

    /// Replaces what a person reads by data that is printed as it is.
    #[must_use]
    pub fn only_raw(mut self, text: impl Into<String>) -> Self {
        self.text.clear();
        self.raw(text)
    }

    /// Sets whether everything is as it should be.
    #[must_use]
    pub fn passed(mut self, ok: bool) -> Self {
        self.ok = ok;
        self
    }
}

impl<T: Serialize + JsonSchema> Report<T> {
    /// The same report with its data as JSON.
    ///
    /// # Errors
    /// When the data is no JSON object, which is a bug.
    pub fn into_json(self) -> Result<Report, CommandError> {
        let bug = || CommandError::bug("a report is no JSON object");
        let data = match serde_json::to_value(self.data) {
            Ok(Value::Object(members)) => members,
            Ok(_) => return Err(bug()),
            Err(problem) => return Err(bug().because(problem)),
        };
        Ok(Report {
            ok: self.ok,
            data,
            text: self.text,
        })
    }
}
