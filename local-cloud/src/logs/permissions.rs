//! CloudWatch Logs. Rights on a group's contents are asked for on `…:log-group:NAME:log-stream:…`,
//! which is why policies end in `:*`; those on a group's tags on the group itself.

use serde_json::Value;

use crate::iam::engine::evaluate::RequiredPermission;
use crate::permissions::{Place, has, text};

/// The required_permissions that a request needs.
pub(crate) fn required_permissions(
    place: &Place,
    operation: &str,
    body: &Value,
) -> Vec<RequiredPermission> {
    let right = |action: &str, arn: String| RequiredPermission::new(format!("logs:{action}"), arn);
    let group = text(body, "logGroupName").or_else(|| text(body, "logGroupIdentifier"));
    match operation {
        "TagResource" | "UntagResource" | "ListTagsForResource" => {
            let arn = text(body, "resourceArn").unwrap_or("*");
            vec![right(operation, arn.to_owned())]
        }
        "DescribeLogGroups" => vec![right(operation, stream(place, "", ""))],
        _ => {
            let Some(group) = group else {
                return vec![right(operation, "*".to_owned())];
            };
            let name = group
                .rsplit_once(":log-group:")
                .map_or(group, |(_, name)| name);
            let name = name.strip_suffix(":*").unwrap_or(name);
            let of_stream = text(body, "logStreamName").unwrap_or_default();
            let mut required_permissions = vec![right(operation, stream(place, name, of_stream))];
            if operation == "CreateLogGroup" && has(body, "tags") {
                required_permissions.push(right("TagResource", stream(place, name, "")));
            }
            required_permissions
        }
    }
}

/// The ARN of a stream, or of all that is in a group.
fn stream(place: &Place, group: &str, stream: &str) -> String {
    place.arn("logs", &format!("log-group:{group}:log-stream:{stream}"))
}
