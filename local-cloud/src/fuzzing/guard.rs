//! The guard's property: the permissions that a request requires are about what the request acts on.
//!
//! An input is a service and an operation (for Lambda: method and path) on the first line,
//! `sqs SendMessage`, then the body.

use super::engines::first_line;
use crate::iam::RequiredPermission;
use crate::protocol::json;
use crate::{dynamodb, iam, lambda, logs, sqs};

/// A request of a role: whatever the service would act on, a permission is required for.
pub fn guard(data: &[u8]) {
    let (line, body) = first_line(data);
    let Ok(line) = std::str::from_utf8(line) else {
        return;
    };
    let Some((service, operation)) = line.split_once(' ') else {
        return;
    };
    match service {
        "lambda" => lambda::api::fuzzing::check_permissions(operation, body),
        "iam" => iam::api::fuzzing::check_permissions(body),
        "sqs" => check(sqs::api::fuzzing::required(operation, body), || {
            sqs_queues(operation, body)
        }),
        "dynamodb" => check(dynamodb::fuzzing::required(operation, body), || {
            dynamodb::fuzzing::table_arns(operation, body)
        }),
        "logs" => check(logs::fuzzing::required(operation, body), || {
            logs::fuzzing::stream_arns(operation, body)
        }),
        _ => {}
    }
}

/// Checks that a permission is required for each resource; `None` is a request that is refused.
fn check(required: Option<Vec<RequiredPermission>>, resources: impl FnOnce() -> Vec<String>) {
    let Some(required) = required else {
        return;
    };
    assert!(!required.is_empty(), "every request requires a permission");
    for resource in resources() {
        assert!(
            required.iter().any(|one| one.resource == resource),
            "{resource} is used, and the required permissions are {required:?}"
        );
    }
}

/// The queue that an operation with a queue's URL acts on.
fn sqs_queues(operation: &str, body: &[u8]) -> Vec<String> {
    let by_url = !operation.starts_with("Create")
        && !operation.starts_with("List")
        && !operation.ends_with("Task")
        && operation != "GetQueueUrl";
    let body: serde_json::Value = json::read(body).unwrap_or_default();
    let arn = body
        .get("QueueUrl")
        .and_then(serde_json::Value::as_str)
        .and_then(sqs::api::fuzzing::arn_of_url);
    arn.filter(|_| by_url).into_iter().collect()
}
