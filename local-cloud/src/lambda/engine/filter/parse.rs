//! Reads patterns. An invalid one is `None`: AWS does not report what is wrong with it.

use serde_json::{Map, Number, Value};

use super::matching::compare;
use super::pattern::{Bound, Fields, Node, Test, TextTest};

const OR: &str = "$or";

/// Names that fields of an alternative may not have, because they are names of tests.
const RESERVED: [&str; 24] = [
    "exactly",
    "equals-ignore-case",
    "prefix",
    "suffix",
    "anything-but",
    "exists",
    "wildcard",
    "numeric",
    "cidr",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    "regex",
    "not-wildcard",
    "not-equals-ignore-case",
    "date-after",
    "date-on-or-after",
    "date-before",
    "date-on-or-before",
    "in-date-range",
    "ip-address-in-range",
    "ip-address-not-in-range",
];

/// Reads a pattern from JSON.
pub(super) fn pattern(text: &str) -> Option<Fields> {
    match serde_json::from_str(text).ok()? {
        Value::Object(members) => fields(members, false),
        _ => None,
    }
}

fn fields(members: Map<String, Value>, within_or: bool) -> Option<Fields> {
    if members.is_empty() {
        return None;
    }
    let mut fields = Fields::default();
    for (name, value) in members {
        if name == OR {
            fields.any = Some(alternatives(value)?);
            continue;
        }
        if within_or && RESERVED.contains(&name.as_str()) {
            return None;
        }
        let node = match value {
            Value::Object(members) => Node::Object(self::fields(members, within_or)?),
            Value::Array(values) if !values.is_empty() => {
                Node::Leaf(values.into_iter().map(test).collect::<Option<_>>()?)
            }
            _ => return None,
        };
        fields.all.push((name, node));
    }
    Some(fields)
}

fn alternatives(value: Value) -> Option<Vec<Fields>> {
    let Value::Array(values) = value else {
        return None;
    };
    let alternative = |value| match value {
        Value::Object(members) => fields(members, true),
        _ => None,
    };
    let alternatives: Vec<_> = values.into_iter().map(alternative).collect::<Option<_>>()?;
    (alternatives.len() >= 2).then_some(alternatives)
}

fn test(value: Value) -> Option<Test> {
    Some(match value {
        Value::Null => Test::Null,
        Value::Bool(truth) => Test::Bool(truth),
        Value::Number(number) => Test::Number(number),
        Value::String(text) => Test::Text(TextTest::Equals(text)),
        Value::Object(members) => expression(members)?,
        Value::Array(_) => return None,
    })
}

fn expression(members: Map<String, Value>) -> Option<Test> {
    let (name, value) = only(members)?;
    Some(match (name.as_str(), value) {
        ("exists", Value::Bool(wanted)) => Test::Exists(wanted),
        ("numeric", Value::Array(terms)) => range(&terms)?,
        ("anything-but", value) => anything_but(value)?,
        ("prefix" | "suffix", Value::Object(members)) => {
            let Some((kind, Value::String(text))) = only(members) else {
                return None;
            };
            let text = text.to_lowercase();
            Test::Text(match (name.as_str(), kind.as_str()) {
                ("prefix", "equals-ignore-case") => TextTest::PrefixIgnoreCase(text),
                ("suffix", "equals-ignore-case") => TextTest::SuffixIgnoreCase(text),
                _ => return None,
            })
        }
        (name, Value::String(text)) => Test::Text(text_test(name, text)?),
        _ => return None,
    })
}

fn only(members: Map<String, Value>) -> Option<(String, Value)> {
    let mut members = members.into_iter();
    let only = members.next()?;
    members.next().is_none().then_some(only)
}

fn text_test(name: &str, text: String) -> Option<TextTest> {
    Some(match name {
        "exactly" => TextTest::Equals(text),
        "equals-ignore-case" => TextTest::EqualsIgnoreCase(text.to_lowercase()),
        "prefix" => TextTest::Prefix(text),
        "suffix" => TextTest::Suffix(text),
        "wildcard" => TextTest::Wildcard(wildcard(&text)?),
        _ => return None,
    })
}

/// `["=", 5]`, `[">", 0]`, `[">=", 0, "<", 5]`.
fn range(terms: &[Value]) -> Option<Test> {
    let bound = |operator: &Value, number: &Value, wanted: &str| {
        let operator = operator.as_str()?;
        let included = operator.ends_with('=');
        let number = number.as_number()?.clone();
        (operator.strip_suffix('=').unwrap_or(operator) == wanted)
            .then_some(Bound { number, included })
    };
    match terms {
        [operator, number] if operator == "=" => Some(Test::Number(number.as_number()?.clone())),
        [operator, number] => {
            let low = bound(operator, number, ">");
            let high = bound(operator, number, "<");
            (low.is_some() || high.is_some()).then_some(Test::Range { low, high })
        }
        [operator, number, second, other] => {
            let low = bound(operator, number, ">")?;
            let high = bound(second, other, "<")?;
            compare(&low.number, &high.number)
                .is_lt()
                .then_some(Test::Range {
                    low: Some(low),
                    high: Some(high),
                })
        }
        _ => None,
    }
}

fn anything_but(value: Value) -> Option<Test> {
    match value {
        Value::Object(members) => {
            let (name, value) = only(members)?;
            let negatable = ["equals-ignore-case", "prefix", "suffix", "wildcard"];
            if !negatable.contains(&name.as_str()) {
                return None;
            }
            let test = |value| match value {
                Value::String(text) if !text.is_empty() || !name.ends_with("fix") => {
                    text_test(&name, text)
                }
                _ => None,
            };
            let tests = list(value).into_iter().map(test);
            Some(Test::NoneOfTexts(tests.collect::<Option<_>>()?))
        }
        value => {
            let values = list(value);
            let number = |value: &Value| value.as_number().cloned();
            let text = |value: &Value| Some(TextTest::Equals(value.as_str()?.to_owned()));
            let numbers: Option<Vec<Number>> = values.iter().map(number).collect();
            let texts: Option<Vec<TextTest>> = values.iter().map(text).collect();
            match (numbers, texts) {
                (Some(numbers), None) => Some(Test::NoneOfNumbers(numbers)),
                (None, Some(texts)) => Some(Test::NoneOfTexts(texts)),
                // Both kinds, neither, or no values at all.
                _ => None,
            }
        }
    }
}

/// The values of a list, or a single value as a list.
fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(values) => values,
        value => vec![value],
    }
}

/// The literal parts between asterisks; `\*` and `\\` are literal, and two asterisks in a row are
/// invalid.
fn wildcard(text: &str) -> Option<Vec<String>> {
    let mut parts = vec![];
    let mut part = String::new();
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '*' if letters.peek() == Some(&'*') => return None,
            '*' => parts.push(std::mem::take(&mut part)),
            '\\' => part.push(letters.next().filter(|next| matches!(next, '*' | '\\'))?),
            letter => part.push(letter),
        }
    }
    parts.push(part);
    Some(parts)
}
