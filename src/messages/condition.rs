//! What a message's attributes and body must be, as the user gives it. Pure.

use std::str::FromStr;

use regex_lite::Regex;

use super::record::MessageRecord;

/// An attribute that a message must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AttributeTest {
    name: String,
    value: Option<String>,
}

impl FromStr for AttributeTest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (text, None),
        };
        if name.is_empty() {
            return Err("give an attribute's name, or NAME=VALUE".to_owned());
        }
        Ok(Self {
            name: name.to_owned(),
            value,
        })
    }
}

impl AttributeTest {
    pub(super) fn holds(&self, message: &MessageRecord) -> bool {
        let found = message.attributes.get(&self.name);
        found.is_some_and(|found| {
            let wanted = self.value.as_ref();
            wanted.is_none_or(|wanted| *wanted == found.text())
        })
    }
}

/// What a body must contain.
#[derive(Debug, Clone)]
pub(super) enum TextTest {
    Contains(String),
    Matches(Regex),
}

impl FromStr for TextTest {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let inner = text
            .strip_prefix('/')
            .and_then(|rest| rest.strip_suffix('/'));
        match inner.filter(|inner| !inner.is_empty()) {
            Some(pattern) => Regex::new(pattern)
                .map(Self::Matches)
                .map_err(|problem| format!("not a regular expression: {problem}")),
            None => Ok(Self::Contains(text.to_owned())),
        }
    }
}

impl TextTest {
    pub(super) fn holds(&self, body: &str) -> bool {
        match self {
            Self::Contains(text) => body.contains(text),
            Self::Matches(pattern) => pattern.is_match(body),
        }
    }
}
