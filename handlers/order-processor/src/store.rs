//! The processor's interface to a table.

use std::future::Future;

use thiserror::Error;

/// An order as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// The order's number, the table's key.
    pub number: u64,
    /// What identifies the order under its number.
    pub identity: Identity,
    /// When its message was sent, in milliseconds since the Unix epoch, where the message has that
    /// attribute.
    pub sent_at: Option<u64>,
    /// When it is stored, in milliseconds since the Unix epoch.
    pub stored_at: u64,
    /// How often its message has been received, where the message has that attribute.
    pub receive_count: Option<u64>,
}

/// What identifies an order: two items with one number are the same order if their identities are equal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// [`order::Order::details`].
    pub details: String,
    /// The run, where the message has that attribute.
    pub run: Option<String>,
    /// The index in the run, where the message has that attribute.
    pub run_index: Option<u64>,
}

/// The table did not accept an order, or could not be read. The order itself is good.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}")]
pub struct StoreError {
    /// DynamoDB's error code.
    pub code: String,
    /// What happened, as a sentence.
    pub message: String,
}

impl StoreError {
    /// The response has no result for the order.
    pub(crate) fn no_result() -> Self {
        Self {
            code: "NoAnswer".to_owned(),
            message: "the response to the batch has no result for the order".to_owned(),
        }
    }
}

/// A table that stores an order once and never replaces one.
pub trait Store {
    /// Inserts each item unless its number is used, and returns the identity stored under that number:
    /// the item's own, or that of the order stored before. There is one result per item, in order. The
    /// numbers must be distinct.
    fn insert(
        &self,
        items: &[Item],
    ) -> impl Future<Output = Vec<Result<Identity, StoreError>>> + Send;
}
