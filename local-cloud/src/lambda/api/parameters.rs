//! What several operations do with their parameters.

use serde_json::{Map, Value, json};

use crate::error::AwsError;
use crate::protocol::rest_json::parameter;

/// The error for a parameter that Lambda does not accept.
pub(super) fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterValueException", 400, message)
}

/// The label of a path with one label.
pub(super) fn label(labels: Vec<String>) -> String {
    labels.into_iter().next().unwrap_or_default()
}

/// Refuses a version or an alias of a function: this cloud has none.
///
/// # Errors
/// `InvalidParameterValueException` for every `Qualifier` but `$LATEST`.
pub(super) fn check_qualifier(query: &str) -> Result<(), AwsError> {
    match parameter(query, "Qualifier")? {
        Some(qualifier) if qualifier != "$LATEST" => Err(invalid(format!(
            "This local cloud has no versions and aliases of functions, so no {qualifier}."
        ))),
        _ => Ok(()),
    }
}

/// A number as the engine takes it. It checks ranges itself, but knows no number below zero.
///
/// # Errors
/// `ValidationException` for one below zero; `least` is the member's least value.
pub(super) fn number(
    value: Option<i64>,
    member: &str,
    least: u32,
) -> Result<Option<u32>, AwsError> {
    match value {
        Some(value) if value < 0 => Err(AwsError::new(
            "ValidationException",
            400,
            format!(
                "1 validation error detected: Value '{value}' at '{member}' failed to satisfy \
                 constraint: Member must have value greater than or equal to {least}"
            ),
        )),
        value => Ok(value.map(|value| u32::try_from(value).unwrap_or(u32::MAX))),
    }
}

/// Refuses the parameters that nothing here reads, unless they ask for what is the case without
/// them.
pub(super) fn refuse_others(others: &Map<String, Value>) -> Result<(), AwsError> {
    let harmless = [
        ("PackageType", json!("Zip")),
        ("TracingConfig", json!({ "Mode": "PassThrough" })),
        ("SnapStart", json!({ "ApplyOn": "None" })),
    ];
    let refused = others.iter().find(|(name, value)| {
        let is_harmless = |(known, usual): &(&str, Value)| known == name && usual == *value;
        !asks_for_nothing(value) && !harmless.iter().any(is_harmless)
    });
    match refused {
        None => Ok(()),
        Some((name, _)) => Err(invalid(format!(
            "This local cloud does not have what {name} asks for; leave it out."
        ))),
    }
}

fn asks_for_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.values().all(asks_for_nothing),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

/// One page of `all` (in the order of their keys): those after `Marker`, at most `MaxItems` and
/// at most `most`; and the next page's marker.
pub(super) fn page<'a, T>(
    all: impl Iterator<Item = (&'a str, T)>,
    query: &str,
    most: usize,
) -> Result<(Vec<T>, Option<String>), AwsError> {
    let marker = parameter(query, "Marker")?.unwrap_or_default();
    let size = match parameter(query, "MaxItems")? {
        None => most,
        Some(text) => match text.parse() {
            Ok(size @ 1..=10_000) => most.min(size),
            _ => return Err(invalid(format!("MaxItems must be 1 to 10000, not {text}."))),
        },
    };
    let mut rest = all
        .skip_while(|(key, _)| *key <= marker.as_str())
        .peekable();
    let mut items = Vec::new();
    let mut last = None;
    while items.len() < size
        && let Some((key, item)) = rest.next()
    {
        items.push(item);
        last = Some(key);
    }
    let next = rest.peek().and(last).map(str::to_owned);
    Ok((items, next))
}
