//! What a transfer does to its two queues.

use std::collections::HashMap;

use tokio::time::Instant;

use crate::messages::record::MessageRecord;

/// A message that was received and is hidden.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    /// The message.
    pub message: MessageRecord,
    /// The handle of this receive.
    pub receipt_handle: String,
    /// When the receive began.
    pub since: Instant,
}

impl Held {
    pub(super) fn id(&self) -> &str {
        &self.message.message_id
    }
}

/// What came of sending one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SendOutcome {
    /// It was accepted, under this id.
    Accepted(String),
    /// It was refused, for this reason.
    Refused(String),
}

/// Why a whole send failed.
#[derive(Debug)]
pub(crate) enum SendFailure<E> {
    /// Nothing was sent.
    NotSent(E),
    /// Whether anything was sent is not known: there was no reply.
    Unknown(E),
}

/// What a transfer does to its two queues.
pub(crate) trait Queues {
    /// Why a call failed.
    type Error;

    /// Up to ten messages of the source, hidden for some minutes. None when there are no more.
    async fn receive(&self) -> Result<Vec<Held>, Self::Error>;

    /// Sends messages that fit into a batch, once: nothing is sent again by itself. One outcome for each.
    async fn send(
        &self,
        batch: &[&MessageRecord],
    ) -> Result<Vec<SendOutcome>, SendFailure<Self::Error>>;

    /// Removes messages from the source. One whose handle has expired may stay: it is received again.
    async fn remove(&self, held: &[Held]) -> Result<(), Self::Error>;

    /// Keeps a message hidden until the end, so that it is received once.
    fn keep(&self, held: &Held);

    /// Makes all kept messages visible again.
    async fn release(&self);

    /// Whether the successors of these messages, by their ids, exist or existed. What is not in the
    /// answer is not known.
    async fn find_successors(&self, held: &[Held]) -> Result<HashMap<String, bool>, Self::Error>;

    /// So many were moved so far.
    fn report(&self, moved: u64);
}
