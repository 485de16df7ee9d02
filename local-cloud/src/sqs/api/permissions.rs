//! The permissions that requests to SQS require. A request whose queue cannot be told is refused.

use super::service::{SqsService, queue_name};
use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::service::Required;
use crate::sqs::engine::error;

/// The permission for an operation on the queue with this ARN. A batch requires the permission of
/// its single action, and SQS writes actions in small letters when it denies one.
pub(super) fn on_arn(operation: &str, arn: &str) -> RequiredPermission {
    let action = operation.strip_suffix("Batch").unwrap_or(operation);
    RequiredPermission::new(format!("sqs:{}", action.to_ascii_lowercase()), arn)
}

/// The permission for an operation on the queue of this name.
pub(super) fn on_name(service: &SqsService, operation: &str, name: &str) -> Required {
    Ok(vec![on_arn(operation, &arn_of(service, name)?)])
}

/// The permission for an operation on the queue with this URL.
pub(super) fn on_url(service: &SqsService, operation: &str, url: &str) -> Required {
    on_name(service, operation, queue_name(url)?)
}

/// The ARN of the queue of this name.
///
/// # Errors
/// `MissingParameter` where there is no name.
pub(super) fn arn_of(service: &SqsService, name: &str) -> Result<String, AwsError> {
    match name {
        "" => Err(error::missing("QueueName")),
        name => Ok(service.location.arn("sqs", name)),
    }
}

/// Checks that an ARN is that of a queue of this account and region.
///
/// # Errors
/// `ResourceNotFoundException`.
pub(super) fn check_arn(service: &SqsService, arn: &str, parameter: &str) -> Result<(), AwsError> {
    let name = arn.strip_prefix(&service.location.arn("sqs", ""));
    match name {
        Some(name) if !name.is_empty() => Ok(()),
        _ => Err(error::no_such_arn(parameter)),
    }
}
