//! The permissions that requests to CloudWatch Logs require. What is in a group is
//! `log-group:NAME:log-stream:…`, which is why policies end in `:*`; a group's tags belong to the
//! group itself. A request whose group cannot be told is refused.

use std::collections::BTreeMap;

use super::service::LogsService;
use super::wire::{group_name, invalid};
use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::service::Required;

/// The permission for an operation on a stream. An empty `stream` means the whole group.
pub(super) fn on_stream(
    service: &LogsService,
    operation: &str,
    group: &str,
    stream: &str,
) -> Result<RequiredPermission, AwsError> {
    if group.is_empty() {
        return Err(invalid("A name of a log group has 1 to 512 characters."));
    }
    Ok(on_arn(operation, stream_arn(service, group, stream)))
}

/// The same for a group that is given by its name or by an identifier, which is a name or an ARN.
pub(super) fn on_identified(
    service: &LogsService,
    operation: &str,
    (name, identifier): (Option<&str>, Option<&str>),
    stream: &str,
) -> Required {
    let name = service
        .logs
        .read(|store, _| group_name(store, name, identifier).map(str::to_owned));
    Ok(vec![on_stream(service, operation, &name?, stream)?])
}

/// The permission for an operation on the groups of the account.
pub(super) fn on_all_groups(service: &LogsService, operation: &str) -> Required {
    Ok(vec![on_arn(operation, stream_arn(service, "", ""))])
}

/// The permission for an operation on the tags of the group with this ARN, with or without `:*`.
pub(super) fn on_tags(
    service: &LogsService,
    operation: &str,
    arn: &str,
) -> Result<RequiredPermission, AwsError> {
    let group = service
        .logs
        .read(|store, _| store.name_of(arn).map(|name| store.arn(name)));
    Ok(on_arn(operation, group?))
}

/// The same permission of a request that sets these tags.
pub(super) fn with_tags(
    permission: RequiredPermission,
    tags: &BTreeMap<String, String>,
) -> RequiredPermission {
    permission.with_tags(tags.iter().map(|(key, value)| (&**key, &**value)))
}

fn on_arn(operation: &str, arn: impl Into<String>) -> RequiredPermission {
    RequiredPermission::new(format!("logs:{operation}"), arn)
}

fn stream_arn(service: &LogsService, group: &str, stream: &str) -> String {
    let resource = format!("log-group:{group}:log-stream:{stream}");
    service.location.arn("logs", &resource)
}
