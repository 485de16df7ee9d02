//! The SQS driver: the queue engine with a clock, durable state, long polls, move tasks and the
//! leases by which event source mappings take messages.

use std::sync::Arc;

use crate::clock::Clock;
use crate::error::AwsError;
use crate::runtime::journal::Journal;
use crate::storage::StorageError;

/// A message that a mapping holds. The delivery is counted in memory at once but made durable
/// only by [`Queues::settle`], so a crash of the cloud does not count as a delivery; and it
/// stays invisible until settled, however long the invocation takes (on AWS a function's
/// timeout cannot exceed the visibility timeout; here lab time may run faster than functions).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// The message id.
    pub message_id: String,
    /// The receipt handle that the function sees; it works with `DeleteMessage`.
    pub receipt_handle: String,
    /// The body.
    pub body: Arc<str>,
    /// The hexadecimal MD5 of the body.
    pub md5_of_body: String,
    /// System attributes by AWS's names: `ApproximateReceiveCount`, `SentTimestamp`, …
    pub attributes: Vec<(String, String)>,
    /// Message attributes by name.
    pub message_attributes: Vec<(String, LeasedAttribute)>,
    /// The hexadecimal MD5 of the message attributes, where there are any.
    pub md5_of_message_attributes: Option<String>,
}

/// A message attribute as a Lambda event shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeasedAttribute {
    /// `String`, `Number`, `Binary`, with an optional custom suffix.
    pub data_type: String,
    /// The text of a string or number.
    pub string_value: Option<String>,
    /// The bytes of a binary.
    pub binary_value: Option<Vec<u8>>,
}

/// What became of a leased message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// The function dealt with it: delete it.
    Delete,
    /// It failed: the delivery counts, and it is visible again when the queue's visibility
    /// timeout, counted from the lease, has passed.
    Fail,
    /// The function was never run (the mapping was disabled, the cloud is stopping): visible
    /// again at once, and the delivery does not count.
    Release,
}

/// What a mapping needs to know of its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueFacts {
    /// The visibility timeout in seconds.
    pub visibility_timeout: u32,
}

/// All queues. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Queues {}

impl Queues {
    /// Loads the queues and starts the timer that wakes whoever waits for a message.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(
        account: &str,
        region: &str,
        clock: Arc<Clock>,
        journal: Journal,
    ) -> Result<Arc<Self>, StorageError> {
        let _ = (account, region, clock, journal);
        unimplemented!()
    }

    /// Facts of the queue with this ARN.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn facts(&self, queue_arn: &str) -> Result<QueueFacts, AwsError> {
        let _ = queue_arn;
        unimplemented!()
    }

    /// Takes up to `max` visible messages (at most 10 000) whose bodies and attributes come to
    /// at most `max_bytes`; returns at once, with none where there are none. Messages that have
    /// been received too often move to the dead-letter queue instead and take no place.
    ///
    /// # Errors
    /// `QueueDoesNotExist`, and `InternalFailure` when a move could not be made durable.
    pub async fn lease(
        &self,
        queue_arn: &str,
        max: usize,
        max_bytes: usize,
    ) -> Result<Vec<Leased>, AwsError> {
        let _ = (queue_arn, max, max_bytes);
        unimplemented!()
    }

    /// Ends leases, by message id. What is no longer there is passed over.
    ///
    /// # Errors
    /// `InternalFailure` when it could not be made durable.
    pub async fn settle(
        &self,
        queue_arn: &str,
        outcomes: Vec<(String, Settlement)>,
    ) -> Result<(), AwsError> {
        let _ = (queue_arn, outcomes);
        unimplemented!()
    }

    /// Resolves when the queue has something to lease (at once when it has already), or when it
    /// is deleted. Cancel-safe; many may wait, and one may find that another was quicker.
    pub async fn visible(&self, queue_arn: &str) {
        let _ = queue_arn;
        unimplemented!()
    }
}
