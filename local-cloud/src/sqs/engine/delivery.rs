//! Sending, receiving, deleting, and changing visibility.

use std::sync::Arc;

use super::message::{Draft, Message};
use super::queue::{Entry, QueueId, State};
use super::{MAX_IN_FLIGHT, MESSAGES, Sqs, Transaction, codec, error};
use crate::clock::WallMs;
use crate::error::AwsError;
use crate::storage::Change;

/// The longest that a message stays invisible after a receive: 12 hours, in seconds.
const MAX_VISIBILITY: u32 = 43_200;

/// A sent message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The message as stored in the queue.
    pub message: Arc<Message>,
}

/// A delivery of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The message.
    pub message: Arc<Message>,
    /// The receipt handle of this delivery.
    pub receipt_handle: String,
    /// How often the message was received, this delivery included.
    pub receives: u32,
    /// When the message was first received.
    pub first_received: WallMs,
}

impl Sqs {
    /// Sends a message.
    ///
    /// # Errors
    /// `QueueDoesNotExist`, and the errors of an invalid message.
    pub fn send(
        &mut self,
        id: QueueId,
        draft: Draft,
        tx: &mut Transaction<'_>,
    ) -> Result<Sent, AwsError> {
        let settings = self.settings(id)?;
        draft.check(usize::try_from(settings.max_bytes).unwrap_or(usize::MAX))?;
        let delay = match draft.delay_seconds {
            None => settings.delay,
            Some(given) => u32::try_from(given)
                .ok()
                .filter(|given| *given <= 900)
                .ok_or_else(|| {
                    let reason = "DelaySeconds must be >= 0 and <= 900.";
                    error::invalid_value(given, "DelaySeconds", reason)
                })?,
        };
        let state = match delay {
            0 => State::Ready,
            delay => State::Delayed {
                until: tx.now.lab.plus_seconds(delay.into()),
            },
        };
        let message = Arc::new(draft.message(tx.message_id(), tx.now.wall));
        self.put(id, Arc::clone(&message), state, tx);
        Ok(Sent { message })
    }

    /// Adds a message that was never received to a queue.
    pub(super) fn put(
        &mut self,
        id: QueueId,
        message: Arc<Message>,
        state: State,
        tx: &mut Transaction<'_>,
    ) {
        let entry = Entry {
            message,
            state,
            receives: 0,
            first_received: WallMs(0),
            recorded: false,
        };
        self.store(id, entry, tx);
    }

    fn store(&mut self, id: QueueId, entry: Entry, tx: &mut Transaction<'_>) {
        let sequence = self.sequence();
        let Some(queue) = self.queues.get_mut(&id) else {
            return;
        };
        let until = match entry.state {
            State::Delayed { until } => until,
            _ => crate::clock::LabMs(0),
        };
        let value = entry.message.encode(until);
        let change = Change::put(MESSAGES, codec::key(id, sequence), value);
        tx.changes.push(change);
        if entry.state == State::Ready {
            tx.woken.insert(id);
        }
        let counted = entry.receives > 0;
        queue.insert(sequence, entry);
        if counted {
            queue.record(sequence, &mut tx.changes);
        }
    }

    /// Receives up to `max` messages, and hides them for `visibility` seconds, or for the queue's
    /// visibility timeout. Messages that were received too often move to the dead-letter queue instead
    /// and do not count towards `max`.
    ///
    /// # Errors
    /// `QueueDoesNotExist`; `OverLimit` when the limit of messages in flight is reached.
    pub fn receive(
        &mut self,
        id: QueueId,
        max: usize,
        visibility: Option<u32>,
        tx: &mut Transaction<'_>,
    ) -> Result<Vec<Received>, AwsError> {
        let timeout = visibility.unwrap_or(self.settings(id)?.visibility_timeout);
        let since = tx.now.lab;
        let until = since.plus_seconds(timeout.into());
        let state = State::InFlight { since, until };
        let received = self.deliver(id, (max, usize::MAX), state, tx)?;
        let queue = self.queue_mut(id)?;
        for (sequence, _) in &received {
            if timeout == 0 {
                queue.set(*sequence, State::Ready);
                tx.woken.insert(id);
            }
            queue.record(*sequence, &mut tx.changes);
        }
        if received.is_empty() && queue.in_flight >= MAX_IN_FLIGHT && !queue.ready.is_empty() {
            return Err(error::over_limit());
        }
        Ok(received.into_iter().map(|(_, received)| received).collect())
    }

    /// Moves visible messages into `state`, up to a number and a size in bytes, and counts the
    /// deliveries in memory alone. Messages that were received too often move to the dead-letter queue.
    pub(super) fn deliver(
        &mut self,
        id: QueueId,
        (max, max_bytes): (usize, usize),
        state: State,
        tx: &mut Transaction<'_>,
    ) -> Result<Vec<(u64, Received)>, AwsError> {
        self.queue_mut(id)?.advance(tx);
        let limit = self.dead_letter_queue(id);
        let mut received = Vec::new();
        let mut bytes = 0;
        while received.len() < max {
            let queue = self.queue_mut(id)?;
            let Some(sequence) = queue.next_ready(tx.random_position()) else {
                break;
            };
            let Some(entry) = queue.messages.get_mut(&sequence) else {
                queue.ready.remove(&sequence);
                continue;
            };
            if let Some((target, max_receives)) = limit
                && entry.receives >= max_receives
            {
                self.move_to_dlq(id, sequence, target, tx);
                continue;
            }
            bytes += entry.message.size();
            if bytes > max_bytes || queue.in_flight >= MAX_IN_FLIGHT {
                break;
            }
            entry.receives = entry.receives.saturating_add(1);
            if entry.receives == 1 {
                entry.first_received = tx.now.wall;
            }
            let (message, receives) = (Arc::clone(&entry.message), entry.receives);
            let first_received = entry.first_received;
            queue.set(sequence, state);
            let receipt_handle = queue.handle(sequence, &message, tx.bytes());
            let one = Received {
                message,
                receipt_handle,
                receives,
                first_received,
            };
            received.push((sequence, one));
        }
        Ok(received)
    }

    /// The dead-letter queue, if it exists, and the maximum receive count. A queue is never its own
    /// dead-letter queue: only a damaged file says so, and a receive would move messages for ever.
    fn dead_letter_queue(&self, id: QueueId) -> Option<(QueueId, u32)> {
        let policy = self.queues.get(&id)?.settings.redrive.as_ref()?;
        let target = self
            .by_arn(&policy.target)
            .ok()
            .filter(|target| *target != id)?;
        Some((target, policy.max_receives))
    }

    /// Moves a message to the dead-letter queue with its receive count.
    fn move_to_dlq(
        &mut self,
        id: QueueId,
        sequence: u64,
        target: QueueId,
        tx: &mut Transaction<'_>,
    ) {
        let Some(queue) = self.queues.get_mut(&id) else {
            return;
        };
        let source = format!("{}{}", self.arn_prefix, queue.name);
        let Some(mut entry) = queue.delete(sequence, &mut tx.changes) else {
            return;
        };
        Arc::make_mut(&mut entry.message).dead_letter_source = Some(source.into());
        entry.state = State::Ready;
        entry.recorded = false;
        self.tally.dead_lettered += 1;
        self.store(target, entry, tx);
    }

    /// Deletes a message by the receipt handle of any of its deliveries. Deleting it again has no
    /// effect.
    ///
    /// # Errors
    /// `QueueDoesNotExist`, `ReceiptHandleIsInvalid`.
    pub fn delete_message(
        &mut self,
        id: QueueId,
        handle: &str,
        tx: &mut Transaction<'_>,
    ) -> Result<(), AwsError> {
        let queue = self.queue_mut(id)?;
        let read = queue
            .read_handle(handle)
            .ok_or_else(|| error::invalid_handle(handle))?;
        if queue.find(&read).is_some() {
            let was_deliverable = queue.deliverable();
            queue.finish(read.sequence, tx);
            if !was_deliverable && queue.deliverable() {
                tx.woken.insert(id);
            }
        } else {
            tx.rests_on_earlier = true;
        }
        Ok(())
    }

    /// Hides a message that is in flight for `seconds` from now.
    ///
    /// # Errors
    /// `QueueDoesNotExist`, `ReceiptHandleIsInvalid`, `MessageNotInflight`, and
    /// `InvalidParameterValue` when the message is gone or would be hidden for over 12 hours.
    pub fn change_visibility(
        &mut self,
        id: QueueId,
        handle: &str,
        seconds: i64,
        tx: &mut Transaction<'_>,
    ) -> Result<(), AwsError> {
        let queue = self.queue_mut(id)?;
        let seconds = u32::try_from(seconds)
            .ok()
            .filter(|seconds| *seconds <= MAX_VISIBILITY)
            .ok_or_else(|| {
                let reason = "Must be between 0 and 43200, if provided.";
                error::invalid_value(seconds, "VisibilityTimeout", reason)
            })?;
        queue.advance(tx);
        let read = queue
            .read_handle(handle)
            .ok_or_else(|| error::invalid_handle(handle))?;
        let entry = queue.find(&read).ok_or_else(|| {
            let reason =
                "Message does not exist or is not available for visibility timeout change.";
            error::invalid_value(handle, "ReceiptHandle", reason)
        })?;
        let until = tx.now.lab.plus_seconds(seconds.into());
        let (since, state) = match entry.state {
            State::InFlight { since, .. } => (since, State::hidden(since, until, tx.now)),
            State::Leased { since, .. } => (since, State::Leased { since, until }),
            State::Ready | State::Delayed { .. } => return Err(error::not_in_flight()),
        };
        if until > since.plus_seconds(MAX_VISIBILITY.into()) {
            let reason = "Total VisibilityTimeout for the message is beyond the limit [43200 \
                          seconds]";
            return Err(error::invalid_value(seconds, "VisibilityTimeout", reason));
        }
        queue.set(read.sequence, state);
        match state {
            // A lease becomes durable only when it is settled.
            State::Leased { .. } => return Ok(()),
            State::Ready => {
                tx.woken.insert(id);
            }
            _ => {}
        }
        queue.record(read.sequence, &mut tx.changes);
        Ok(())
    }
}
