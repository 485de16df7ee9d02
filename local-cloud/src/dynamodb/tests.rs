use std::collections::BTreeSet;

use hyper::header::HeaderMap;
use serde_json::{Value, json};

use super::*;
use crate::clock::Clock;
use crate::protocol::http::{Caller, Principal};
use crate::storage::journal::Journal;
use crate::storage::MemoryStorage;

fn request(target: &str, body: &str) -> Request {
    let mut headers = HeaderMap::new();
    headers.insert("x-amz-target", target.parse().unwrap());
    Request {
        method: "POST".to_owned(),
        path: "/".to_owned(),
        query: String::new(),
        headers,
        body: Bytes::copy_from_slice(body.as_bytes()),
        caller: Arc::new(Caller {
            arn: "arn:aws:iam::111122223333:root".to_owned(),
            user_id: "111122223333".to_owned(),
            access_key: "AKIDEXAMPLE".to_owned(),
            principal: Principal::Owner,
        }),
        request_id: "id".to_owned(),
    }
}

async fn call(tables: &Tables, operation: &str, body: Value) -> (u16, Value) {
    let target = format!("DynamoDB_20120810.{operation}");
    let reply = tables.handle(&request(&target, &body.to_string())).await;
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

fn table() -> Value {
    json!({
        "TableName": "orders",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
    })
}

fn context() -> RuntimeContext {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let clock = Arc::new(Clock::start(1, None));
    RuntimeContext::open("111122223333", "eu-west-1", clock, journal).unwrap()
}

fn open(dir: &Path) -> Arc<Tables> {
    Tables::open(&dir.join("tables.db"), &context()).unwrap()
}

#[tokio::test]
async fn items_are_there_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let tables = open(dir.path());
    assert_eq!(call(&tables, "CreateTable", table()).await.0, 200);
    let put = json!({"TableName": "orders", "Item": {"id": {"N": "1"}, "note": {"S": "x"}}});
    assert_eq!(call(&tables, "PutItem", put).await, (200, json!({})));
    drop(tables);

    let get = json!({"TableName": "orders", "Key": {"id": {"N": "1.0"}}});
    let (status, reply) = call(&open(dir.path()), "GetItem", get).await;
    assert_eq!((status, &reply["Item"]["note"]["S"]), (200, &json!("x")));
}

#[tokio::test]
async fn arns_are_this_clouds_and_data_is_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let tables = open(dir.path());
    let (_, created) = call(&tables, "CreateTable", table()).await;
    let arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
    assert_eq!(created["TableDescription"]["TableArn"], arn);
    let tag = json!({"ResourceArn": arn, "Tags": [{"Key": "a", "Value": "b"}]});
    assert_eq!(call(&tables, "TagResource", tag).await.0, 200);
    let (_, tags) = call(&tables, "ListTagsOfResource", json!({"ResourceArn": arn})).await;
    assert_eq!(tags["Tags"], json!([{"Key": "a", "Value": "b"}]));

    let text = "arn:aws:dynamodb:dynoxide:000000000000:table/mine";
    let put = json!({"TableName": "orders", "Item": {"id": {"N": "1"}, "t": {"S": text}}});
    call(&tables, "PutItem", put).await;
    let get = json!({"TableName": "orders", "Key": {"id": {"N": "1"}}});
    assert_eq!(
        call(&tables, "GetItem", get).await.1["Item"]["t"]["S"],
        text
    );
}

#[tokio::test]
async fn errors_have_dynamodbs_shape() {
    let dir = tempfile::tempdir().unwrap();
    let tables = open(dir.path());
    call(&tables, "CreateTable", table()).await;
    let put = json!({
        "TableName": "orders",
        "Item": {"id": {"N": "1"}},
        "ConditionExpression": "attribute_not_exists(id)",
    });
    assert_eq!(call(&tables, "PutItem", put.clone()).await.0, 200);
    let code = |reply: &(u16, Value)| {
        let shape = reply.1["__type"].as_str().unwrap_or_default();
        (
            reply.0,
            shape.rsplit('#').next().unwrap_or_default().to_owned(),
        )
    };
    let again = call(&tables, "PutItem", put).await;
    assert_eq!(
        code(&again),
        (400, "ConditionalCheckFailedException".to_owned())
    );
    let nowhere = json!({"TableName": "nowhere", "Key": {"id": {"N": "1"}}});
    let nowhere = call(&tables, "GetItem", nowhere).await;
    assert_eq!(
        code(&nowhere),
        (400, "ResourceNotFoundException".to_owned())
    );
    let unknown = call(&tables, "CreateBackup", json!({})).await;
    assert_eq!(
        code(&unknown),
        (400, "UnknownOperationException".to_owned())
    );
    assert!(
        unknown.1["message"]
            .as_str()
            .unwrap()
            .contains("CreateBackup")
    );
    let wrong = call(&tables, "GetItem", json!({"TableName": 7})).await;
    assert_eq!(code(&wrong), (400, "SerializationException".to_owned()));
    let garbage = tables
        .handle(&request("DynamoDB_20120810.GetItem", "{"))
        .await;
    assert_eq!(garbage.status, 400);
}

#[tokio::test]
async fn a_table_that_is_updated_is_there_and_refuses_changes_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let context = context();
    let tables = Tables::open(&dir.path().join("tables.db"), &context).unwrap();
    call(&tables, "CreateTable", table()).await;
    let mut chaos = context.faults.profile();
    chaos.set("table-delay=1m").unwrap();
    context.faults.set(chaos).await.unwrap();
    let update = json!({"TableName": "orders", "DeletionProtectionEnabled": false});
    assert_eq!(call(&tables, "UpdateTable", update.clone()).await.0, 200);
    let describe = json!({"TableName": "orders"});
    let status = |reply: (u16, Value)| reply.1["Table"]["TableStatus"].clone();
    let described = call(&tables, "DescribeTable", describe.clone()).await;
    assert_eq!(status(described), "UPDATING");
    assert_eq!(call(&tables, "UpdateTable", update).await.0, 400);
    let put = json!({"TableName": "orders", "Item": {"id": {"N": "1"}}});
    assert_eq!(call(&tables, "PutItem", put).await.0, 200);
    context.clock.skip(std::time::Duration::from_secs(61));
    let described = call(&tables, "DescribeTable", describe).await;
    assert_eq!(status(described), "ACTIVE");
}

#[tokio::test]
async fn tags_are_told_as_they_were_until_they_are_everywhere() {
    let dir = tempfile::tempdir().unwrap();
    let context = context();
    let tables = Tables::open(&dir.path().join("tables.db"), &context).unwrap();
    let mut chaos = context.faults.profile();
    chaos.set("tag-delay=1m").unwrap();
    context.faults.set(chaos).await.unwrap();
    let mut tagged = table();
    tagged["Tags"] = json!([{"Key": "lab", "Value": "a"}]);
    let (_, created) = call(&tables, "CreateTable", tagged).await;
    let arn = &created["TableDescription"]["TableArn"];
    let told = async || {
        let mut all = BTreeSet::new();
        for _ in 0..40 {
            let listed = call(&tables, "ListTagsOfResource", json!({"ResourceArn": arn})).await;
            all.insert(
                listed.1["Tags"][0]["Value"]
                    .as_str()
                    .unwrap_or("-")
                    .to_owned(),
            );
        }
        all.into_iter().collect::<String>()
    };
    assert_eq!(told().await, "-a", "a new table has none for a moment");
    context.clock.skip(std::time::Duration::from_secs(61));
    assert_eq!(told().await, "a");
    for value in ["b", "c"] {
        let tags = json!([{"Key": "lab", "Value": value}]);
        let tag = json!({"ResourceArn": arn, "Tags": tags});
        assert_eq!(call(&tables, "TagResource", tag).await.0, 200);
    }
    assert_eq!(told().await, "ac");
    context.clock.skip(std::time::Duration::from_secs(61));
    assert_eq!(told().await, "c");
    let untag = json!({"ResourceArn": arn, "TagKeys": ["lab"]});
    assert_eq!(call(&tables, "UntagResource", untag).await.0, 200);
    assert_eq!(told().await, "-c");
}

#[tokio::test]
async fn every_table_is_listed_with_its_tags() {
    let dir = tempfile::tempdir().unwrap();
    let tables = open(dir.path());
    let mut tagged = table();
    tagged["Tags"] = json!([{"Key": "lab", "Value": "a"}]);
    call(&tables, "CreateTable", tagged).await;
    let listed = tables.tagged().await.unwrap();
    assert_eq!(listed.len(), 1);
    assert_eq!(
        listed[0].arn,
        "arn:aws:dynamodb:eu-west-1:111122223333:table/orders"
    );
    assert_eq!(listed[0].tags["lab"], "a");
}

#[test]
fn a_damaged_file_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tables.db");
    let garbage = b"not a database at all".repeat(100);
    std::fs::write(&path, &garbage).unwrap();
    let problem = Tables::open(&path, &context()).unwrap_err();
    assert!(matches!(problem, StorageError::Damaged { .. }), "{problem}");
    assert_eq!(std::fs::read(&path).unwrap(), garbage);
}
