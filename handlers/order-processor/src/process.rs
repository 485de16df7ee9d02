//! From an event to a partial batch response.

use std::collections::HashMap;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use lambda_runtime::Diagnostic;
use order::Defect;
use order::wire::OrderFailure;
use thiserror::Error;

use crate::record::Record;
use crate::store::{Identity, Item, Store, StoreError};

/// The result of a batch.
#[derive(Debug)]
pub struct Processed {
    /// Lists each message that was not stored, so that SQS delivers it again.
    pub response: SqsBatchResponse,
    /// The same messages with their reasons, in the event's order.
    pub failures: Vec<OrderFailure>,
}

/// The event is not a batch of messages. It fails as a whole, before anything is stored.
#[derive(Debug, Error)]
pub enum InvalidEvent {
    /// The event has another shape.
    #[error("the event is not an SQS batch: {0}")]
    NotABatch(#[from] serde_json::Error),
    /// A record has no message id.
    #[error("a record of the batch has no messageId, so the response cannot list it")]
    NoMessageId,
}

impl From<InvalidEvent> for Diagnostic {
    fn from(error: InvalidEvent) -> Self {
        Self {
            error_type: "InvalidEvent".to_owned(),
            error_message: error.to_string(),
        }
    }
}

/// Stores the good orders of `event`, an [`SqsEvent`] in JSON. `now` is in milliseconds since the Unix
/// epoch.
///
/// # Errors
///
/// The event is not a batch of messages. A bad order or a failing store is not an error of the batch.
pub async fn process(
    store: &impl Store,
    event: serde_json::Value,
    now: u64,
) -> Result<Processed, InvalidEvent> {
    let event: SqsEvent = serde_json::from_value(event)?;
    let records: Vec<Record> = event
        .records
        .into_iter()
        .map(|message| Record::read(message, now))
        .collect::<Option<_>>()
        .ok_or(InvalidEvent::NoMessageId)?;
    let items = distinct(&records);
    let results = if items.is_empty() {
        Vec::new()
    } else {
        store.insert(&items).await
    };
    // If there are fewer results than items, the rest counts as not stored.
    let stored: HashMap<u64, _> = items.iter().map(|item| item.number).zip(results).collect();
    let failures: Vec<OrderFailure> = records
        .into_iter()
        .filter_map(|record| failure(record, &stored))
        .collect();
    let mut response = SqsBatchResponse::default();
    for failure in &failures {
        response.add_failure(failure.message_id.as_str());
    }
    Ok(Processed { response, failures })
}

/// The items to insert: the first of each number. A later one is either the same order again or a
/// conflict, which the comparison with the stored item shows.
fn distinct(records: &[Record]) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    for item in records
        .iter()
        .filter_map(|record| record.order.as_ref().ok())
    {
        if items.iter().all(|earlier| earlier.number != item.number) {
            items.push(item.clone());
        }
    }
    items
}

/// Why a record's order is not stored; `None` where it is.
fn failure(
    record: Record,
    stored: &HashMap<u64, Result<Identity, StoreError>>,
) -> Option<OrderFailure> {
    let item = match &record.order {
        Ok(item) => item,
        Err(defect) => {
            let defect = defect.clone();
            return Some(record.refused(defect));
        }
    };
    let number = item.number;
    match stored.get(&number) {
        Some(Ok(identity)) if *identity == item.identity => None,
        Some(Ok(_)) => Some(record.refused(Defect::number_taken(number))),
        Some(Err(error)) => Some(record.not_stored(number, error.clone())),
        None => Some(record.not_stored(number, StoreError::no_result())),
    }
}

#[cfg(test)]
mod tests;
