//! The store: a DynamoDB table, with one BatchExecuteStatement per batch.
//!
//! The statements of such a batch are independent, and a PartiQL INSERT fails with `DuplicateItem`
//! when its key exists. So a batch costs one request, plus one BatchGetItem where some of its orders
//! were stored before. The role needs `dynamodb:PartiQLInsert` and `dynamodb:BatchGetItem` on the
//! table.

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_dynamodb::types::{
    AttributeValue, BatchStatementError, BatchStatementErrorCodeEnum, BatchStatementRequest,
    KeysAndAttributes,
};
use order::wire::table;

use crate::store::{Identity, Item, Store, StoreError};

/// The largest number of statements in a request.
const BATCH: usize = 25;

/// A DynamoDB table.
#[derive(Clone, Debug)]
pub struct DynamoStore {
    client: Client,
    table: String,
}

type Stored = Result<Identity, StoreError>;

impl Store for DynamoStore {
    async fn insert(&self, items: &[Item]) -> Vec<Stored> {
        let chunks = items.chunks(BATCH).map(|chunk| self.insert_chunk(chunk));
        futures_util::future::join_all(chunks).await.concat()
    }
}

impl DynamoStore {
    /// The table named `table`.
    #[must_use]
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    async fn insert_chunk(&self, items: &[Item]) -> Vec<Stored> {
        let built: Result<Vec<_>, _> = items
            .iter()
            .map(|item| statement(&self.table, item))
            .collect();
        let statements = match built {
            Ok(statements) => statements,
            Err(error) => return same(items, &store_error("Unbuildable", error.to_string())),
        };
        let request = self
            .client
            .batch_execute_statement()
            .set_statements(Some(statements));
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) => return same(items, &request_error(&error)),
        };
        let errors: Vec<_> = response
            .responses()
            .iter()
            .map(|response| response.error())
            .collect();
        let duplicates: Vec<&Item> = items
            .iter()
            .zip(&errors)
            .filter(|(_, error)| error.is_some_and(is_duplicate))
            .map(|(item, _)| item)
            .collect();
        let existing = self.read(&duplicates).await;
        let stored = |(at, item): (usize, &Item)| match errors.get(at) {
            None => Err(StoreError::no_result()),
            Some(None) => Ok(item.identity.clone()),
            Some(Some(error)) if is_duplicate(error) => match &existing {
                Ok(existing) => existing
                    .get(&item.number)
                    .cloned()
                    .ok_or_else(|| unread(item.number)),
                Err(error) => Err(error.clone()),
            },
            Some(Some(error)) => Err(statement_error(error)),
        };
        items.iter().enumerate().map(stored).collect()
    }

    /// The stored items with the numbers of `items`, without those that DynamoDB left out.
    async fn read(&self, items: &[&Item]) -> Result<HashMap<u64, Identity>, StoreError> {
        if items.is_empty() {
            return Ok(HashMap::new());
        }
        let key = |item: &&Item| {
            HashMap::from([(
                table::ID.to_owned(),
                AttributeValue::N(item.number.to_string()),
            )])
        };
        let keys = KeysAndAttributes::builder()
            .set_keys(Some(items.iter().map(key).collect()))
            .consistent_read(true)
            .build()
            .map_err(|error| store_error("Unbuildable", error.to_string()))?;
        let request = self
            .client
            .batch_get_item()
            .request_items(&self.table, keys);
        let response = request
            .send()
            .await
            .map_err(|error| request_error(&error))?;
        let found = response
            .responses()
            .and_then(|tables| tables.get(&self.table));
        Ok(found.into_iter().flatten().filter_map(identity).collect())
    }
}

/// An INSERT of `item`, without the attributes that its message did not have.
fn statement(
    table_name: &str,
    item: &Item,
) -> Result<BatchStatementRequest, aws_sdk_dynamodb::error::BuildError> {
    let number = |number: u64| AttributeValue::N(number.to_string());
    let Identity {
        details,
        run,
        run_index,
    } = &item.identity;
    let attributes = [
        (table::ID, Some(number(item.number))),
        (
            table::ORDER_DETAILS,
            Some(AttributeValue::S(details.clone())),
        ),
        (table::RUN, run.clone().map(AttributeValue::S)),
        (table::RUN_INDEX, run_index.map(number)),
        (table::SENT_AT, item.sent_at.map(number)),
        (table::STORED_AT, Some(number(item.stored_at))),
        (table::RECEIVE_COUNT, item.receive_count.map(number)),
    ];
    let (names, values): (Vec<_>, Vec<_>) = attributes
        .into_iter()
        .filter_map(|(name, value)| Some((format!("'{name}': ?"), value?)))
        .unzip();
    BatchStatementRequest::builder()
        .statement(format!(
            "INSERT INTO \"{table_name}\" VALUE {{{}}}",
            names.join(", ")
        ))
        .set_parameters(Some(values))
        .build()
}

/// The number and identity of a stored item; `None` if it has no number.
fn identity(stored: &HashMap<String, AttributeValue>) -> Option<(u64, Identity)> {
    let text = |name: &str| {
        stored
            .get(name)
            .and_then(|value| value.as_s().ok())
            .cloned()
    };
    let number = |name: &str| {
        stored
            .get(name)
            .and_then(|value| value.as_n().ok()?.parse().ok())
    };
    let identity = Identity {
        details: text(table::ORDER_DETAILS).unwrap_or_default(),
        run: text(table::RUN),
        run_index: number(table::RUN_INDEX),
    };
    Some((number(table::ID)?, identity))
}

fn is_duplicate(error: &BatchStatementError) -> bool {
    error.code() == Some(&BatchStatementErrorCodeEnum::DuplicateItem)
}

fn statement_error(error: &BatchStatementError) -> StoreError {
    let code = error
        .code()
        .map_or("Unknown", BatchStatementErrorCodeEnum::as_str);
    store_error(
        code,
        error
            .message()
            .unwrap_or("DynamoDB gave no reason")
            .to_owned(),
    )
}

fn request_error<E>(error: &SdkError<E>) -> StoreError
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    let message = error
        .message()
        .map_or_else(|| order::with_causes(error), str::to_owned);
    store_error(error.code().unwrap_or("RequestFailed"), message)
}

fn unread(number: u64) -> StoreError {
    store_error(
        "Unread",
        format!("number {number} is used, but DynamoDB did not return the order that has it"),
    )
}

fn store_error(code: &str, message: String) -> StoreError {
    StoreError {
        code: code.to_owned(),
        message,
    }
}

fn same(items: &[Item], error: &StoreError) -> Vec<Stored> {
    items.iter().map(|_| Err(error.clone())).collect()
}
