//! Changes to a message's body: members set and removed, by their paths. Pure.
//!
//! What is not changed stays as it was written, byte for byte: numbers keep their digits, and members
//! their order. So the body is not read into values and written again; its text is cut where the
//! change is.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::value::RawValue;

/// Why a change cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EditError {
    /// The path itself is wrong.
    #[error(
        "{0:?} is not a path: one is `body`, then `.NAME`, `[\"NAME\"]` or `[INDEX]`, as in body.price_per_item"
    )]
    Path(String),
    /// No `=` in what is to be set.
    #[error("{0:?} is not PATH=VALUE")]
    NoValue(String),
    /// The body is not what the path goes through.
    #[error("{at} is not {expected}")]
    Kind {
        /// The path of the value.
        at: String,
        /// What it would have to be, for example `an object`.
        expected: &'static str,
    },
    /// An array is shorter.
    #[error("{at} has no element {index}")]
    Element {
        /// The path of the array.
        at: String,
        /// The index, from 0.
        index: usize,
    },
}

/// One step into a JSON value.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Member(String),
    Element(usize),
}

/// Where in a message, for example `body.items[0].price`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BodyPath(Vec<Step>);

impl FromStr for BodyPath {
    type Err = EditError;

    fn from_str(text: &str) -> Result<Self, EditError> {
        match leading_path(text) {
            Some((path, "")) => Ok(path),
            _ => Err(EditError::Path(text.to_owned())),
        }
    }
}

/// The path that a text begins with, and the rest: nothing, or what begins with `=`.
fn leading_path(text: &str) -> Option<(BodyPath, &str)> {
    let mut rest = text.strip_prefix("body")?;
    let mut steps = Vec::new();
    while !rest.is_empty() && !rest.starts_with('=') {
        let (step, after) = leading_step(rest)?;
        steps.push(step);
        rest = after;
    }
    Some((BodyPath(steps), rest))
}

/// The step that a text begins with, and the rest.
fn leading_step(text: &str) -> Option<(Step, &str)> {
    if let Some(name) = text.strip_prefix('.') {
        let end = name.find(['.', '[', '=']).unwrap_or(name.len());
        let (name, rest) = name.split_at(end);
        return (!name.is_empty()).then(|| (Step::Member(name.to_owned()), rest));
    }
    let inside = text.strip_prefix('[')?;
    if inside.starts_with('"') {
        let mut values = serde_json::Deserializer::from_str(inside).into_iter::<String>();
        let name = values.next()?.ok()?;
        let rest = inside.get(values.byte_offset()..)?.strip_prefix(']')?;
        return Some((Step::Member(name), rest));
    }
    let (index, rest) = inside.split_once(']')?;
    let is_number = !index.is_empty() && index.bytes().all(|byte| byte.is_ascii_digit());
    let index = is_number.then(|| index.parse().ok()).flatten()?;
    Some((Step::Element(index), rest))
}

impl fmt::Display for BodyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", shown(&self.0))
    }
}

fn shown(steps: &[Step]) -> String {
    let plain = |name: &str| !name.is_empty() && !name.contains(['.', '[', '=']);
    steps
        .iter()
        .fold("body".to_owned(), |text, step| match step {
            Step::Member(name) if plain(name) => format!("{text}.{name}"),
            Step::Member(name) => format!("{text}[{}]", quoted(name)),
            Step::Element(index) => format!("{text}[{index}]"),
        })
}

/// A change to the body of each selected message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// A value is put in the place of another one, or added; objects on the way are made.
    Set {
        /// Where.
        path: BodyPath,
        /// The value, as JSON text.
        value: String,
    },
    /// A member or an element is removed, if it is there.
    Unset(BodyPath),
}

impl Change {
    /// Reads `PATH=VALUE`. What is not JSON is taken as a string.
    ///
    /// # Errors
    /// When there is no `=`, or no path before it.
    pub(crate) fn set(text: &str) -> Result<Self, EditError> {
        let (path, rest) = leading_path(text).ok_or_else(|| match text.split_once('=') {
            Some((path, _)) => EditError::Path(path.to_owned()),
            None => EditError::NoValue(text.to_owned()),
        })?;
        let value = rest
            .strip_prefix('=')
            .ok_or_else(|| EditError::NoValue(text.to_owned()))?;
        let value = match serde_json::from_str::<&RawValue>(value) {
            Ok(json) => json.get().to_owned(),
            Err(_) => quoted(value),
        };
        Ok(Self::Set { path, value })
    }

    /// Reads the path of what is to be removed.
    ///
    /// # Errors
    /// When it is not a path, or that of the whole body.
    pub(crate) fn unset(text: &str) -> Result<Self, EditError> {
        let path: BodyPath = text.parse()?;
        if path.0.is_empty() {
            return Err(EditError::Path(text.to_owned()));
        }
        Ok(Self::Unset(path))
    }

    /// The body after the change.
    ///
    /// # Errors
    /// When the body is not JSON of the form that the path goes through.
    pub(crate) fn apply(&self, body: &str) -> Result<String, EditError> {
        let path = match self {
            Self::Set { path, .. } | Self::Unset(path) => path,
        };
        let place = Place {
            walked: &[],
            steps: &path.0,
        };
        Ok(self.edit(body, place)?.unwrap_or_else(|| body.to_owned()))
    }

    /// The text of a value after the change; `None` where nothing changes.
    fn edit(&self, text: &str, place: Place<'_>) -> Result<Option<String>, EditError> {
        match place.next() {
            None => Ok(match self {
                Self::Set { value, .. } => Some(value.clone()),
                Self::Unset(_) => None,
            }),
            Some((Step::Member(name), rest)) => self.edit_member(text, name, rest),
            Some((Step::Element(index), rest)) => self.edit_element(text, *index, rest),
        }
    }

    fn edit_member(
        &self,
        text: &str,
        name: &str,
        rest: Place<'_>,
    ) -> Result<Option<String>, EditError> {
        let members: Members<'_> =
            serde_json::from_str(text).map_err(|_| rest.outside("an object"))?;
        let values: Vec<Range<usize>> = members.0.iter().map(|(_, raw)| span(text, raw)).collect();
        // Of several members of one name, the last is the one that counts.
        let found = members.0.iter().rposition(|(member, _)| member == name);
        match (found, self) {
            (Some(at), Self::Unset(_)) if rest.is_end() => Ok(Some(without(text, &values, at))),
            (Some(at), _) => self.edit_inside(text, values[at].clone(), rest),
            (None, Self::Unset(_)) => Ok(None),
            (None, Self::Set { .. }) => {
                let value = self.edit("{}", rest)?.unwrap_or_default();
                let comma = if members.0.is_empty() { "" } else { "," };
                let end = text.trim_end().len() - 1;
                let member = format!("{comma}{}:{value}", quoted(name));
                Ok(Some(replaced(text, end..end, &member)))
            }
        }
    }

    fn edit_element(
        &self,
        text: &str,
        index: usize,
        rest: Place<'_>,
    ) -> Result<Option<String>, EditError> {
        let elements: Vec<&RawValue> =
            serde_json::from_str(text).map_err(|_| rest.outside("an array"))?;
        let values: Vec<Range<usize>> = elements.iter().map(|raw| span(text, raw)).collect();
        match (values.get(index), self) {
            (Some(_), Self::Unset(_)) if rest.is_end() => Ok(Some(without(text, &values, index))),
            (Some(value), _) => self.edit_inside(text, value.clone(), rest),
            (None, Self::Unset(_)) => Ok(None),
            (None, Self::Set { .. }) => Err(EditError::Element {
                at: shown(rest.before()),
                index,
            }),
        }
    }

    fn edit_inside(
        &self,
        text: &str,
        value: Range<usize>,
        rest: Place<'_>,
    ) -> Result<Option<String>, EditError> {
        let edited = self.edit(&text[value.clone()], rest)?;
        Ok(edited.map(|edited| replaced(text, value, &edited)))
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Set { path, value } => write!(f, "{path}={value}"),
            Self::Unset(path) => write!(f, "{path}"),
        }
    }
}

/// How far along its path an edit is.
#[derive(Clone, Copy)]
struct Place<'a> {
    walked: &'a [Step],
    steps: &'a [Step],
}

impl<'a> Place<'a> {
    /// The next step, and the place after it.
    fn next(self) -> Option<(&'a Step, Self)> {
        let step = self.steps.get(self.walked.len())?;
        let walked = &self.steps[..=self.walked.len()];
        let steps = self.steps;
        Some((step, Self { walked, steps }))
    }

    fn is_end(self) -> bool {
        self.walked.len() == self.steps.len()
    }

    /// The steps before the last one that was taken.
    fn before(self) -> &'a [Step] {
        &self.walked[..self.walked.len() - 1]
    }

    /// That the value in which the last step was taken is of another kind.
    fn outside(self, expected: &'static str) -> EditError {
        EditError::Kind {
            at: shown(self.before()),
            expected,
        }
    }
}

/// The members of an object in their order, with the text of each value.
struct Members<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some((Name(name), value)) = map.next_entry()? {
                    members.push((name, value));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}

/// A member's name, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

/// Where in the text a value is that was read from it.
fn span(text: &str, value: &RawValue) -> Range<usize> {
    let start = value.get().as_ptr() as usize - text.as_ptr() as usize;
    start..start + value.get().len()
}

/// The text of an object or array without one of its values, and without the comma and the name
/// that belong to it.
fn without(text: &str, values: &[Range<usize>], at: usize) -> String {
    let value = &values[at];
    let opening = text.len() - text.trim_start().len() + 1;
    let cut = match (at.checked_sub(1), values.get(at + 1)) {
        (Some(before), _) => values[before].end..value.end,
        // Between two values there is one comma outside of names.
        (None, Some(_)) => {
            let comma = text[value.end..].find(',').unwrap_or_default();
            opening..value.end + comma + 1
        }
        (None, None) => opening..value.end,
    };
    replaced(text, cut, "")
}

fn replaced(text: &str, range: Range<usize>, with: &str) -> String {
    format!("{}{with}{}", &text[..range.start], &text[range.end..])
}

/// A text as a JSON string.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
