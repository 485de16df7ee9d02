//! Checks of names, numbers and texts. Limits are those of the Lambda API's model.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;

use super::error::invalid;
use crate::error::AwsError;

pub(super) fn constraint(value: impl Display, member: &str, must: impl Display) -> AwsError {
    let message = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
         Member must {must}"
    );
    AwsError::new("ValidationException", 400, message)
}

/// Checks that a number is in a range.
pub(super) fn within(
    value: Option<u32>,
    member: &str,
    range: RangeInclusive<u32>,
) -> Result<(), AwsError> {
    let Some(value) = value else { return Ok(()) };
    if value < *range.start() {
        let must = format!("have value greater than or equal to {}", range.start());
        return Err(constraint(value, member, must));
    }
    if value > *range.end() {
        let must = format!("have value less than or equal to {}", range.end());
        return Err(constraint(value, member, must));
    }
    Ok(())
}

/// Checks that a text is one of a set.
pub(super) fn one_of(value: Option<&str>, member: &str, set: &[&str]) -> Result<(), AwsError> {
    match value {
        Some(value) if !set.contains(&value) => {
            let must = format!("satisfy enum value set: [{}]", set.join(", "));
            Err(constraint(value, member, must))
        }
        _ => Ok(()),
    }
}

/// The error for an invalid name of a function.
pub(super) fn bad_name(name: &str) -> AwsError {
    constraint(
        name,
        "functionName",
        "satisfy regular expression pattern: \
         (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?\
         ([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?",
    )
}

pub(super) fn name(name: &str) -> Result<(), AwsError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || !name.bytes().all(fits) {
        return Err(bad_name(name));
    }
    if name.len() > 64 {
        let must = "have length less than or equal to 64";
        return Err(constraint(name, "functionName", must));
    }
    Ok(())
}

pub(super) fn architecture(wanted: Option<String>) -> Result<Option<String>, AwsError> {
    let is_known = |one: &String| ["x86_64", "arm64"].contains(&one.as_str());
    match wanted {
        Some(unknown) if !is_known(&unknown) => {
            let must = "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], \
                        Member must not be null]";
            Err(constraint(format!("[{unknown}]"), "architectures", must))
        }
        wanted => Ok(wanted),
    }
}

pub(super) fn tags(tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
    if tags.len() > 50 {
        return Err(invalid("Number of tags exceeds resource tag limit."));
    }
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 128 || key.starts_with("aws:") {
            return Err(invalid(format!(
                "The tag key '{key}' must have 1 to 128 characters and not start with aws:."
            )));
        }
        if value.chars().count() > 256 {
            return Err(invalid(format!(
                "The value of the tag '{key}' must have at most 256 characters."
            )));
        }
    }
    Ok(())
}

/// Checks the length of a filter's pattern; `number` counts from 1, as AWS does.
pub(super) fn filter_pattern(text: &str, number: usize) -> Result<(), AwsError> {
    if text.chars().count() <= 4096 {
        return Ok(());
    }
    let member = format!("filterCriteria.filters.{number}.member.pattern");
    let must = "have length less than or equal to 4096";
    Err(constraint("...", &member, must))
}
