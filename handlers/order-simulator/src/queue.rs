//! The simulator's interface to a queue.

use std::future::Future;

/// An order to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The order's index in its run.
    pub index: u64,
    /// The message's body.
    pub body: String,
}

/// An entry that the queue did not accept, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The entry's index in its run.
    pub index: u64,
    /// SQS's error code.
    pub code: String,
    /// SQS's message, or the error's text where there was no response.
    pub message: String,
    /// Whether sending the same entry again can succeed.
    pub can_retry: bool,
}

/// A queue that accepts up to ten entries at a time.
pub trait Queue {
    /// Sends `entries`, at most ten, as messages of `run`; returns those that were not accepted, which
    /// are all if the request failed.
    fn send(&self, run: &str, entries: &[Entry]) -> impl Future<Output = Vec<Rejected>> + Send;
}
