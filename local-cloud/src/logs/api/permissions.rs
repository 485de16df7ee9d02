//! The permissions that requests to CloudWatch Logs require. What is in a group is
//! `log-group:NAME:log-stream:…`, which is why policies end in `:*`; a group's tags belong to the
//! group itself.

use super::service::LogsService;
use crate::iam::RequiredPermission;

/// The permission for an operation on a stream. An empty `stream` means the whole group, an empty
/// `group` anything.
pub(super) fn on_stream(
    service: &LogsService,
    operation: &str,
    group: &str,
    stream: &str,
) -> RequiredPermission {
    let arn = match group_of(group) {
        _ if group.is_empty() => "*".to_owned(),
        name => stream_arn(service, name, stream),
    };
    on_arn(operation, arn)
}

/// The same for a group that is given by its name or by an identifier, which is a name or an ARN.
pub(super) fn on_identified(
    service: &LogsService,
    operation: &str,
    (name, identifier): (Option<&str>, Option<&str>),
    stream: &str,
) -> Vec<RequiredPermission> {
    let is_given = |text: &&str| !text.is_empty();
    let group = name.filter(is_given).or(identifier).unwrap_or_default();
    vec![on_stream(service, operation, group, stream)]
}

/// The permission for an operation on the groups of the account.
pub(super) fn on_all_groups(service: &LogsService, operation: &str) -> Vec<RequiredPermission> {
    vec![on_arn(operation, stream_arn(service, "", ""))]
}

/// The permission for an operation on the resource with this ARN; on anything where it is empty.
pub(super) fn on_resource(operation: &str, arn: &str) -> Vec<RequiredPermission> {
    let arn = if arn.is_empty() { "*" } else { arn };
    vec![on_arn(operation, arn)]
}

fn on_arn(operation: &str, arn: impl Into<String>) -> RequiredPermission {
    RequiredPermission::new(format!("logs:{operation}"), arn)
}

fn stream_arn(service: &LogsService, group: &str, stream: &str) -> String {
    let resource = format!("log-group:{group}:log-stream:{stream}");
    service.location.arn("logs", &resource)
}

/// The name of a group that is named by its name or its ARN, with or without `:*`.
fn group_of(group: &str) -> &str {
    let name = group
        .rsplit_once(":log-group:")
        .map_or(group, |(_, name)| name);
    name.strip_suffix(":*").unwrap_or(name)
}
