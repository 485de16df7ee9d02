//! Leases: how event source mappings hold messages.

use std::sync::Arc;

use uuid::Uuid;

use super::delivery::Received;
use super::message::{Value, attributes_md5};
use super::queue::{QueueId, State};
use super::{Sqs, Transaction};
use crate::error::AwsError;

/// A message that a mapping holds. The delivery is counted in memory at once and made durable when it
/// is settled, so a crash of the cloud does not count as a delivery. The message stays invisible until
/// it is settled, however long the invocation takes. (On AWS a function's timeout cannot exceed the
/// visibility timeout. Here lab time may run faster than functions.)
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
    /// System attributes by name: `ApproximateReceiveCount`, `SentTimestamp`, …
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

/// How a lease ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// The function processed the message: it is deleted.
    Delete,
    /// The function failed: the delivery counts, and the message is visible again when the queue's
    /// visibility timeout has passed since the lease.
    Fail,
    /// The function did not run, because the mapping was disabled or the cloud is stopping: the
    /// message is visible again at once, and the delivery does not count.
    Release,
}

impl Received {
    /// All system attributes by name.
    pub fn system_attributes(&self) -> Vec<(String, String)> {
        let message = &self.message;
        let always = [
            ("ApproximateReceiveCount", self.receives.to_string()),
            ("SentTimestamp", message.sent.0.to_string()),
            ("SenderId", message.sender.to_string()),
            (
                "ApproximateFirstReceiveTimestamp",
                self.first_received.0.to_string(),
            ),
        ];
        let sometimes = [
            (
                "DeadLetterQueueSourceArn",
                message.dead_letter_source.as_deref(),
            ),
            ("AWSTraceHeader", message.trace.as_deref()),
            ("MessageGroupId", message.group.as_deref()),
        ];
        let sometimes = sometimes
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?.to_owned())));
        always
            .into_iter()
            .chain(sometimes)
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }
}

impl From<Received> for Leased {
    fn from(received: Received) -> Self {
        let attributes = received.system_attributes();
        let message = received.message;
        let sent = message.attributes();
        let message_attributes = sent.iter().map(|attribute| {
            let (string_value, binary_value) = match &attribute.value {
                Value::Text(text) => (Some(text.to_string()), None),
                Value::Binary(bytes) => (None, Some(bytes.to_vec())),
            };
            let shown = LeasedAttribute {
                data_type: attribute.data_type.to_string(),
                string_value,
                binary_value,
            };
            (attribute.name.to_string(), shown)
        });
        Self {
            message_id: message.id(),
            receipt_handle: received.receipt_handle,
            body: Arc::clone(&message.body),
            md5_of_body: message.body_md5(),
            attributes,
            message_attributes: message_attributes.collect(),
            md5_of_message_attributes: attributes_md5(sent.iter()),
        }
    }
}

impl Sqs {
    /// Leases up to `max` visible messages of at most `max_bytes` in total.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn lease(
        &mut self,
        id: QueueId,
        max: usize,
        max_bytes: usize,
        tx: &mut Transaction<'_>,
    ) -> Result<Vec<Received>, AwsError> {
        let since = tx.now.lab;
        let until = since.plus_seconds(self.settings(id)?.visibility_timeout.into());
        let state = State::Leased { since, until };
        let leased = self.deliver(id, (max, max_bytes), state, tx)?;
        Ok(leased.into_iter().map(|(_, leased)| leased).collect())
    }

    /// Ends leases by message id. Messages that are not leased any more are skipped.
    pub fn settle(
        &mut self,
        id: QueueId,
        outcomes: &[(String, Settlement)],
        tx: &mut Transaction<'_>,
    ) {
        let Some(queue) = self.queues.get_mut(&id) else {
            return;
        };
        for (message, settlement) in outcomes {
            let Ok(message) = Uuid::parse_str(message) else {
                continue;
            };
            let Some(&sequence) = queue.leases.get(message.as_bytes()) else {
                continue;
            };
            let Some(entry) = queue.messages.get_mut(&sequence) else {
                continue;
            };
            let State::Leased { since, until } = entry.state else {
                continue;
            };
            match settlement {
                Settlement::Delete => {
                    self.tally.processed += 1;
                    queue.finish(sequence, tx);
                }
                Settlement::Fail => {
                    self.tally.failed += 1;
                    queue.set(sequence, State::hidden(since, until, tx.now));
                    queue.record(sequence, &mut tx.changes);
                }
                Settlement::Release => {
                    entry.receives = entry.receives.saturating_sub(1);
                    queue.set(sequence, State::Ready);
                }
            }
        }
        if !queue.ready.is_empty() {
            tx.woken.insert(id);
        }
    }
}
