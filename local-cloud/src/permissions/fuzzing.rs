//! The guard's property: the required_permissions that it asks for are those of what the service does.
//!
//! An input is a service and an operation (for Lambda: method and path) on the first line,
//! `sqs SendMessage`, then the body.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};

use bytes::Bytes;
use dynoxide::Database;
use dynoxide::actions::batch_get_item::BatchGetItemRequest;
use dynoxide::actions::batch_write_item::BatchWriteItemRequest;
use dynoxide::actions::execute_statement::ExecuteStatementRequest;
use dynoxide::actions::get_item::GetItemRequest;
use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::transact_get_items::TransactGetItemsRequest;
use dynoxide::actions::transact_write_items::{TransactWriteItem, TransactWriteItemsRequest};
use hyper::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::Place;
use crate::dynamodb::partiql::Statement;
use crate::fuzzing::engines::{PLACE, first_line};
use crate::iam::engine::Entity;
use crate::iam::engine::evaluate::RequiredPermission;
use crate::lambda::engine::{Loaded, Registry};
use crate::protocol::http::{Caller, Principal, Request};
use crate::protocol::json::read;
use crate::protocol::query::Params;
use crate::{dynamodb, iam, lambda, logs, sqs, sts};
use crate::{iam::api as iam_service, logs::api as logs_service};

static REGISTRY: LazyLock<Registry> =
    LazyLock::new(|| Registry::load(PLACE, Loaded::default()).expect("nothing is sound"));

static CALLER: LazyLock<Arc<Caller>> = LazyLock::new(|| {
    Arc::new(Caller {
        arn: "arn:aws:sts::000000000000:assumed-role/r/s".to_owned(),
        user_id: "AROAEXAMPLE:s".to_owned(),
        access_key: "ASIAEXAMPLE".to_owned(),
        principal: Principal::Role("arn:aws:iam::000000000000:role/r".to_owned()),
    })
});

static HERE: LazyLock<Place> = LazyLock::new(|| Place {
    region: PLACE.1.to_owned(),
    account: PLACE.0.to_owned(),
});

/// A request of a role's: whatever the service would act on is what required_permissions are asked for on.
pub fn guard(data: &[u8]) {
    let (line, body) = first_line(data);
    let Ok(line) = std::str::from_utf8(line) else {
        return;
    };
    let Some((service, operation)) = line.split_once(' ') else {
        return;
    };
    let place = &*HERE;
    let json = match service {
        "sqs" | "dynamodb" | "logs" => read(body),
        _ => Ok(Value::Null),
    };
    let Ok(json) = json else {
        return;
    };
    let required_permissions = match service {
        "sqs" => match sqs::api::fuzzing::required(operation, body) {
            Some(required) => required,
            None => return,
        },
        "dynamodb" => dynamodb::permissions::required_permissions(place, operation, &json),
        "logs" => logs::permissions::required_permissions(place, operation, &json),
        "lambda" => return of_lambda(operation, body),
        "iam" => iam::permissions::required_permissions(
            place,
            &Params::parse(body).unwrap_or_default(),
            Some("u"),
            |_| None,
        ),
        // Who may assume a role is decided where roles are, by their trust policies too.
        "sts" => {
            return drop(sts::permissions::required_permissions(
                &Params::parse(body).unwrap_or_default(),
            ));
        }
        _ => return,
    };
    assert!(!required_permissions.is_empty(), "no request is free");
    let resources = match service {
        "sqs" => json
            .get("QueueUrl")
            .and_then(Value::as_str)
            .and_then(sqs::api::fuzzing::arn_of_url)
            .into_iter()
            .filter(|_| !operation.starts_with("Create") && !operation.starts_with("GetQueueUrl"))
            .filter(|_| !operation.starts_with("List") && !operation.ends_with("Task"))
            .collect(),
        "logs" => of_logs(operation, body),
        "iam" => of_iam(body),
        "dynamodb" => {
            let tables = tables(operation, body).unwrap_or_default();
            let tables = tables.into_iter();
            let arn = |table: String| match table.starts_with("arn:") {
                true => table,
                false => place.arn("dynamodb", &format!("table/{table}")),
            };
            tables.filter(|table| !table.is_empty()).map(arn).collect()
        }
        _ => Vec::new(),
    };
    all_asked_for(&required_permissions, &resources);
}

fn all_asked_for(required_permissions: &[RequiredPermission], resources: &[String]) {
    for resource in resources {
        let asked = |right: &RequiredPermission| right.resource == *resource;
        assert!(
            required_permissions.iter().any(asked),
            "{resource} is used, and {required_permissions:?} are asked for"
        );
    }
}

/// The tables that DynamoDB would use; `None` for a body that it refuses.
fn tables(operation: &str, body: &[u8]) -> Option<Vec<String>> {
    Some(match operation {
        "BatchGetItem" => {
            let request: BatchGetItemRequest = serde_json::from_slice(body).ok()?;
            request.request_items.into_keys().collect()
        }
        "BatchWriteItem" => {
            let request: BatchWriteItemRequest = serde_json::from_slice(body).ok()?;
            request.request_items.into_keys().collect()
        }
        "TransactGetItems" => {
            let request: TransactGetItemsRequest = serde_json::from_slice(body).ok()?;
            let items = request.transact_items.into_iter();
            items.map(|item| item.get.table_name).collect()
        }
        "TransactWriteItems" => {
            let request: TransactWriteItemsRequest = serde_json::from_slice(body).ok()?;
            request
                .transact_items
                .into_iter()
                .flat_map(of_item)
                .collect()
        }
        "GetItem" => {
            let request: GetItemRequest = serde_json::from_slice(body).ok()?;
            vec![request.table_name]
        }
        "Query" => {
            let request: QueryRequest = serde_json::from_slice(body).ok()?;
            match request.index_name {
                None => vec![request.table_name],
                Some(index) if index.is_empty() => vec![request.table_name],
                Some(index) => vec![format!("{}/index/{index}", request.table_name)],
            }
        }
        _ => return None,
    })
}

fn of_item(item: TransactWriteItem) -> impl Iterator<Item = String> {
    let tables = [
        item.put.map(|one| one.table_name),
        item.update.map(|one| one.table_name),
        item.delete.map(|one| one.table_name),
        item.condition_check.map(|one| one.table_name),
    ];
    tables.into_iter().flatten()
}

fn of_logs(operation: &str, body: &[u8]) -> Vec<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Input {
        log_group_name: Option<String>,
        log_group_identifier: Option<String>,
        log_stream_name: Option<String>,
    }
    let identified = matches!(operation, "GetLogEvents" | "FilterLogEvents");
    if !identified && !matches!(operation, "PutLogEvents" | "DeleteLogGroup") {
        return Vec::new();
    }
    let Ok(input) = serde_json::from_slice::<Input>(body) else {
        return Vec::new();
    };
    let identifier = input.log_group_identifier.filter(|_| identified);
    let name = logs_service::fuzzing::named(input.log_group_name.as_deref(), identifier.as_deref());
    // Others are no names of groups, so there is nothing to guard.
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "_-/.#".contains(letter);
    let is_name = |name: &String| !name.is_empty() && name.chars().all(fits);
    let Some(name) = name.filter(is_name) else {
        return Vec::new();
    };
    let stream = input.log_stream_name.unwrap_or_default();
    let resource = format!("log-group:{name}:log-stream:{stream}");
    vec![HERE.arn("logs", &resource)]
}

/// The role or user that IAM would use; a path is none of those that a new one may be given.
fn of_iam(body: &[u8]) -> Vec<String> {
    let params = Params::parse(body).unwrap_or_default();
    let operation = params.text("Action").unwrap_or_default();
    let of_key = operation.contains("AccessKey");
    let of_one = of_key || operation.contains("Role") || operation.contains("User");
    let of_all = matches!(operation, "ListRoles" | "ListUsers");
    if !of_one || of_all || params.text("Path").is_some() {
        return Vec::new();
    }
    let name = match iam_service::entity(operation, &params) {
        _ if of_key => format!("user/{}", params.text("UserName").unwrap_or("u")),
        Ok(Entity::Role(name)) => format!("role/{name}"),
        Ok(Entity::User(name)) => format!("user/{name}"),
        Err(_) => return Vec::new(),
    };
    vec![format!("arn:aws:iam::{}:{name}", PLACE.0)]
}

fn of_lambda(line: &str, body: &[u8]) {
    let Some((method, path)) = line.split_once(' ') else {
        return;
    };
    let request = Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: String::new(),
        headers: HeaderMap::new(),
        body: Bytes::copy_from_slice(body),
        caller: Arc::clone(&CALLER),
        request_id: String::new(),
    };
    let Ok(required_permissions) =
        lambda::permissions::required_permissions(&HERE, &request, |_| None)
    else {
        return;
    };
    let named = lambda::api::fuzzing::named(method, path, body);
    let named = named.as_deref().map(|name| REGISTRY.name_of(name));
    let resources = match named {
        Some(Ok(name)) => vec![REGISTRY.function_arn(name)],
        _ => Vec::new(),
    };
    all_asked_for(&required_permissions, &resources);
}

/// How many statements change a database before a new one is made: else it would grow.
const CHANGES: u32 = 100;

thread_local! {
    /// A database with the table `secret`, and how many statements have changed it.
    static SECRET: RefCell<(Database, u32)> = RefCell::new((database(), 0));
}

fn database() -> Database {
    const TABLE: &str = r#"{"TableName":"secret","BillingMode":"PAY_PER_REQUEST",
        "KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],
        "AttributeDefinitions":[{"AttributeName":"id","AttributeType":"N"}]}"#;
    let database = Database::memory().expect("there is memory");
    let request = serde_json::from_str(TABLE).expect("it is a request");
    let made = database.create_table(request);
    made.expect("nothing is in its way");
    database
}

/// A PartiQL statement: one that uses the table `secret` is taken to be about it, or about
/// anything.
pub fn partiql(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Some(read) = Statement::read(text).filter(|_| text.contains("secret")) else {
        return;
    };
    let request = ExecuteStatementRequest {
        statement: text.to_owned(),
        ..ExecuteStatementRequest::default()
    };
    SECRET.with_borrow_mut(|(database, changes)| {
        if database.execute_statement(request).is_ok() {
            assert_eq!(read.table, "secret");
            *changes += u32::from(read.action != "PartiQLSelect");
        }
        if *changes > CHANGES {
            (*database, *changes) = (self::database(), 0);
        }
    });
}
