//! What several inputs and replies have in common.

use serde_json::Value;

use crate::clock::WallMs;
use crate::error::AwsError;
use crate::logs::engine::LogStore;
use crate::protocol::page_token;

/// The group that an input names, by its name or by an identifier: a name or an ARN.
pub(super) fn group_name<'a>(
    store: &LogStore,
    name: Option<&'a str>,
    identifier: Option<&'a str>,
) -> Result<&'a str, AwsError> {
    match (name, identifier) {
        (Some(name), None) => Ok(name),
        (None, Some(arn)) if arn.starts_with("arn:") => store.name_of(arn),
        (None, Some(name)) => Ok(name),
        _ => Err(invalid(
            "Exactly one of logGroupName and logGroupIdentifier is needed.",
        )),
    }
}

/// A page's size: the input's `limit` where it is between 1 and `max`.
pub(super) fn limit(requested: Option<i64>, default: u32, max: u32) -> Result<usize, AwsError> {
    match requested.unwrap_or(default.into()) {
        size if (1..=max.into()).contains(&size) => Ok(usize::try_from(size).unwrap_or(usize::MAX)),
        size => Err(invalid(&format!(
            "1 validation error detected: Value '{size}' at 'limit' failed to satisfy \
             constraint: Member must be between 1 and {max}"
        ))),
    }
}

/// A time in milliseconds since the Unix epoch, from the member with this name.
///
/// # Errors
/// `InvalidParameterException` for one before the epoch.
pub(super) fn time(sent: i64, member: &str) -> Result<WallMs, AwsError> {
    let time = u64::try_from(sent).map(WallMs);
    time.map_err(|_| {
        invalid(&format!(
            "1 validation error detected: Value '{sent}' at '{member}' failed to satisfy \
             constraint: Member must have value greater than or equal to 0"
        ))
    })
}

/// The text in a page token.
pub(super) fn read_token(token: &str) -> Result<String, AwsError> {
    page_token::read(token).ok_or_else(invalid_token)
}

/// Leaves out the members of an object that are null, as AWS's replies do.
pub(super) fn compact(mut value: Value) -> Value {
    if let Some(members) = value.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    value
}

/// The error for a page token that was not given out.
pub(super) fn invalid_token() -> AwsError {
    invalid("The specified nextToken is invalid.")
}

/// The error for an input that AWS refuses.
pub(super) fn invalid(message: &str) -> AwsError {
    AwsError::new("InvalidParameterException", 400, message)
}
