//! Conditions on what requests ask for, in every service that has the keys.

use serde_json::{Value, json};

use super::{Cloud, by_owner_of, cloud, put, request_of_ann};
use crate::error::AwsError;

/// Whether `ann` may make a request under an `Allow` of everything with this condition. A `Deny` with
/// the same condition must refuse exactly the same requests, or more where it cannot be told.
async fn holds(cloud: &Cloud, condition: &Value, call: (&str, &str), body: &Value) -> bool {
    let allowed = allowed_and_denied(cloud, condition, call, body).await;
    allowed.unwrap_or_else(|error| panic!("{call:?} {body}: {error:?}"))
}

/// The same; a request that is refused as unclear is not allowed.
async fn holds_if_clear(
    cloud: &Cloud,
    condition: &Value,
    call: (&str, &str),
    body: &Value,
) -> bool {
    let allowed = allowed_and_denied(cloud, condition, call, body).await;
    allowed.unwrap_or(false)
}

async fn allowed_and_denied(
    cloud: &Cloud,
    condition: &Value,
    call: (&str, &str),
    body: &Value,
) -> Result<bool, AwsError> {
    let everything = json!({"Effect": "Allow", "Action": "*", "Resource": "*"});
    let with = |effect: &str| json!({"Effect": effect, "Action": "*", "Resource": "*", "Condition": condition});
    let body = match body {
        Value::String(form) => form.clone(),
        body => body.to_string(),
    };
    let request = request_of_ann(cloud, call, &body);
    let allows = || cloud.services.dispatcher.allows(call.0, &request);
    put(&cloud.services, &json!([with("Allow")])).await;
    let allowed = allows()?;
    put(&cloud.services, &json!([everything, with("Deny")])).await;
    let denied = !allows()?;
    assert!(denied || !allowed, "{call:?} {body} under {condition}");
    Ok(allowed)
}

#[tokio::test]
async fn tags_of_resources_decide_in_every_service() {
    let cloud = cloud().await;
    let queue = json!({"QueueName": "red", "tags": {"team": "red"}});
    by_owner_of(&cloud, ("sqs", "CreateQueue"), &queue.to_string()).await;
    let group = json!({"logGroupName": "red", "tags": {"team": "red"}});
    by_owner_of(&cloud, ("logs", "CreateLogGroup"), &group.to_string()).await;
    let table = "arn:aws:dynamodb:eu-west-1:111122223333:table/orders";
    let tags = json!({"ResourceArn": table, "Tags": [{"Key": "team", "Value": "red"}]});
    by_owner_of(&cloud, ("dynamodb", "TagResource"), &tags.to_string()).await;
    let role = "RoleName=r&Tags.member.1.Key=team&Tags.member.1.Value=red";
    by_owner_of(&cloud, ("iam", "TagRole"), role).await;
    let url = |name: &str| json!({"QueueUrl": format!("http://x/111122223333/{name}")});
    let red = json!({"StringEquals": {"aws:ResourceTag/team": "red"}});
    let by_iam = json!({"StringEquals": {"iam:ResourceTag/team": "red"}});
    let key = json!({"TableName": "orders", "Key": {"id": {"S": "1"}}});
    let stream = json!({"logGroupName": "red", "logStreamName": "s"});
    for (condition, call, body) in [
        (&red, ("sqs", "PurgeQueue"), url("red")),
        (&red, ("logs", "CreateLogStream"), stream),
        (&red, ("dynamodb", "GetItem"), key),
        (&red, ("iam", "GetRole"), json!("RoleName=r")),
        (&by_iam, ("iam", "GetRole"), json!("RoleName=R")),
    ] {
        assert!(holds(&cloud, condition, call, &body).await, "{call:?}");
    }
    for (condition, call, body) in [
        (&red, ("sqs", "PurgeQueue"), url("blue")),
        (
            &red,
            ("dynamodb", "DescribeTable"),
            json!({"TableName": "other"}),
        ),
        (&red, ("iam", "GetUser"), json!("UserName=bob")),
        (&by_iam, ("sqs", "PurgeQueue"), url("red")),
    ] {
        assert!(!holds(&cloud, condition, call, &body).await, "{call:?}");
    }
}

#[tokio::test]
async fn tags_of_requests_decide_where_they_are_set() {
    let cloud = cloud().await;
    let red = json!({"StringEquals": {"aws:RequestTag/team": "red"},
        "ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}});
    let queue = |tags: Value| json!({"QueueName": "q", "tags": tags});
    let create = ("sqs", "CreateQueue");
    assert!(holds(&cloud, &red, create, &queue(json!({"team": "red"}))).await);
    assert!(!holds(&cloud, &red, create, &queue(json!({"team": "blue"}))).await);
    assert!(
        !holds(
            &cloud,
            &red,
            create,
            &queue(json!({"team": "red", "x": ""}))
        )
        .await
    );
    assert!(!holds(&cloud, &red, create, &queue(json!({}))).await);
    let tag = json!({"logGroupName": "g", "tags": {"team": "red"}});
    assert!(holds(&cloud, &red, ("logs", "CreateLogGroup"), &tag).await);
    let form = json!(
        "RoleName=n&AssumeRolePolicyDocument=x&Tags.member.1.Key=team&Tags.member.1.Value=red"
    );
    assert!(holds(&cloud, &red, ("iam", "CreateRole"), &form).await);
    let keys = json!({"ForAnyValue:StringEquals": {"aws:TagKeys": "team"}});
    let untag = json!({"QueueUrl": "http://x/111122223333/q", "TagKeys": ["team"]});
    assert!(holds(&cloud, &keys, ("sqs", "UntagQueue"), &untag).await);
    let purge = json!({"QueueUrl": "http://x/111122223333/q"});
    assert!(!holds(&cloud, &keys, ("sqs", "PurgeQueue"), &purge).await);
}

fn table(rest: Value) -> Value {
    let mut all = json!({"TableName": "orders"});
    for (key, value) in rest.as_object().unwrap() {
        all[key] = value.clone();
    }
    all
}

#[tokio::test]
async fn leading_keys_are_those_of_all_items() {
    let cloud = cloud().await;
    let mine = json!({"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["mine"]}});
    let key = |id: &str| json!({"id": {"S": id}});
    let statement = |text: &str, id: &str| json!({"Statement": text.replace("@", id), "Parameters": [{"S": id}]});
    let requests = |id: &str| {
        let batch = json!({"RequestItems": {"orders": {"Keys": [key("mine"), key(id)]}}});
        let writes =
            json!([{"PutRequest": {"Item": key(id)}}, {"DeleteRequest": {"Key": key(id)}}]);
        let put = json!({"Put": table(json!({"Item": key(id)}))});
        let query = json!({
            "KeyConditionExpression": "#k = :v",
            "ExpressionAttributeNames": {"#k": "id"},
            "ExpressionAttributeValues": {":v": {"S": id}},
        });
        let legacy = json!({"KeyConditions": {
            "id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": id}]}}});
        vec![
            ("GetItem", table(json!({"Key": key(id)}))),
            ("PutItem", table(json!({"Item": key(id)}))),
            ("UpdateItem", table(json!({"Key": key(id)}))),
            ("DeleteItem", table(json!({"Key": key(id)}))),
            ("BatchGetItem", batch),
            (
                "BatchWriteItem",
                json!({"RequestItems": {"orders": writes}}),
            ),
            ("TransactWriteItems", json!({"TransactItems": [put]})),
            ("Query", table(query)),
            ("Query", table(legacy)),
            (
                "ExecuteStatement",
                statement("SELECT * FROM orders WHERE id = '@' AND a > ?", id),
            ),
            (
                "ExecuteStatement",
                statement("SELECT * FROM orders WHERE id = ?", id),
            ),
            (
                "ExecuteStatement",
                statement("INSERT INTO orders VALUE {'a': 1, 'id': ?}", id),
            ),
            (
                "ExecuteStatement",
                statement("UPDATE orders SET a = 1 WHERE id = ?", id),
            ),
            (
                "ExecuteStatement",
                statement("DELETE FROM orders WHERE id = '@' -- AND id = ?", id),
            ),
        ]
    };
    for (operation, body) in requests("mine") {
        assert!(
            holds(&cloud, &mine, ("dynamodb", operation), &body).await,
            "{operation} {body}"
        );
    }
    let unclear = json!({"Statement": "SELECT * FROM orders WHERE id = 'mine' OR a = 1"});
    let unclear = [("ExecuteStatement", unclear)];
    for (operation, body) in requests("theirs").into_iter().chain(unclear) {
        assert!(
            !holds(&cloud, &mine, ("dynamodb", operation), &body).await,
            "{operation} {body}"
        );
    }
}

/// A policy that lets `ann` see and change three attributes, as AWS's guide has it.
fn three_attributes() -> Value {
    json!({
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["id", "a", "b"]},
        "StringEqualsIfExists": {
            "dynamodb:Select": "SPECIFIC_ATTRIBUTES",
            "dynamodb:ReturnValues": ["NONE", "UPDATED_OLD", "UPDATED_NEW"],
        },
    })
}

#[tokio::test]
async fn attributes_are_those_that_requests_name() {
    let cloud = cloud().await;
    let key = json!({"id": {"S": "1"}});
    let get = |projection: &str| {
        let names = json!({"#b": "b", "#c": "c"});
        table(json!({
            "Key": key, "ProjectionExpression": projection, "ExpressionAttributeNames": names,
        }))
    };
    let update = |expression: &str| table(json!({"Key": key, "UpdateExpression": expression}));
    let put = |name: &str| table(json!({"Item": {"id": {"S": "1"}, name: {"N": "1"}}}));
    let old = table(json!({"Key": key, "ReturnValues": "ALL_OLD"}));
    for (operation, body, expected) in [
        ("GetItem", get("a, #b.c"), true),
        ("UpdateItem", update("SET a = b + a REMOVE b.c"), true),
        ("PutItem", put("a"), true),
        ("GetItem", get("a, #c"), false),
        ("GetItem", table(json!({"Key": key})), false),
        ("UpdateItem", update("SET a = c"), false),
        ("PutItem", put("c"), false),
        ("DeleteItem", old, false),
        ("Scan", table(json!({})), false),
    ] {
        let held = holds(&cloud, &three_attributes(), ("dynamodb", operation), &body).await;
        assert_eq!(held, expected, "{operation} {body}");
    }
}

#[tokio::test]
async fn attributes_are_those_that_statements_name() {
    let cloud = cloud().await;
    for (text, expected) in [
        ("SELECT a, \"b\" FROM orders WHERE id = '1'", true),
        (
            "UPDATE orders SET a = 1 WHERE id = '1' RETURNING MODIFIED OLD *",
            true,
        ),
        ("INSERT INTO orders VALUE {'id': '1', 'a': {'c': 1}}", true),
        ("SELECT * FROM orders WHERE id = '1'", false),
        ("SELECT a FROM orders WHERE id = '1' AND c = 1", false),
        ("SELECT a, value FROM orders WHERE id = '1'", false),
        (
            "DELETE FROM orders WHERE id = '1' RETURNING ALL OLD *",
            false,
        ),
        ("INSERT INTO orders VALUE {'id': '1', 'c': 1}", false),
        ("INSERT INTO orders VALUE ?", false),
    ] {
        let item = json!({"M": {"id": {"S": "1"}, "c": {"N": "1"}}});
        let body = json!({"Statement": text, "Parameters": [item]});
        let call = ("dynamodb", "ExecuteStatement");
        let held = holds_if_clear(&cloud, &three_attributes(), call, &body).await;
        assert_eq!(held, expected, "{text}");
    }
}

#[tokio::test]
async fn full_scans_and_enclosing_operations_are_known() {
    let cloud = cloud().await;
    let scan = json!({"Bool": {"dynamodb:FullTableScan": "true"}});
    let statement = |text: &str| json!({"Statement": text});
    let execute = ("dynamodb", "ExecuteStatement");
    for text in ["SELECT * FROM orders", "SELECT * FROM orders WHERE a = 1"] {
        assert!(
            holds(&cloud, &scan, execute, &statement(text)).await,
            "{text}"
        );
    }
    assert!(
        !holds(
            &cloud,
            &scan,
            execute,
            &statement("SELECT * FROM orders WHERE id = 'x'")
        )
        .await
    );
    let inside = json!({"StringEquals": {"dynamodb:EnclosingOperation": "TransactWriteItems"}});
    let put = table(json!({"Item": {"id": {"S": "1"}}}));
    let transaction = json!({"TransactItems": [{"Put": put}]});
    assert!(
        holds(
            &cloud,
            &inside,
            ("dynamodb", "TransactWriteItems"),
            &transaction
        )
        .await
    );
    assert!(!holds(&cloud, &inside, ("dynamodb", "PutItem"), &put).await);
}

#[tokio::test]
async fn keys_of_the_request_and_the_caller_are_known() {
    let cloud = cloud().await;
    let call = ("sqs", "ListQueues");
    for condition in [
        json!({"StringEquals": {"aws:RequestedRegion": "eu-west-1", "aws:username": "ann"}}),
        json!({"StringLike": {"aws:UserAgent": "Boto3/*", "aws:PrincipalArn": "*:user/ann"}}),
        json!({"Bool": {"aws:SecureTransport": "false", "aws:ViaAWSService": "false"}}),
        json!({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}),
        json!({"DateGreaterThan": {"aws:CurrentTime": "2026-01-01"}}),
        json!({"NumericGreaterThan": {"aws:EpochTime": 1_700_000_000}}),
        json!({"StringEquals": {"aws:PrincipalTag/team": "red", "aws:PrincipalType": "User"}}),
        json!({"Null": {"aws:SourceVpc": "true", "aws:TokenIssueTime": "true"}}),
    ] {
        assert!(
            holds(&cloud, &condition, call, &json!({})).await,
            "{condition}"
        );
    }
    let global = json!({"StringEquals": {"aws:RequestedRegion": "us-east-1"}});
    assert!(holds(&cloud, &global, ("iam", "ListRoles"), &json!("")).await);
    assert!(!holds(&cloud, &global, call, &json!({})).await);
}
