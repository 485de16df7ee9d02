use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::clock::WallMs;
use crate::logs::Logs;
use crate::protocol::http::tests::request_of_a_role;
use crate::runtime_context::RuntimeContext;
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;

/// The ARN of the log group `/aws/lambda/f`.
const GROUP: &str = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f";

fn context() -> RuntimeContext {
    RuntimeContext::for_tests(&Journal::start(Box::new(MemoryStorage::default())))
}

fn service(context: &RuntimeContext) -> Arc<LogsService> {
    let logs = Logs::open(context).unwrap();
    Arc::new(LogsService::new(logs, context))
}

fn request(operation: &str, input: &Value) -> Request {
    let target = format!("Logs_20140328.{operation}");
    request_of_a_role(&target, input.to_string().as_bytes())
}

async fn call(service: &Arc<LogsService>, operation: &str, input: Value) -> (u16, Value) {
    let reply = match Arc::clone(service).read(&request(operation, &input)) {
        Ok(call) => call.run().await,
        Err(error) => DIALECT.error(&error),
    };
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

/// The permissions that a request requires, each as its action and its resource.
fn required(operation: &str, input: Value) -> Vec<String> {
    let call = service(&context())
        .read(&request(operation, &input))
        .unwrap();
    let permissions = call.required_permissions().unwrap().into_iter();
    permissions
        .map(|one| format!("{} {}", one.action, one.resource))
        .collect()
}

#[tokio::test]
async fn what_functions_log_is_found() {
    let service = service(&context());
    let group = json!({"logGroupName": "/aws/lambda/f"});
    let (status, missing) = call(&service, "FilterLogEvents", group.clone()).await;
    assert_eq!(
        (status, &missing["__type"]),
        (400, &json!("ResourceNotFoundException"))
    );
    let lines = ["START", r#"{"reason":"bad_price"}"#, "END"];
    let events = lines
        .iter()
        .zip(1..)
        .map(|(line, at)| (WallMs(at), (*line).to_owned()));
    service
        .logs
        .append("/aws/lambda/f", "2026/01/01/[$LATEST]ab", events.collect());
    let filter =
        json!({"logGroupName": "/aws/lambda/f", "filterPattern": "{ $.reason = \"bad_price\" }"});
    let (_, found) = call(&service, "FilterLogEvents", filter).await;
    assert_eq!(found["events"][0]["message"], lines[1]);
    let get = json!({"logGroupName": "/aws/lambda/f", "logStreamName": "2026/01/01/[$LATEST]ab", "limit": 2});
    let (_, page) = call(&service, "GetLogEvents", get).await;
    assert_eq!(page["events"][0]["message"], lines[1]);
    let (_, groups) = call(&service, "DescribeLogGroups", json!({})).await;
    assert_eq!(
        groups["logGroups"][0]["arn"],
        "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f:*"
    );
    let (_, streams) = call(&service, "DescribeLogStreams", group.clone()).await;
    assert_eq!(streams["logStreams"][0]["lastEventTimestamp"], 3);
    assert_eq!(
        call(&service, "DeleteLogGroup", group).await,
        (200, json!({}))
    );
    assert_eq!(call(&service, "StartQuery", json!({})).await.0, 400);
}

#[tokio::test]
async fn changes_of_tags_are_recorded() {
    let context = context();
    let service = service(&context);
    let mut chaos = context.faults.profile();
    chaos.set("tag-delay=1m").unwrap();
    context.faults.set(chaos).await.unwrap();
    // What the tagging API may see in place of what is, once the change before has arrived.
    let earlier = async |operation: &str, input: Value| {
        let (status, reply) = call(&service, operation, input).await;
        assert_eq!((status, reply), (200, json!({})), "{operation}");
        let mut views = (0..40).map(|_| context.tag_updates.stale_view());
        let stale = views.find_map(|mut view| view.remove(GROUP));
        context.clock.skip(Duration::from_secs(61));
        stale.map(|tags| tags.get("lab").cloned().unwrap_or_default())
    };
    let earlier_of = |tag: &str| Some(tag.to_owned());
    let create = json!({"logGroupName": "/aws/lambda/f", "tags": {"lab": "a"}});
    assert_eq!(earlier("CreateLogGroup", create).await, earlier_of(""));
    let tag = json!({"resourceArn": GROUP, "tags": {"lab": "b"}});
    assert_eq!(earlier("TagResource", tag.clone()).await, earlier_of("a"));
    let untag = json!({"resourceArn": GROUP, "tagKeys": ["lab"]});
    assert_eq!(earlier("UntagResource", untag).await, earlier_of("b"));
    assert_eq!(earlier("TagResource", tag).await, earlier_of(""));
    let delete = json!({"logGroupName": "/aws/lambda/f"});
    assert_eq!(earlier("DeleteLogGroup", delete).await, earlier_of("b"));
    service.logs.append("/aws/lambda/f", "s", Vec::new());
    assert!(context.tag_updates.stale_view().is_empty());
}

#[test]
fn writing_requires_permission_on_the_stream() {
    let put = json!({"logGroupName": "/aws/lambda/f", "logStreamName": "s", "logEvents": []});
    let expected = [format!("logs:PutLogEvents {GROUP}:log-stream:s")];
    assert_eq!(required("PutLogEvents", put), expected);
}

#[test]
fn groups_are_known_by_name_and_by_arn() {
    let expected = [format!("logs:FilterLogEvents {GROUP}:log-stream:")];
    for input in [
        json!({"logGroupName": "/aws/lambda/f"}),
        json!({"logGroupIdentifier": "/aws/lambda/f"}),
        json!({"logGroupIdentifier": GROUP}),
        json!({"logGroupIdentifier": format!("{GROUP}:*")}),
    ] {
        assert_eq!(required("FilterLogEvents", input), expected);
    }
    for unclear in [
        json!({}),
        json!({"logGroupName": ""}),
        json!({"logGroupName": "a", "logGroupIdentifier": "b"}),
        json!({"logGroupIdentifier": GROUP.replace("us-east-1", "eu-west-1")}),
    ] {
        let call = service(&context()).read(&request("FilterLogEvents", &unclear));
        let refused = call.unwrap().required_permissions().unwrap_err();
        assert_eq!(refused.code, "InvalidParameterException", "{unclear}");
    }
}

#[test]
fn tags_at_creation_require_a_permission_of_their_own() {
    let create = json!({"logGroupName": "/aws/lambda/f", "tags": {"lab": "a"}});
    let expected = ["CreateLogGroup", "TagResource"]
        .map(|operation| format!("logs:{operation} {GROUP}:log-stream:"));
    assert_eq!(required("CreateLogGroup", create), expected);
    let tag = json!({"resourceArn": GROUP});
    let expected = [format!("logs:TagResource {GROUP}")];
    assert_eq!(required("TagResource", tag), expected);
    let describe = required("DescribeLogGroups", json!({}));
    let all = "arn:aws:logs:us-east-1:000000000000:log-group::log-stream:";
    assert_eq!(describe, [format!("logs:DescribeLogGroups {all}")]);
}
