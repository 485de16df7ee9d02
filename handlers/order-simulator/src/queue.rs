//! What the simulator needs of a queue.

use std::future::Future;

/// One order on its way into the queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The order's index in its run.
    pub index: u64,
    /// The message's body.
    pub body: String,
}

/// An entry that the queue did not take, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The entry's index in its run.
    pub index: u64,
    /// SQS's error code.
    pub code: String,
    /// SQS's message, or the cause's text when no answer came.
    pub message: String,
    /// Whether sending the same entry again can help.
    pub can_retry: bool,
}

/// A queue that takes up to ten entries at a time.
pub trait Queue {
    /// Sends `entries`, at most ten, as messages of `run`; returns those that were not taken,
    /// all of them when the request as a whole failed.
    fn send(&self, run: &str, entries: &[Entry]) -> impl Future<Output = Vec<Rejected>> + Send;
}
