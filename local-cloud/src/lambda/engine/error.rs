//! The errors that most commands share.

use crate::error::AwsError;

pub(super) fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterValueException", 400, message)
}

pub(super) fn conflict(message: impl Into<String>) -> AwsError {
    AwsError::new("ResourceConflictException", 409, message)
}

pub(super) fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new("ResourceNotFoundException", 404, message)
}
