//! What the fuzz targets check of the requests to DynamoDB.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use dynoxide::Database;
use dynoxide::actions::batch_get_item::BatchGetItemRequest;
use dynoxide::actions::batch_write_item::BatchWriteItemRequest;
use dynoxide::actions::execute_statement::ExecuteStatementRequest;
use dynoxide::actions::get_item::GetItemRequest;
use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::transact_get_items::TransactGetItemsRequest;
use dynoxide::actions::transact_write_items::{TransactWriteItem, TransactWriteItemsRequest};
use serde_json::json;

use super::operation::DynoxideRequest;
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
    call.required_permissions().ok()
}

/// The ARNs of the tables and indexes that dynoxide would use; none for a body that it refuses.
pub(crate) fn table_arns(operation: &str, body: &[u8]) -> Vec<String> {
    let arns = SERVICE.tables.arns();
    let text = std::str::from_utf8(body).unwrap_or_default();
    let named = super::table_names::named(text, arns);
    let body = named.as_ref().map_or(body, |named| named.as_bytes());
    let arn = |table: String| match arns.named_table(&table) {
        Ok(name) => arns.of_table(name),
        // With an index behind it.
        Err(_) => table,
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
    static TABLES: RefCell<Scratch> = RefCell::new(Scratch::new());
}

const NAMES: [&str; 2] = ["secret", "other"];

/// A database with two tables.
struct Scratch {
    database: Database,
    /// How many statements have changed it.
    changes: u32,
    /// What the tables hold.
    contents: [Vec<String>; 2],
}

impl Scratch {
    fn new() -> Self {
        let database = Database::memory().expect("there is memory");
        for table in NAMES {
            let request = json!({
                "TableName": table,
                "BillingMode": "PAY_PER_REQUEST",
                "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
            });
            let request = serde_json::from_value(request).expect("it is a request");
            database.create_table(request).expect("the name is free");
            let item = json!({"TableName": table, "Item": {"id": {"N": "1"}}});
            let item = serde_json::from_value(item).expect("it is a request");
            database.put_item(item).expect("there is the table");
        }
        Self {
            contents: NAMES.map(|table| contents(&database, table)),
            database,
            changes: 0,
        }
    }
}

/// A PartiQL statement: one that is carried out requires permission on the very table that dynoxide
/// says it has used, and on the one that has changed.
pub fn partiql(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let request = || ExecuteStatementRequest {
        statement: text.to_owned(),
        return_consumed_capacity: Some("TOTAL".to_owned()),
        ..ExecuteStatementRequest::default()
    };
    let required = DynoxideRequest::required_permissions(&request(), &SERVICE.tables);
    // What is refused is not carried out.
    let Ok(required) = required else {
        return;
    };
    let asked = |name: &str| {
        let table = SERVICE.tables.arns().of_table(name);
        let mut resources = required.iter().map(|one| one.resource.as_str());
        resources.any(|one| one == table || one.starts_with(&format!("{table}/index/")))
    };
    TABLES.with_borrow_mut(|scratch| {
        let Ok(answer) = scratch.database.execute_statement(request()) else {
            return;
        };
        let used = answer.consumed_capacity.expect("it was requested");
        let used = used.table_name;
        assert!(asked(&used), "{used} is used, and {required:?} is required");
        let contents = NAMES.map(|table| contents(&scratch.database, table));
        for (index, name) in NAMES.into_iter().enumerate() {
            if contents.get(index) != scratch.contents.get(index) {
                assert!(
                    asked(name),
                    "{name} was changed, and {required:?} is required"
                );
                scratch.changes += 1;
            }
        }
        scratch.contents = contents;
        if scratch.changes > CHANGES {
            *scratch = Scratch::new();
        }
    });
}

/// All that a table holds, in a form that can be compared.
fn contents(database: &Database, table: &str) -> Vec<String> {
    let request = json!({"TableName": table});
    let request = serde_json::from_value(request).expect("it is a request");
    let items = database.scan(request).expect("there is the table").items;
    let items = items.unwrap_or_default();
    let written = items.iter().map(|item| {
        let sorted: BTreeMap<_, _> = item.iter().collect();
        format!("{sorted:?}")
    });
    let mut items: Vec<String> = written.collect();
    items.sort_unstable();
    items
}
