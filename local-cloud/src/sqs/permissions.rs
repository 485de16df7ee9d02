//! SQS. A batch needs the right of its single action; there are no actions for batches.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::Value;

use crate::iam::engine::evaluate::RequiredPermission;
use crate::permissions::{Place, has, text};

/// The required_permissions that a request needs. SQS writes actions in small letters when it denies them,
/// which is why they stand so here.
pub(crate) fn required_permissions(
    place: &Place,
    operation: &str,
    body: &Value,
    sources: impl Fn(&str) -> Vec<String>,
) -> Vec<RequiredPermission> {
    let action = operation.strip_suffix("Batch").unwrap_or(operation);
    let right = |action: &str, arn: &str| {
        RequiredPermission::new(format!("sqs:{}", action.to_ascii_lowercase()), arn)
    };
    let arn = resource(place, operation, body);
    let mut required_permissions = vec![right(action, &arn)];
    match operation {
        "CreateQueue" if has(body, "tags") || has(body, "Tags") => {
            required_permissions.push(right("TagQueue", &arn));
        }
        "StartMessageMoveTask" => {
            let of_source = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];
            required_permissions.extend(of_source.map(|action| right(action, &arn)));
            let destinations = match text(body, "DestinationArn") {
                Some(destination) => vec![destination.to_owned()],
                None => sources(&arn),
            };
            required_permissions.extend(destinations.iter().map(|arn| right("SendMessage", arn)));
        }
        _ => {}
    }
    required_permissions
}

fn resource(place: &Place, operation: &str, body: &Value) -> String {
    let named = |name: &str| place.arn("sqs", name);
    let of_url = |url: &str| url.rsplit('/').next().map(named);
    let found = match operation {
        "CreateQueue" | "GetQueueUrl" => text(body, "QueueName").map(named),
        "ListQueues" => Some(named("")),
        "StartMessageMoveTask" | "ListMessageMoveTasks" => {
            text(body, "SourceArn").map(str::to_owned)
        }
        "CancelMessageMoveTask" => text(body, "TaskHandle").and_then(source_of_task),
        _ => text(body, "QueueUrl").and_then(of_url),
    };
    found.unwrap_or_else(|| "*".to_owned())
}

/// A task's handle is base64 of JSON, on AWS too, and names the source.
fn source_of_task(handle: &str) -> Option<String> {
    let handle: Value = serde_json::from_slice(&BASE64.decode(handle).ok()?).ok()?;
    text(&handle, "sourceArn").map(str::to_owned)
}
