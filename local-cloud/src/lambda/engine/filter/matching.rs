//! Applies patterns to records.
//!
//! An array matches when one of its elements does. If a pattern has tests for several members of
//! the array's objects, one object must pass them all. For `exists` only values that are not
//! objects exist, and a member is absent when no object in the arrays above it has it.

use std::cmp::Ordering;

use serde_json::{Number, Value};

use super::pattern::{Bound, Fields, Node, Test, TextTest};

/// The member that must have the pattern's kind: JSON or plain text.
pub(super) const BODY: &str = "body";

/// Whether a record matches the pattern. A body that was JSON is an object or array.
pub(super) fn matches(pattern: &Fields, record: &Value) -> bool {
    Matcher { record }.fields(pattern, Some(record), &mut Vec::new())
}

struct Matcher<'a> {
    record: &'a Value,
}

impl Matcher<'_> {
    fn fields<'p>(
        &self,
        fields: &'p Fields,
        value: Option<&Value>,
        path: &mut Vec<&'p str>,
    ) -> bool {
        if let Some(Value::Array(items)) = value
            && !items.is_empty()
        {
            return items
                .iter()
                .any(|item| self.fields(fields, Some(item), path));
        }
        let all = fields.all.iter().all(|(name, node)| {
            path.push(name);
            let matches = self.node(node, value.and_then(|value| value.get(name)), path);
            path.pop();
            matches
        });
        all && fields.any.as_ref().is_none_or(|alternatives| {
            alternatives
                .iter()
                .any(|alternative| self.fields(alternative, value, path))
        })
    }

    fn node<'p>(&self, node: &'p Node, value: Option<&Value>, path: &mut Vec<&'p str>) -> bool {
        let json = value.is_some_and(|value| value.is_object() || value.is_array());
        match node {
            Node::Object(_) if path == &[BODY] && !json => false,
            Node::Leaf(_) if path == &[BODY] && json => false,
            Node::Object(fields) => self.fields(fields, value, path),
            Node::Leaf(tests) => tests.iter().any(|test| match test {
                Test::Exists(false) => !has_leaf(self.record, path),
                test => value.is_some_and(|value| any_leaf(value, &|leaf| test.holds(leaf))),
            }),
        }
    }
}

/// Whether a value, or one in its arrays, is not an object and passes the test.
fn any_leaf(value: &Value, test: &impl Fn(&Value) -> bool) -> bool {
    match value {
        Value::Array(items) => items.iter().any(|item| any_leaf(item, test)),
        Value::Object(_) => false,
        leaf => test(leaf),
    }
}

fn has_leaf(value: &Value, path: &[&str]) -> bool {
    match (path, value) {
        ([], value) => any_leaf(value, &|_| true),
        (path, Value::Array(items)) => items.iter().any(|item| has_leaf(item, path)),
        ([name, rest @ ..], value) => value.get(name).is_some_and(|inner| has_leaf(inner, rest)),
    }
}

impl Test {
    fn holds(&self, leaf: &Value) -> bool {
        match self {
            Self::Null => leaf.is_null(),
            Self::Bool(wanted) => leaf.as_bool() == Some(*wanted),
            Self::Number(wanted) => is_number(leaf, wanted),
            Self::Text(test) => leaf.as_str().is_some_and(|text| test.holds(text)),
            Self::Range { low, high } => leaf.as_number().is_some_and(|number| {
                let beyond = |bound: &Option<Bound>, wanted: Ordering| {
                    bound.as_ref().is_none_or(|bound| {
                        let order = compare(number, &bound.number);
                        order == wanted || bound.included && order.is_eq()
                    })
                };
                beyond(low, Ordering::Greater) && beyond(high, Ordering::Less)
            }),
            Self::NoneOfNumbers(numbers) => !numbers.iter().any(|one| is_number(leaf, one)),
            Self::NoneOfTexts(tests) => leaf
                .as_str()
                .is_none_or(|text| !tests.iter().any(|test| test.holds(text))),
            Self::Exists(wanted) => *wanted,
        }
    }
}

impl TextTest {
    fn holds(&self, text: &str) -> bool {
        match self {
            Self::Equals(wanted) => text == wanted,
            Self::EqualsIgnoreCase(wanted) => text.to_lowercase() == *wanted,
            Self::Prefix(wanted) => text.starts_with(wanted),
            Self::PrefixIgnoreCase(wanted) => text.to_lowercase().starts_with(wanted),
            Self::Suffix(wanted) => text.ends_with(wanted),
            Self::SuffixIgnoreCase(wanted) => text.to_lowercase().ends_with(wanted),
            Self::Wildcard(parts) => has_parts(text, parts).is_some(),
        }
    }
}

/// Whether the text consists of these parts with anything between them.
fn has_parts(text: &str, parts: &[String]) -> Option<()> {
    let [first, middle @ .., last] = parts else {
        return (parts.first()? == text).then_some(());
    };
    let mut rest = text
        .strip_prefix(first.as_str())?
        .strip_suffix(last.as_str())?;
    for part in middle {
        (_, rest) = rest.split_once(part.as_str())?;
    }
    Some(())
}

/// Whether a value is this number. The developer guide documents that `300` is not `300.0`, but the
/// matcher that AWS published compares values.
fn is_number(leaf: &Value, wanted: &Number) -> bool {
    leaf.as_number()
        .is_some_and(|number| compare(number, wanted).is_eq())
}

pub(super) fn compare(a: &Number, b: &Number) -> Ordering {
    match (a.as_i128(), b.as_i128()) {
        (Some(a), Some(b)) => a.cmp(&b),
        _ => {
            let float = |number: &Number| number.as_f64().unwrap_or(f64::MAX);
            // Numbers in JSON are never NaN.
            float(a).partial_cmp(&float(b)).unwrap_or(Ordering::Equal)
        }
    }
}
