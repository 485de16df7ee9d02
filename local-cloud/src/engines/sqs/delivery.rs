//! Sending, receiving, leasing and settling: how messages go in and out.

use std::sync::Arc;

use super::message::{
    self, Content, Delivery, MessageAttribute, MessageAttributes, State, md5_of_attributes,
};
use super::queue::{Queue, Taking};
use super::{Engine, error, handle};
use crate::clock::{LabMs, Now};
use crate::error::AwsError;
use crate::ids::Ids;
use crate::storage::Change;

/// The longest that a message may stay hidden in all since it was received, in seconds.
const LONGEST_HIDDEN: u64 = 43_200;

/// What `SendMessage` takes.
#[derive(Debug, Clone)]
pub struct NewMessage {
    /// The body.
    pub body: String,
    /// The message attributes.
    pub attributes: MessageAttributes,
    /// Seconds of lab time before it becomes visible; the queue's delay where it is not given.
    pub delay: Option<u32>,
    /// Who sends it.
    pub sender: Arc<str>,
    /// Its `AWSTraceHeader`.
    pub trace: Option<String>,
    /// Its message group.
    pub group: Option<String>,
}

/// What `SendMessage` answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// The message id.
    pub id: String,
    /// The hexadecimal MD5 of the body.
    pub md5_of_body: String,
    /// The hexadecimal MD5 of the message attributes, where there are any.
    pub md5_of_attributes: Option<String>,
}

/// A received message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// The message id.
    pub message_id: String,
    /// The receipt handle.
    pub receipt_handle: String,
    /// The body.
    pub body: Arc<str>,
    /// The hexadecimal MD5 of the body.
    pub md5_of_body: String,
    /// System attributes by AWS's names: `ApproximateReceiveCount`, `SentTimestamp`, …
    pub attributes: Vec<(String, String)>,
    /// Message attributes by name.
    pub message_attributes: Vec<(String, MessageAttribute)>,
    /// The hexadecimal MD5 of the message attributes, where there are any.
    pub md5_of_message_attributes: Option<String>,
}

/// A message that a mapping holds. The delivery is counted in memory at once but made durable
/// only by [`Engine::settle`], so a crash of the cloud does not count as a delivery; and it
/// stays invisible until settled, however long the invocation takes (on AWS a function's
/// timeout cannot exceed the visibility timeout; here lab time may run faster than functions).
pub type Leased = Received;

/// What became of a leased message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// The function dealt with it: delete it.
    Delete,
    /// It failed: the delivery counts, and it is visible again when the queue's visibility
    /// timeout, counted from the lease, has passed.
    Fail,
    /// The function was never run: visible again at once, and the delivery does not count.
    Release,
}

impl Engine {
    /// `SendMessage`.
    ///
    /// # Errors
    /// When there is no such queue, or the message is not one that SQS takes.
    pub fn send(
        &mut self,
        queue: &str,
        new: NewMessage,
        now: Now,
        ids: &mut dyn Ids,
        changes: &mut Vec<Change>,
    ) -> Result<Sent, AwsError> {
        let queue = self.queue(queue)?;
        let settings = &queue.record.attributes;
        message::validate(&new.body, &new.attributes, settings.largest as usize)?;
        let delay = new.delay.unwrap_or(settings.delay);
        if delay > 900 {
            let range = "DelaySeconds must be >= 0 and <= 900.";
            return Err(error::out_of_range("DelaySeconds", delay.into(), range));
        }
        let until = (delay > 0).then(|| now.lab.plus_seconds(delay.into()));
        let content = Content {
            id: ids.uuid(),
            body: new.body.into(),
            attributes: new.attributes,
            sender: new.sender,
            sent: now.wall,
            source: None,
            trace: new.trace,
            group: new.group,
        };
        let (id, md5_of_attributes) = (
            content.id.clone(),
            md5_of_attributes(content.attributes.iter()),
        );
        let delivery = Delivery {
            hidden_until: until,
            ..Delivery::default()
        };
        let sequence = queue.add(content, delivery, changes);
        let md5_of_body = queue
            .message(sequence)
            .map(|message| message.md5_of_body.clone())
            .unwrap_or_default();
        let queue = queue.record.id;
        self.awaken(queue);
        Ok(Sent {
            id,
            md5_of_body,
            md5_of_attributes,
        })
    }

    /// `ReceiveMessage`, without its wait. `hidden` is in seconds; the queue's visibility timeout
    /// where it is not given.
    ///
    /// # Errors
    /// When there is no such queue, or too many messages are in flight.
    pub fn receive(
        &mut self,
        queue: &str,
        most: usize,
        hidden: Option<u32>,
        now: Now,
        ids: &mut dyn Ids,
        changes: &mut Vec<Change>,
    ) -> Result<Vec<Received>, AwsError> {
        let source = self.queue(queue)?;
        if source.is_full() {
            return Err(error::over_limit());
        }
        let seconds = hidden.unwrap_or(source.record.attributes.visibility_timeout);
        let taking = Taking::Receive(now.lab.plus_seconds(seconds.into()));
        self.take(queue, most, usize::MAX, taking, now, ids, changes)
    }

    /// Leases up to `most` visible messages of at most `bytes` in all, but at least one.
    ///
    /// # Errors
    /// When there is no such queue.
    pub fn lease(
        &mut self,
        queue: &str,
        most: usize,
        bytes: usize,
        now: Now,
        ids: &mut dyn Ids,
        changes: &mut Vec<Change>,
    ) -> Result<Vec<Leased>, AwsError> {
        let source = self.queue(queue)?;
        if source.is_full() {
            return Ok(Vec::new());
        }
        let until = now
            .lab
            .plus_seconds(source.record.attributes.visibility_timeout.into());
        self.take(queue, most, bytes, Taking::Lease(until), now, ids, changes)
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "one loop serves receives and leases; their limits differ"
    )]
    fn take(
        &mut self,
        name: &str,
        most: usize,
        bytes: usize,
        taking: Taking,
        now: Now,
        ids: &mut dyn Ids,
        changes: &mut Vec<Change>,
    ) -> Result<Vec<Received>, AwsError> {
        self.queue(name)?.pass(now, changes);
        let (mut taken, mut room) = (Vec::new(), bytes);
        while taken.len() < most {
            self.move_dead(name, changes)?;
            let queue = self.queue(name)?;
            let Some(sequence) = queue.first_visible() else {
                break;
            };
            let size = queue.message(sequence).map_or(0, message::Message::size);
            if size > room && !taken.is_empty() {
                break;
            }
            room = room.saturating_sub(size);
            queue.take(sequence, taking, now, changes);
            taken.extend(received(queue, sequence, ids));
        }
        Ok(taken)
    }

    /// Moves the messages at the front that were received too often to the dead-letter queue.
    /// They keep everything, and take no place in the receive that finds them.
    fn move_dead(&mut self, name: &str, changes: &mut Vec<Change>) -> Result<(), AwsError> {
        loop {
            let queue = self.queue(name)?;
            let Some(redrive) = queue.record.attributes.redrive.clone() else {
                return Ok(());
            };
            let Some(sequence) = queue.first_visible() else {
                return Ok(());
            };
            let dead = queue
                .message(sequence)
                .is_some_and(|message| message.receives >= redrive.max_receives);
            // A dead-letter queue that is gone receives nothing: the message goes on as it is.
            if !dead || self.queue_by_arn(&redrive.target).is_err() {
                return Ok(());
            }
            let queue = self.queue(name)?;
            let arn: Arc<str> = queue.arn.as_str().into();
            let Some(message) = queue.remove(sequence, changes) else {
                return Ok(());
            };
            let delivery = Delivery {
                receives: message.receives,
                first: message.first,
                ..Delivery::default()
            };
            let target = self.queue_by_arn(&redrive.target)?;
            target.add(
                Content {
                    source: Some(arn),
                    ..message.content
                },
                delivery,
                changes,
            );
            let id = target.record.id;
            self.awaken(id);
        }
    }

    /// Ends leases, by message id; what is no longer leased is passed over.
    ///
    /// # Errors
    /// When there is no such queue.
    pub fn settle(
        &mut self,
        queue: &str,
        outcomes: &[(String, Settlement)],
        now: Now,
        changes: &mut Vec<Change>,
    ) -> Result<(), AwsError> {
        let queue = self.queue(queue)?;
        for (id, settlement) in outcomes {
            let Some(sequence) = queue.leased(id) else {
                continue;
            };
            match settlement {
                Settlement::Delete => drop(queue.remove(sequence, changes)),
                Settlement::Fail => queue.end_lease(sequence, true, now, changes),
                Settlement::Release => queue.end_lease(sequence, false, now, changes),
            }
        }
        let id = queue.record.id;
        self.awaken(id);
        Ok(())
    }

    /// `DeleteMessage`. An old handle, or one of a message that is gone, is no error.
    ///
    /// # Errors
    /// When there is no such queue, or the handle is none of this queue's.
    pub fn delete_message(
        &mut self,
        queue: &str,
        receipt: &str,
        changes: &mut Vec<Change>,
    ) -> Result<(), AwsError> {
        let queue = self.queue(queue)?;
        let sequence = handle::decode(queue.record.id, receipt)?;
        queue.remove(sequence, changes);
        Ok(())
    }

    /// `ChangeMessageVisibility`: hidden for `seconds` of lab time from now, 0 to 43 200.
    ///
    /// # Errors
    /// When there is no such queue, the handle is none of its, the message is gone or not in
    /// flight, or it would be hidden for more than 12 hours in all.
    pub fn change_visibility(
        &mut self,
        queue: &str,
        receipt: &str,
        seconds: u32,
        now: Now,
        changes: &mut Vec<Change>,
    ) -> Result<(), AwsError> {
        if u64::from(seconds) > LONGEST_HIDDEN {
            let range = "VisibilityTimeout must be between 0 and 43200, inclusive.";
            return Err(error::out_of_range(
                "VisibilityTimeout",
                seconds.into(),
                range,
            ));
        }
        let queue = self.queue(queue)?;
        queue.pass(now, changes);
        let sequence = handle::decode(queue.record.id, receipt)?;
        let state = queue.message(sequence).map(|message| message.state).ok_or_else(|| {
            error::invalid_parameter(format!(
                "Value {receipt} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is \
                 not available for visibility timeout change."
            ))
        })?;
        let until = now.lab.plus_seconds(seconds.into());
        let next = match state {
            State::InFlight(received, _) => in_flight(received, until, seconds)?,
            State::Leased(_, before) => State::Leased(until, before),
            State::Visible | State::Delayed(_) => return Err(error::message_not_in_flight()),
        };
        queue.set_state(sequence, next, changes);
        let id = queue.record.id;
        self.awaken(id);
        Ok(())
    }

    /// Whether a queue has a visible message.
    ///
    /// # Errors
    /// When there is no such queue.
    pub fn has_visible(
        &mut self,
        queue: &str,
        now: Now,
        changes: &mut Vec<Change>,
    ) -> Result<bool, AwsError> {
        let queue = self.queue(queue)?;
        queue.pass(now, changes);
        Ok(queue.first_visible().is_some())
    }
}

fn in_flight(received: LabMs, until: LabMs, seconds: u32) -> Result<State, AwsError> {
    if until > received.plus_seconds(LONGEST_HIDDEN) {
        return Err(error::invalid_parameter(format!(
            "Value {seconds} for parameter VisibilityTimeout is invalid. Reason: Total VisibilityTimeout for \
             the message is beyond the limit [43200 seconds]."
        )));
    }
    Ok(if seconds == 0 {
        State::Visible
    } else {
        State::InFlight(received, until)
    })
}

/// What a receive shows of a message.
fn received(queue: &Queue, sequence: u64, ids: &mut dyn Ids) -> Option<Received> {
    let message = queue.message(sequence)?;
    let content = &message.content;
    let mut salt = [0; 8];
    ids.fill(&mut salt);
    let always = [
        ("SenderId", content.sender.to_string()),
        (
            "ApproximateFirstReceiveTimestamp",
            message.first.map_or(0, |first| first.0).to_string(),
        ),
        ("ApproximateReceiveCount", message.receives.to_string()),
        ("SentTimestamp", content.sent.0.to_string()),
    ];
    let sometimes = [
        ("DeadLetterQueueSourceArn", content.source.as_deref()),
        ("AWSTraceHeader", content.trace.as_deref()),
        ("MessageGroupId", content.group.as_deref()),
    ];
    let sometimes = sometimes
        .into_iter()
        .filter_map(|(name, text)| Some((name, text?.to_owned())));
    let attributes = always
        .into_iter()
        .chain(sometimes)
        .map(|(name, text)| (name.to_owned(), text))
        .collect();
    Some(Received {
        message_id: content.id.clone(),
        receipt_handle: handle::encode(
            queue.record.id,
            sequence,
            message.receives,
            u64::from_be_bytes(salt),
        ),
        body: Arc::clone(&content.body),
        md5_of_body: message.md5_of_body.clone(),
        attributes,
        message_attributes: content.attributes.clone().into_iter().collect(),
        md5_of_message_attributes: md5_of_attributes(content.attributes.iter()),
    })
}
