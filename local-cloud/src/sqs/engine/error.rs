//! SQS's errors: shape, name in the Query protocol (which SDKs match), status and text.

use std::fmt::Display;

use crate::error::AwsError;

/// An error whose Query name is `AWS.SimpleQueueService.` and its shape's name.
fn prefixed(shape: &'static str, status: u16, message: impl Into<String>) -> AwsError {
    AwsError::new(shape, status, message).with_query_code(format!("AWS.SimpleQueueService.{shape}"))
}

/// `QueueDoesNotExist`.
pub(crate) fn no_queue() -> AwsError {
    AwsError::new(
        "QueueDoesNotExist",
        400,
        "The specified queue does not exist.",
    )
    .with_query_code("AWS.SimpleQueueService.NonExistentQueue")
}

/// `QueueDeletedRecently`.
pub(crate) fn deleted_recently() -> AwsError {
    let message = "You must wait 60 seconds after deleting a queue before you can create another \
                   with the same name.";
    prefixed("QueueDeletedRecently", 400, message)
}

/// `QueueNameExists`, for the attribute that differs.
pub(crate) fn name_exists(attribute: &str) -> AwsError {
    let message = format!(
        "A queue already exists with the same name and a different value for attribute {attribute}"
    );
    AwsError::new("QueueNameExists", 400, message).with_query_code("QueueAlreadyExists")
}

/// `PurgeQueueInProgress`.
pub(crate) fn purge_in_progress(name: &str) -> AwsError {
    let message = format!("Only one PurgeQueue operation on {name} is allowed every 60 seconds.");
    prefixed("PurgeQueueInProgress", 403, message)
}

/// `TooManyEntriesInBatchRequest`.
pub(crate) fn too_many_entries(sent: usize) -> AwsError {
    let message = format!("Maximum number of entries per request are 10. You have sent {sent}.");
    prefixed("TooManyEntriesInBatchRequest", 400, message)
}

/// `BatchRequestTooLong`.
pub(crate) fn batch_too_long(sent: usize) -> AwsError {
    let message =
        format!("Batch requests cannot be longer than 1048576 bytes. You have sent {sent} bytes.");
    prefixed("BatchRequestTooLong", 400, message)
}

/// `EmptyBatchRequest`, for the operation of this name.
pub(crate) fn empty_batch(operation: &str) -> AwsError {
    let message = format!("There should be at least one {operation}RequestEntry in the request.");
    prefixed("EmptyBatchRequest", 400, message)
}

/// `BatchEntryIdsNotDistinct`.
pub(crate) fn ids_not_distinct(id: &str) -> AwsError {
    prefixed(
        "BatchEntryIdsNotDistinct",
        400,
        format!("Id {id} repeated."),
    )
}

/// `InvalidBatchEntryId`.
pub(crate) fn invalid_entry_id() -> AwsError {
    let message = "A batch entry id can only contain alphanumeric characters, hyphens and \
                   underscores. It can be at most 80 letters long.";
    prefixed("InvalidBatchEntryId", 400, message)
}

/// `MessageNotInflight`.
pub(crate) fn not_in_flight() -> AwsError {
    prefixed(
        "MessageNotInflight",
        400,
        "The message referred to is not in flight.",
    )
}

/// `UnsupportedOperation`.
pub(crate) fn unsupported(message: impl Into<String>) -> AwsError {
    prefixed("UnsupportedOperation", 400, message)
}

/// `ReceiptHandleIsInvalid`.
pub(crate) fn invalid_handle(handle: &str) -> AwsError {
    let message = format!("The input receipt handle \"{handle}\" is not a valid receipt handle.");
    AwsError::new("ReceiptHandleIsInvalid", 404, message)
}

/// `OverLimit`: the limit of messages in flight is reached.
pub(crate) fn over_limit() -> AwsError {
    let message = "Too many messages are in flight: at most 120000 may be.";
    AwsError::new("OverLimit", 403, message)
}

/// `InvalidMessageContents`.
pub(crate) fn invalid_contents() -> AwsError {
    let message = "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 \
                   to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF.";
    AwsError::new("InvalidMessageContents", 400, message)
}

/// `InvalidAttributeName`.
pub(crate) fn unknown_attribute(name: &str) -> AwsError {
    AwsError::new(
        "InvalidAttributeName",
        400,
        format!("Unknown Attribute {name}."),
    )
}

/// `InvalidAttributeValue`.
pub(crate) fn attribute_value(name: &str) -> AwsError {
    let message = format!("Invalid value for the parameter {name}.");
    AwsError::new("InvalidAttributeValue", 400, message)
}

/// `ResourceNotFoundException` of the move tasks, for an ARN in this parameter.
pub(crate) fn no_such_arn(parameter: &str) -> AwsError {
    not_found(format!(
        "The resource that you specified for the {parameter} parameter doesn't exist."
    ))
}

/// `ResourceNotFoundException` of the move tasks.
pub(crate) fn not_found(message: impl Into<String>) -> AwsError {
    AwsError::new("ResourceNotFoundException", 404, message)
}

/// `InvalidParameterValueException`, which AWS does not model.
pub(crate) fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterValueException", 400, message)
        .with_query_code("InvalidParameterValue")
}

/// The same, for a parameter's value and the reason why it is invalid.
pub(crate) fn invalid_value(value: impl Display, parameter: &str, reason: &str) -> AwsError {
    invalid(format!(
        "Value {value} for parameter {parameter} is invalid. Reason: {reason}"
    ))
}

/// `MissingRequiredParameterException`, which AWS does not model.
pub(crate) fn missing(parameter: &str) -> AwsError {
    let message = format!("The request must contain the parameter {parameter}.");
    AwsError::new("MissingRequiredParameterException", 400, message)
        .with_query_code("MissingParameter")
}
