//! SQS's errors, with both of their names and AWS's texts.

use crate::error::AwsError;

fn legacy(code: &'static str, status: u16, message: impl Into<String>) -> AwsError {
    AwsError::new(code, status, message).with_query_code(format!("AWS.SimpleQueueService.{code}"))
}

pub(crate) fn queue_does_not_exist() -> AwsError {
    AwsError::new(
        "QueueDoesNotExist",
        400,
        "The specified queue does not exist.",
    )
    .with_query_code("AWS.SimpleQueueService.NonExistentQueue")
}

pub(super) fn queue_name_exists(attribute: &str) -> AwsError {
    let message = format!(
        "A queue already exists with the same name and a different value for attribute {attribute}"
    );
    AwsError::new("QueueNameExists", 400, message).with_query_code("QueueAlreadyExists")
}

pub(super) fn queue_deleted_recently() -> AwsError {
    let message = "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
    legacy("QueueDeletedRecently", 400, message)
}

pub(super) fn purge_in_progress(queue: &str) -> AwsError {
    let message = format!("Only one PurgeQueue operation on {queue} is allowed every 60 seconds.");
    legacy("PurgeQueueInProgress", 403, message)
}

pub(crate) fn too_many_entries(sent: usize) -> AwsError {
    let message = format!("Maximum number of entries per request are 10. You have sent {sent}.");
    legacy("TooManyEntriesInBatchRequest", 400, message)
}

pub(crate) fn batch_too_long(bytes: usize) -> AwsError {
    let message =
        format!("Batch requests cannot be longer than 1048576 bytes. You have sent {bytes} bytes.");
    legacy("BatchRequestTooLong", 400, message)
}

pub(crate) fn empty_batch() -> AwsError {
    legacy(
        "EmptyBatchRequest",
        400,
        "There should be at least one entry in the request.",
    )
}

pub(crate) fn ids_not_distinct(id: &str) -> AwsError {
    legacy(
        "BatchEntryIdsNotDistinct",
        400,
        format!("Id {id} repeated."),
    )
}

pub(crate) fn invalid_entry_id() -> AwsError {
    let message = "A batch entry id can only contain alphanumeric characters, hyphens and underscores. \
                   It can be at most 80 letters long.";
    legacy("InvalidBatchEntryId", 400, message)
}

pub(super) fn message_not_in_flight() -> AwsError {
    legacy(
        "MessageNotInflight",
        400,
        "The message referred to is not in flight.",
    )
}

pub(crate) fn unsupported(message: &str) -> AwsError {
    legacy("UnsupportedOperation", 400, message)
}

pub(super) fn invalid_handle(handle: &str) -> AwsError {
    AwsError::new(
        "ReceiptHandleIsInvalid",
        404,
        format!("The input receipt handle \"{handle}\" is not a valid receipt handle."),
    )
}

pub(super) fn over_limit() -> AwsError {
    AwsError::new(
        "OverLimit",
        403,
        "Too many messages are in flight: a queue can have 120000 messages that were received and not deleted.",
    )
}

pub(super) fn invalid_contents() -> AwsError {
    AwsError::new(
        "InvalidMessageContents",
        400,
        "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | \
         #xE000 to #xFFFD | #x10000 to #x10FFFF.",
    )
}

pub(super) fn unknown_attribute(name: &str) -> AwsError {
    AwsError::new(
        "InvalidAttributeName",
        400,
        format!("Unknown Attribute {name}."),
    )
}

pub(super) fn invalid_attribute(name: &str) -> AwsError {
    AwsError::new(
        "InvalidAttributeValue",
        400,
        format!("Invalid value for the parameter {name}."),
    )
}

pub(crate) fn invalid_parameter(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterValueException", 400, message)
        .with_query_code("InvalidParameterValue")
}

pub(crate) fn out_of_range(name: &str, value: i64, range: &str) -> AwsError {
    invalid_parameter(format!(
        "Value {value} for parameter {name} is invalid. Reason: {range}"
    ))
}

pub(crate) fn missing_parameter(name: &str) -> AwsError {
    AwsError::new(
        "MissingRequiredParameterException",
        400,
        format!("The request must contain the parameter {name}."),
    )
    .with_query_code("MissingParameter")
}

pub(super) fn no_such_resource(message: &str) -> AwsError {
    AwsError::new("ResourceNotFoundException", 404, message)
}
