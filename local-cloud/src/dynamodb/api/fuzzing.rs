//! What the fuzz targets check of the requests to DynamoDB.

use std::cell::RefCell;
use std::sync::{Arc, LazyLock};

use dynoxide::Database;
use dynoxide::actions::batch_get_item::BatchGetItemRequest;
use dynoxide::actions::batch_write_item::BatchWriteItemRequest;
use dynoxide::actions::execute_statement::ExecuteStatementRequest;
use dynoxide::actions::get_item::GetItemRequest;
use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::transact_get_items::TransactGetItemsRequest;
use dynoxide::actions::transact_write_items::{TransactWriteItem, TransactWriteItemsRequest};

use super::partiql::Statement;
use super::{DynamoDbService, OPERATIONS};
use crate::dynamodb::Tables;
use crate::iam::RequiredPermission;
use crate::protocol::http::tests::request_of_a_role;
use crate::runtime_context::RuntimeContext;
use crate::service::json::read;
use crate::storage::MemoryStorage;
use crate::storage::journal::Journal;

static SERVICE: LazyLock<Arc<DynamoDbService>> = LazyLock::new(|| {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let tables = Tables::in_memory(&RuntimeContext::for_tests(&journal));
    Arc::new(DynamoDbService::new(tables))
});

/// The permissions that a request requires; `None` for one that is refused.
pub(crate) fn required(operation: &str, body: &[u8]) -> Option<Vec<RequiredPermission>> {
    let request = request_of_a_role(&format!("DynamoDB_20120810.{operation}"), body);
    let call = read(OPERATIONS, &SERVICE, &request).ok()?;
    Some(call.required_permissions())
}

/// The ARNs of the tables and indexes that dynoxide would use; none for a body that it refuses.
pub(crate) fn table_arns(operation: &str, body: &[u8]) -> Vec<String> {
    let arn = |table: String| match table.starts_with("arn:") {
        true => SERVICE.tables.arns().to_cloud(&table),
        false => SERVICE.tables.arns().of_table(&table),
    };
    let tables = tables(operation, body).unwrap_or_default().into_iter();
    tables.filter(|table| !table.is_empty()).map(arn).collect()
}

/// The tables and indexes that dynoxide would use; `None` for a body that it refuses.
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
                .flat_map(tables_of_item)
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

fn tables_of_item(item: TransactWriteItem) -> impl Iterator<Item = String> {
    let tables = [
        item.put.map(|one| one.table_name),
        item.update.map(|one| one.table_name),
        item.delete.map(|one| one.table_name),
        item.condition_check.map(|one| one.table_name),
    ];
    tables.into_iter().flatten()
}

/// How many statements change a database before a new one replaces it, for it grows.
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
    let created = database.create_table(request);
    created.expect("the name is free");
    database
}

/// A PartiQL statement: one that uses the table `secret` requires permission on it or on anything.
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
