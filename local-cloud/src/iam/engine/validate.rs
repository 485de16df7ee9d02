//! The limits of IAM's names, paths and tags (IAM API reference; "IAM and AWS STS quotas").

use std::collections::BTreeMap;

use super::error::{constraint, limit_exceeded};
use crate::error::AwsError;

/// Checks that a name is 1 to `longest` letters, digits and `+=,.@_-`.
pub(super) fn name(member: &str, value: &str, longest: usize) -> Result<(), AwsError> {
    let is_allowed = |letter: char| letter.is_ascii_alphanumeric() || "+=,.@_-".contains(letter);
    if value.is_empty() {
        return Err(constraint(
            member,
            value,
            "Member must have length greater than or equal to 1",
        ));
    }
    if value.chars().count() > longest {
        let rule = format!("Member must have length less than or equal to {longest}");
        return Err(constraint(member, value, &rule));
    }
    if value.chars().all(is_allowed) {
        return Ok(());
    }
    Err(AwsError::new(
        "ValidationError",
        400,
        format!(
            "The specified value for {member} is invalid. It must contain only alphanumeric \
             characters and/or the following: +=,.@_-"
        ),
    ))
}

/// Checks that a path begins and ends with a slash and has at most 512 printable characters.
pub(super) fn path(value: &str) -> Result<(), AwsError> {
    let printable = value.bytes().all(|byte| (0x21..0x7f).contains(&byte));
    if value.len() > 512 {
        return Err(constraint(
            "path",
            value,
            "Member must have length less than or equal to 512",
        ));
    }
    if printable && value.starts_with('/') && value.ends_with('/') {
        return Ok(());
    }
    Err(AwsError::new(
        "ValidationError",
        400,
        "The specified value for path is invalid. It must begin and end with / and contain only \
         alphanumeric characters and/or / characters.",
    ))
}

/// Checks that a description has at most 1000 characters, all of Latin-1.
pub(super) fn description(value: &str) -> Result<(), AwsError> {
    let is_allowed =
        |letter| matches!(letter, '\t' | '\n' | '\r' | ' '..='~' | '\u{a1}'..='\u{ff}');
    if value.chars().count() > 1000 {
        return Err(constraint(
            "description",
            value,
            "Member must have length less than or equal to 1000",
        ));
    }
    if value.chars().all(is_allowed) {
        return Ok(());
    }
    Err(constraint(
        "description",
        value,
        "Member must satisfy regular expression pattern: \
         [\\u0009\\u000A\\u000D\\u0020-\\u007E\\u00A1-\\u00FF]*",
    ))
}

/// Adds tags to those that are there. Keys that differ only in case are the same; the new spelling
/// is kept.
pub(super) fn merge_tags(
    tags: &BTreeMap<String, String>,
    more: &[(String, String)],
) -> Result<BTreeMap<String, String>, AwsError> {
    let mut merged = tags.clone();
    let mut seen: Vec<&str> = Vec::new();
    for (key, value) in more {
        tag(key, value)?;
        if seen.iter().any(|other| key.eq_ignore_ascii_case(other)) {
            return Err(AwsError::new(
                "InvalidInput",
                400,
                "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
            ));
        }
        seen.push(key.as_str());
        merged.retain(|other, _| !other.eq_ignore_ascii_case(key));
        merged.insert(key.clone(), value.clone());
    }
    if merged.len() > 50 {
        return Err(limit_exceeded(
            "The number of tags has reached the maximum limit.",
        ));
    }
    Ok(merged)
}

fn tag(key: &str, value: &str) -> Result<(), AwsError> {
    let is_allowed = |letter: char| letter.is_alphanumeric() || " _.:/=+-@".contains(letter);
    let pattern = "Member must satisfy regular expression pattern: [\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+";
    if key.is_empty() || key.chars().count() > 128 {
        let rule = "Member must have length between 1 and 128";
        return Err(constraint("tags.1.member.key", key, rule));
    }
    if value.chars().count() > 256 {
        let rule = "Member must have length less than or equal to 256";
        return Err(constraint("tags.1.member.value", value, rule));
    }
    if key.to_ascii_lowercase().starts_with("aws:") {
        return Err(AwsError::new(
            "InvalidInput",
            400,
            "Tag keys with prefix aws: are reserved.",
        ));
    }
    match (key.chars().all(is_allowed), value.chars().all(is_allowed)) {
        (false, _) => Err(constraint("tags.1.member.key", key, pattern)),
        (_, false) => Err(constraint("tags.1.member.value", value, pattern)),
        _ => Ok(()),
    }
}
