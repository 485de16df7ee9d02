//! The permissions that requests to SQS require. Where no queue can be told, the permission is
//! required on `*`.

use super::SqsService;
use crate::iam::RequiredPermission;

/// The permission for an operation on the queue with this ARN. A batch requires the permission of
/// its single action, and SQS writes actions in small letters when it denies one.
pub(super) fn on_arn(operation: &str, arn: &str) -> RequiredPermission {
    let action = operation.strip_suffix("Batch").unwrap_or(operation);
    RequiredPermission::new(format!("sqs:{}", action.to_ascii_lowercase()), arn)
}

/// The permission for an operation on the queue of this name.
pub(super) fn on_name(
    service: &SqsService,
    operation: &str,
    name: &str,
) -> Vec<RequiredPermission> {
    vec![on_arn(operation, &arn_of(service, name))]
}

/// The permission for an operation on the queue with this URL.
pub(super) fn on_url(service: &SqsService, operation: &str, url: &str) -> Vec<RequiredPermission> {
    on_name(
        service,
        operation,
        url.rsplit('/').next().unwrap_or_default(),
    )
}

/// The ARN of the queue of this name; `*` where there is no name.
pub(super) fn arn_of(service: &SqsService, name: &str) -> String {
    match name {
        "" => "*".to_owned(),
        name => service.location.arn("sqs", name),
    }
}
