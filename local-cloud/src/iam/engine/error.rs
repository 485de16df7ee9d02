//! Errors that several operations answer with, in AWS's words.

use crate::error::AwsError;
use crate::protocol::query;

/// Nothing has this name; `what` says what was looked for, with its article.
pub(super) fn not_found(what: &str, name: &str) -> AwsError {
    no_such_entity(format!("{what} with name {name} cannot be found."))
}

/// No role has this name.
pub(super) fn no_role(name: &str) -> AwsError {
    not_found("The role", name)
}

/// `NoSuchEntity` with this message.
pub(super) fn no_such_entity(message: String) -> AwsError {
    AwsError::new("NoSuchEntity", 404, message)
}

/// The name is taken.
pub(super) fn already_exists(message: String) -> AwsError {
    AwsError::new("EntityAlreadyExists", 409, message)
}

/// The role or user cannot be deleted before `what` is done.
pub(super) fn delete_conflict(what: &str) -> AwsError {
    conflict(&format!("Cannot delete entity, must {what} first."))
}

/// `DeleteConflict` with this message.
pub(super) fn conflict(message: &str) -> AwsError {
    AwsError::new("DeleteConflict", 409, message)
}

/// A quota would be exceeded.
pub(super) fn limit_exceeded(message: impl Into<String>) -> AwsError {
    AwsError::new("LimitExceeded", 409, message)
}

/// A value breaks a constraint of the API's model.
pub(super) fn constraint(member: &str, value: &str, rule: &str) -> AwsError {
    query::constraint(member, Some(value), rule)
}
