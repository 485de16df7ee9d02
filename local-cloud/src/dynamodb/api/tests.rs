use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::clock::Clock;
use crate::protocol::http::tests::request_of_a_role;
use crate::runtime_context::RuntimeContext;
use crate::storage::journal::Journal;
use crate::storage::{MemoryStorage, StorageError};

/// The ARN of the table `orders`.
const ORDERS: &str = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";

fn request(operation: &str, body: &str) -> Request {
    request_of_a_role(&format!("DynamoDB_20120810.{operation}"), body.as_bytes())
}

/// The status and the body of the reply to a request.
async fn answer(service: &Arc<DynamoDbService>, request: &Request) -> (u16, Value) {
    let reply = match Arc::clone(service).read(request) {
        Ok(call) => call.run().await,
        Err(error) => DIALECT.error(&error),
    };
    (reply.status, serde_json::from_slice(&reply.body).unwrap())
}

async fn call(service: &Arc<DynamoDbService>, operation: &str, body: Value) -> (u16, Value) {
    answer(service, &request(operation, &body.to_string())).await
}

/// The permissions that a request requires, each as its action and its resource.
fn required(operation: &str, body: Value) -> Vec<String> {
    let request = request(operation, &body.to_string());
    let call = service(&context()).read(&request).unwrap();
    let permissions = call.required_permissions().unwrap().into_iter();
    permissions
        .map(|one| format!("{} {}", one.action, one.resource))
        .collect()
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

/// A service whose tables are kept in memory.
fn service(context: &RuntimeContext) -> Arc<DynamoDbService> {
    Arc::new(DynamoDbService::new(Tables::in_memory(context)))
}

/// A service whose tables are kept in a file of this directory.
fn open(dir: &Path) -> Arc<DynamoDbService> {
    let tables = Tables::open(&dir.join("tables.db"), &context());
    Arc::new(DynamoDbService::new(tables.unwrap()))
}

/// Sets one delay of the chaos profile.
async fn delay(context: &RuntimeContext, setting: &str) {
    let mut chaos = context.faults.profile();
    chaos.set(setting).unwrap();
    context.faults.set(chaos).await.unwrap();
}

fn tagged_table() -> Value {
    let mut table = table();
    table["Tags"] = json!([{"Key": "lab", "Value": "a"}]);
    table
}

#[tokio::test]
async fn items_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let service = open(dir.path());
    assert_eq!(call(&service, "CreateTable", table()).await.0, 200);
    let put = json!({"TableName": "orders", "Item": {"id": {"N": "1"}, "note": {"S": "x"}}});
    assert_eq!(call(&service, "PutItem", put).await, (200, json!({})));
    drop(service);

    let get = json!({"TableName": "orders", "Key": {"id": {"N": "1.0"}}});
    let (status, reply) = call(&open(dir.path()), "GetItem", get).await;
    assert_eq!((status, &reply["Item"]["note"]["S"]), (200, &json!("x")));
}

#[tokio::test]
async fn only_arns_are_translated() {
    let service = service(&context());
    let (_, created) = call(&service, "CreateTable", table()).await;
    assert_eq!(created["TableDescription"]["TableArn"], ORDERS);
    let tag = json!({"ResourceArn": ORDERS, "Tags": [{"Key": "a", "Value": "b"}]});
    assert_eq!(call(&service, "TagResource", tag).await.0, 200);
    let list = json!({"ResourceArn": ORDERS});
    let (_, tags) = call(&service, "ListTagsOfResource", list).await;
    assert_eq!(tags["Tags"], json!([{"Key": "a", "Value": "b"}]));
    let missing = ORDERS.replace("orders", "missing");
    let list = json!({"ResourceArn": missing});
    let (status, error) = call(&service, "ListTagsOfResource", list).await;
    let message = error["message"].as_str().unwrap();
    assert!(status == 400 && message.contains(&missing), "{message}");

    let text = "arn:aws:dynamodb:dynoxide:000000000000:table/mine";
    let put = json!({"TableName": "orders", "Item": {"id": {"N": "1"}, "t": {"S": text}}});
    call(&service, "PutItem", put).await;
    let get = json!({"TableName": "orders", "Key": {"id": {"N": "1"}}});
    let (_, item) = call(&service, "GetItem", get).await;
    assert_eq!(item["Item"]["t"]["S"], text);
}

#[tokio::test]
async fn errors_have_the_shape_of_dynamodb() {
    let service = service(&context());
    call(&service, "CreateTable", table()).await;
    let refused = async |operation: &str, body: Value| {
        let (status, body) = call(&service, operation, body).await;
        assert_eq!(status, 400, "{operation}");
        let shape = body["__type"].as_str().unwrap();
        shape.rsplit('#').next().unwrap().to_owned()
    };
    let put = json!({
        "TableName": "orders",
        "Item": {"id": {"N": "1"}},
        "ConditionExpression": "attribute_not_exists(id)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    assert_eq!(call(&service, "PutItem", put.clone()).await.0, 200);
    let expected = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message": "The conditional request failed",
        "Item": {"id": {"N": "1"}},
    });
    assert_eq!(call(&service, "PutItem", put).await, (400, expected));
    let missing = json!({"TableName": "missing", "Key": {"id": {"N": "1"}}});
    let code = refused("GetItem", missing).await;
    assert_eq!(code, "ResourceNotFoundException");
    let code = refused("GetItem", json!({"TableName": 7})).await;
    assert_eq!(code, "SerializationException");
    let code = refused("GetItem", json!([])).await;
    assert_eq!(code, "SerializationException");
    let code = refused("PutItem", json!({})).await;
    assert_eq!(code, "ValidationException");
    let code = refused("CreateBackup", json!({})).await;
    assert_eq!(code, "UnknownOperationException");
    let (_, unknown) = call(&service, "CreateBackup", json!({})).await;
    assert!(
        unknown["message"]
            .as_str()
            .unwrap()
            .contains("CreateBackup")
    );
    for body in ["{", ""] {
        assert_eq!(answer(&service, &request("GetItem", body)).await.0, 400);
    }
}

#[tokio::test]
async fn tables_that_are_updated_refuse_only_changes() {
    let context = context();
    let service = service(&context);
    call(&service, "CreateTable", table()).await;
    delay(&context, "table-delay=1m").await;
    let update = json!({"TableName": "orders", "DeletionProtectionEnabled": false});
    assert_eq!(call(&service, "UpdateTable", update.clone()).await.0, 200);
    let describe = json!({"TableName": "orders"});
    let status = |reply: (u16, Value)| reply.1["Table"]["TableStatus"].clone();
    let described = call(&service, "DescribeTable", describe.clone()).await;
    assert_eq!(status(described), "UPDATING");
    assert_eq!(call(&service, "UpdateTable", update).await.0, 400);
    let put = json!({"TableName": "orders", "Item": {"id": {"N": "1"}}});
    assert_eq!(call(&service, "PutItem", put).await.0, 200);
    context.clock.skip(Duration::from_secs(61));
    let described = call(&service, "DescribeTable", describe).await;
    assert_eq!(status(described), "ACTIVE");
}

#[tokio::test]
async fn new_and_deleted_tables_cannot_be_used() {
    let context = context();
    let service = service(&context);
    delay(&context, "table-delay=1m").await;
    let named = json!({"TableName": "orders"});
    let item = json!({"TableName": "orders", "Item": {"id": {"N": "1"}}});
    let insert = json!({"Statement": "INSERT INTO \"orders\" VALUE {'id': 2}"});
    let uses = [
        ("PutItem", item.clone()),
        (
            "TransactWriteItems",
            json!({"TransactItems": [{"Put": item}]}),
        ),
        ("BatchExecuteStatement", json!({"Statements": [insert]})),
    ];
    let all_are_refused = async || {
        for (operation, body) in &uses {
            let (status, error) = call(&service, operation, body.clone()).await;
            let shape = error["__type"].as_str().unwrap_or_default();
            assert!(
                shape.ends_with("#ResourceNotFoundException"),
                "{operation}: {error}"
            );
            assert_eq!(status, 400);
        }
    };
    call(&service, "CreateTable", table()).await;
    all_are_refused().await;
    assert_eq!(call(&service, "DeleteTable", named.clone()).await.0, 400);
    let (_, described) = call(&service, "DescribeTable", named.clone()).await;
    assert_eq!(described["Table"]["TableStatus"], "CREATING");
    context.clock.skip(Duration::from_secs(61));
    for (operation, body) in &uses {
        let (status, reply) = call(&service, operation, body.clone()).await;
        assert_eq!(status, 200, "{operation}: {reply}");
    }

    let (_, deleted) = call(&service, "DeleteTable", named.clone()).await;
    all_are_refused().await;
    assert_eq!(call(&service, "CreateTable", table()).await.0, 400);
    let (_, again) = call(&service, "DeleteTable", named.clone()).await;
    assert_eq!(again, deleted);
    let (_, described) = call(&service, "DescribeTable", named.clone()).await;
    assert_eq!(described["Table"], deleted["TableDescription"]);
    context.clock.skip(Duration::from_secs(61));
    assert_eq!(call(&service, "DescribeTable", named).await.0, 400);
    assert_eq!(call(&service, "CreateTable", table()).await.0, 200);
}

#[tokio::test]
async fn earlier_tags_are_seen_until_a_change_arrives() {
    let context = context();
    let service = service(&context);
    delay(&context, "tag-delay=1m").await;
    call(&service, "CreateTable", tagged_table()).await;
    let seen = async || {
        let mut all = BTreeSet::new();
        for _ in 0..40 {
            let list = json!({"ResourceArn": ORDERS});
            let (_, listed) = call(&service, "ListTagsOfResource", list).await;
            let value = listed["Tags"][0]["Value"].as_str();
            all.insert(value.unwrap_or("-").to_owned());
        }
        all.into_iter().collect::<String>()
    };
    assert_eq!(seen().await, "-a", "a new table has none for a moment");
    context.clock.skip(Duration::from_secs(61));
    assert_eq!(seen().await, "a");
    for value in ["b", "c"] {
        let tags = json!([{"Key": "lab", "Value": value}]);
        let tag = json!({"ResourceArn": ORDERS, "Tags": tags});
        assert_eq!(call(&service, "TagResource", tag).await.0, 200);
    }
    assert_eq!(seen().await, "ac");
    context.clock.skip(Duration::from_secs(61));
    assert_eq!(seen().await, "c");
    let untag = json!({"ResourceArn": ORDERS, "TagKeys": ["lab"]});
    assert_eq!(call(&service, "UntagResource", untag).await.0, 200);
    assert_eq!(seen().await, "-c");
}

#[tokio::test]
async fn changes_of_tags_are_recorded() {
    let context = context();
    let service = service(&context);
    delay(&context, "tag-delay=1m").await;
    // What the tagging API may see in place of what is, once the change before has arrived.
    let earlier = async |operation: &str, body: Value| {
        assert_eq!(call(&service, operation, body).await.0, 200, "{operation}");
        let mut views = (0..40).map(|_| context.tag_updates.stale_view());
        let stale = views.find_map(|mut view| view.remove(ORDERS));
        context.clock.skip(Duration::from_secs(61));
        stale.map(|tags| tags.get("lab").cloned().unwrap_or_default())
    };
    let earlier_of = |tag: &str| Some(tag.to_owned());
    assert_eq!(earlier("CreateTable", tagged_table()).await, earlier_of(""));
    let tags = json!([{"Key": "lab", "Value": "b"}]);
    let tag = json!({"ResourceArn": ORDERS, "Tags": tags});
    assert_eq!(earlier("TagResource", tag.clone()).await, earlier_of("a"));
    let untag = json!({"ResourceArn": ORDERS, "TagKeys": ["lab"]});
    assert_eq!(earlier("UntagResource", untag).await, earlier_of("b"));
    assert_eq!(earlier("TagResource", tag).await, earlier_of(""));
    let delete = json!({"TableName": "orders"});
    assert_eq!(earlier("DeleteTable", delete).await, earlier_of("b"));
}

#[tokio::test]
async fn every_table_is_listed_with_its_tags() {
    let service = service(&context());
    call(&service, "CreateTable", tagged_table()).await;
    let listed = service.tables.tags().await.unwrap();
    let tags = [("lab".to_owned(), "a".to_owned())].into();
    assert_eq!(listed, [(ORDERS.to_owned(), tags)]);
}

#[test]
fn damaged_files_are_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("tables.db");
    let garbage = b"not a database at all".repeat(100);
    std::fs::write(&path, &garbage).unwrap();
    let problem = Tables::open(&path, &context()).unwrap_err();
    assert!(matches!(problem, StorageError::Damaged { .. }), "{problem}");
    assert_eq!(std::fs::read(&path).unwrap(), garbage);
}

/// The code of the error for a request whose tables cannot be told.
fn unclear(operation: &str, body: Value) -> String {
    let request = request(operation, &body.to_string());
    let read = service(&context()).read(&request);
    let required = read.and_then(|call| call.required_permissions());
    required.unwrap_err().code.into_owned()
}

#[test]
fn requests_whose_tables_cannot_be_told_are_refused() {
    let elsewhere = ORDERS.replace("eu-west-1", "us-east-1");
    let of_another = ORDERS.replace("111122223333", "999999999999");
    let tag = |arn: &str| json!({"ResourceArn": arn, "Tags": []});
    for (operation, body) in [
        ("BatchGetItem", json!({"RequestItems": {}})),
        ("BatchWriteItem", json!({"RequestItems": {}})),
        ("BatchWriteItem", json!({"RequestItems": {&elsewhere: []}})),
        (
            "BatchWriteItem",
            json!({"RequestItems": {ORDERS: [], "orders": []}}),
        ),
        ("TransactGetItems", json!({"TransactItems": []})),
        ("TransactWriteItems", json!({"TransactItems": []})),
        ("BatchExecuteStatement", json!({"Statements": []})),
        ("ExecuteTransaction", json!({"TransactStatements": []})),
        (
            "ExecuteStatement",
            json!({"Statement": "SELECT * FROM (SELECT * FROM orders)"}),
        ),
        (
            "ExecuteStatement",
            json!({"Statement": "SELECT * FROM 'orders'"}),
        ),
        (
            "ExecuteStatement",
            json!({"Statement": "SELECT a.from FROM orders"}),
        ),
        ("Scan", json!({"TableName": ""})),
        ("Scan", json!({"TableName": elsewhere})),
        ("Scan", json!({"TableName": format!("{ORDERS}/index/i")})),
        ("TagResource", json!({"Tags": []})),
        ("TagResource", tag(&elsewhere)),
        ("TagResource", tag(&of_another)),
        ("TagResource", tag(&format!("{ORDERS}/index/i"))),
        (
            "TagResource",
            tag("arn:aws:dynamodb:dynoxide:000000000000:table/orders"),
        ),
        ("DescribeStream", json!({"StreamArn": ORDERS})),
        (
            "DescribeStream",
            json!({"StreamArn": format!("{elsewhere}/stream/x")}),
        ),
        (
            "GetRecords",
            json!({"ShardIterator": "eyJ0YWJsZSI6Im9yZGVycyJ9"}),
        ),
    ] {
        let code = unclear(operation, body.clone());
        assert_eq!(code, "ValidationException", "{operation} {body}");
    }
    for operation in ["ListTables", "ListStreams"] {
        let body = json!({"TableName": "orders"});
        assert_eq!(
            required(operation, body),
            [format!("dynamodb:{operation} *")]
        );
    }
}

#[tokio::test]
async fn records_require_the_right_to_the_stream_of_their_iterator() {
    let context = context();
    let service = service(&context);
    let mut with_stream = table();
    with_stream["StreamSpecification"] =
        json!({"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"});
    let (_, created) = call(&service, "CreateTable", with_stream).await;
    let arn = created["TableDescription"]["LatestStreamArn"]
        .as_str()
        .unwrap();
    let put = json!({"TableName": "orders", "Item": {"id": {"N": "1"}}});
    call(&service, "PutItem", put).await;
    let (_, stream) = call(&service, "DescribeStream", json!({"StreamArn": arn})).await;
    let shard = &stream["StreamDescription"]["Shards"][0]["ShardId"];
    let get = |arn: &str| json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
    let (_, got) = call(&service, "GetShardIterator", get(arn)).await;
    let records = json!({"ShardIterator": got["ShardIterator"]});
    let asked = Arc::clone(&service).read(&request("GetRecords", &records.to_string()));
    let asked = asked.unwrap().required_permissions().unwrap();
    assert_eq!(
        (&*asked[0].action, &*asked[0].resource),
        ("dynamodb:GetRecords", arn)
    );
    let (status, read) = call(&service, "GetRecords", records).await;
    assert_eq!(
        (status, read["Records"].as_array().unwrap().len()),
        (200, 1)
    );
    let next = json!({"ShardIterator": read["NextShardIterator"]});
    assert_eq!(call(&service, "GetRecords", next).await.0, 200);
    // Another label is another stream, on which other policies may be.
    for operation in ["GetShardIterator", "DescribeStream"] {
        let other = get(&format!("{ORDERS}/stream/2020-01-01T00:00:00.000"));
        let (_, error) = call(&service, operation, other).await;
        let shape = error["__type"].as_str().unwrap();
        assert!(shape.ends_with("#ResourceNotFoundException"), "{error}");
    }
}

#[test]
fn items_require_permission_on_their_table() {
    let put = json!({"TableName": "orders", "Item": {"id": {"N": "1"}}});
    assert_eq!(
        required("PutItem", put),
        [format!("dynamodb:PutItem {ORDERS}")]
    );
    let batch = json!({"RequestItems": {ORDERS: []}});
    let expected = format!("dynamodb:BatchWriteItem {ORDERS}");
    assert_eq!(required("BatchWriteItem", batch), [expected]);
    let batch = json!({"RequestItems": {"other": {"Keys": []}, "orders": {"Keys": []}}});
    let other = ORDERS.replace("orders", "other");
    let expected = [ORDERS, &other].map(|arn| format!("dynamodb:BatchGetItem {arn}"));
    assert_eq!(required("BatchGetItem", batch), expected);
    let scan = json!({"TableName": "orders", "IndexName": "by-date"});
    let expected = format!("dynamodb:Scan {ORDERS}/index/by-date");
    assert_eq!(required("Scan", scan), [expected]);
}

#[test]
fn transactions_require_what_they_are_made_of() {
    let key = json!({"id": {"N": "1"}});
    let check = json!({
        "TableName": "orders", "Key": key, "ConditionExpression": "attribute_exists(id)",
    });
    let put = json!({"TableName": "other", "Item": key});
    let body = json!({"TransactItems": [{"ConditionCheck": check, "Put": put}]});
    let expected = [
        format!("dynamodb:ConditionCheckItem {ORDERS}"),
        format!("dynamodb:PutItem {}", ORDERS.replace("orders", "other")),
    ];
    assert_eq!(required("TransactWriteItems", body), expected);
    let get = json!({"Get": {"TableName": "orders", "Key": key}});
    let body = json!({"TransactItems": [get]});
    let expected = [format!("dynamodb:GetItem {ORDERS}")];
    assert_eq!(required("TransactGetItems", body), expected);
}

#[test]
fn statements_require_what_they_do() {
    let insert = json!({"Statement": "INSERT INTO \"orders\" VALUE {'id': ?}"});
    let body = json!({"Statements": [insert, {"Statement": "SELECT * FROM other"}]});
    let expected = [
        format!("dynamodb:PartiQLInsert {ORDERS}"),
        format!(
            "dynamodb:PartiQLSelect {}",
            ORDERS.replace("orders", "other")
        ),
    ];
    assert_eq!(required("BatchExecuteStatement", body), expected);
    let hidden = json!({"Statement": "INSERT/**/INTO \"orders\" VALUE {'id': ?} -- why"});
    let expected = [format!("dynamodb:PartiQLInsert {ORDERS}")];
    assert_eq!(required("ExecuteStatement", hidden), expected);
}

#[test]
fn tags_at_creation_require_a_permission_of_their_own() {
    let expected =
        ["CreateTable", "TagResource"].map(|action| format!("dynamodb:{action} {ORDERS}"));
    assert_eq!(required("CreateTable", table()), expected[..1]);
    assert_eq!(required("CreateTable", tagged_table()), expected);
    let tag = json!({"ResourceArn": ORDERS, "Tags": []});
    let expected = [format!("dynamodb:TagResource {ORDERS}")];
    assert_eq!(required("TagResource", tag), expected);
}
