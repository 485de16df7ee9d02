//! What the processor needs of a table.

use std::future::Future;

use thiserror::Error;

/// An order as the table keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The order's number, the table's key.
    pub number: u64,
    /// What makes it this order and no other.
    pub identity: Identity,
    /// When its message was sent, in milliseconds since 1970, if the message tells it.
    pub sent_at: Option<u64>,
    /// When it is stored, in milliseconds since 1970.
    pub stored_at: u64,
    /// How often its message has been received, if the message tells it.
    pub receive_count: Option<u64>,
}

/// Two items under one number are the same order when these are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// [`order::Order::details`].
    pub details: String,
    /// The run, if the message tells it.
    pub run: Option<String>,
    /// The index in the run, if the message tells it.
    pub run_index: Option<u64>,
}

/// The table would not take an order, or not tell what it holds. The order itself is good.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct StoreError {
    /// DynamoDB's error code.
    pub code: String,
    /// What happened, as a sentence.
    pub message: String,
}

impl StoreError {
    /// The store answered without a word on the order.
    pub(crate) fn no_answer() -> Self {
        Self {
            code: "NoAnswer".to_owned(),
            message: "the answer to the batch does not tell of the order".to_owned(),
        }
    }
}

/// A table that takes an order once and never replaces one.
pub trait Store {
    /// Inserts each item, unless its number is taken, and answers with what the table holds
    /// under that number now: the item's own identity, or that of the order stored before. One
    /// answer for each item, in order. The numbers must differ from each other.
    fn insert(
        &self,
        items: &[Item],
    ) -> impl Future<Output = Vec<Result<Identity, StoreError>>> + Send;
}
