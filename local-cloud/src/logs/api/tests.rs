use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderValue};
use serde_json::{Value, json};

use super::*;
use crate::clock::WallMs;
use crate::protocol::http::{Caller, Principal};
use crate::runtime_context::RuntimeContext;
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;

async fn call(service: &LogsService, operation: &str, input: Value) -> (u16, Value) {
    let mut headers = HeaderMap::new();
    let target = format!("Logs_20140328.{operation}");
    headers.insert("x-amz-target", HeaderValue::from_str(&target).unwrap());
    let request = Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers,
        body: Bytes::from(input.to_string()),
        caller: Arc::new(Caller {
            arn: String::new(),
            user_id: String::new(),
            access_key: String::new(),
            principal: Principal::Owner,
        }),
        request_id: "r".to_owned(),
    };
    let reply = service.handle(&request).await;
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

#[tokio::test]
async fn what_lambda_logs_is_found() {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let logs = Logs::open(&RuntimeContext::for_tests(&journal)).unwrap();
    let service = LogsService::new(Arc::clone(&logs));
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
    logs.append("/aws/lambda/f", "2026/01/01/[$LATEST]ab", events.collect());
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
