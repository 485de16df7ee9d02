//! The JSON document of `dlq`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::why::FailedAttempt;
use crate::dlq::DeadLetter;
use crate::messages::{Attribute, Groups, MessageRecord};
use crate::system;
use crate::ui::Time;

/// The dead letters, or the messages of another queue.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DlqReport {
    /// The queue's name.
    pub(super) queue: String,
    /// How many messages were read; all are still in the queue.
    pub(super) read: u64,
    /// How many of them are selected: all, without flags that select.
    pub(super) selected: u64,
    /// The selected messages, by reason or group, and then by age. With `--limit`, as many of each reason
    /// as of the others.
    pub(super) messages: Vec<DeadLetterMessage>,
    /// How many there are for each reason, `--limit` or not. Empty for another queue.
    pub(super) reasons: BTreeMap<String, u64>,
    /// The selected messages grouped, `--limit` or not: by `--group-by`, or else by reason; those of
    /// another queue by the queue that they come from and the members of their bodies.
    pub(super) groups: Vec<MessageGroup>,
}

/// Messages that belong together.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct MessageGroup {
    /// What they have in common.
    key: String,
    /// How many there are.
    count: u64,
    /// When the first of them was sent.
    first_sent_at: Time,
    /// When the last of them was sent.
    last_sent_at: Time,
    /// The id of the first.
    example: String,
}

impl MessageGroup {
    pub(super) fn all(groups: &Groups) -> Vec<Self> {
        let groups = groups.by_count().into_iter();
        groups
            .map(|(key, group)| Self {
                key: key.to_owned(),
                count: group.count,
                first_sent_at: Time(system::at(group.first)),
                last_sent_at: Time(system::at(group.last)),
                example: group.example.clone(),
            })
            .collect()
    }
}

/// A message in the dead-letter queue.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct DeadLetterMessage {
    /// The message's id.
    message_id: String,
    /// The order's number; `null` where it cannot be read.
    order_number: Option<u64>,
    /// Why the processor refuses it, in the words of `simulate --faults`, for example `price_err`;
    /// `good_order` where the order is good, so that crashes or throttling are the reason. `null` in
    /// another queue.
    reason: Option<String>,
    /// What exactly is wrong, as a sentence; `null` in another queue.
    detail: Option<String>,
    /// How often it was received in all.
    receive_count: u32,
    /// How many of these receives were failures of the processor, the others being looks into the
    /// dead-letter queue. `null` where it was not SQS that moved the message there, or where the limit
    /// of receives was changed since it was sent and the log does not tell.
    failed_receives: Option<u32>,
    /// When it was sent.
    sent_at: Time,
    /// The message's body.
    body: String,
    /// The attributes that the sender gave it, by name.
    attributes: BTreeMap<String, Attribute>,
    /// The ARN of the queue from which SQS moved it; `null` where it did not.
    source_queue_arn: Option<String>,
    /// The run that sent it; `null` where no run did.
    run: Option<String>,
    /// The order's index in the run, from 0; `null` where no run sent it.
    index: Option<u64>,
    /// With `--why`, the failed attempts that the processor logged; else `null`.
    attempts: Option<Vec<FailedAttempt>>,
}

impl DeadLetterMessage {
    /// A message of another queue.
    pub(super) fn of_other_queue(message: &MessageRecord) -> Self {
        Self {
            message_id: message.message_id.clone(),
            order_number: None,
            reason: None,
            detail: None,
            receive_count: message.receive_count.unwrap_or_default(),
            failed_receives: None,
            sent_at: Time(system::at(message.sent_at.unwrap_or_default())),
            body: message.body.clone(),
            attributes: message.attributes.clone(),
            source_queue_arn: message.source_queue_arn.clone(),
            run: None,
            index: None,
            attempts: None,
        }
    }

    /// A dead letter of the lab, and what it was read from.
    pub(super) fn new(
        letter: &DeadLetter,
        message: &MessageRecord,
        attempts: Option<Vec<FailedAttempt>>,
    ) -> Self {
        Self {
            message_id: letter.message_id.clone(),
            order_number: letter.order_number,
            receive_count: letter.receive_count,
            sent_at: Time(system::at(letter.sent_at)),
            reason: Some(letter.reason.clone()),
            detail: Some(letter.detail.clone()),
            failed_receives: letter.failed_receives,
            run: letter.run.clone(),
            index: letter.index,
            body: letter.body.clone(),
            attempts,
            ..Self::of_other_queue(message)
        }
    }
}
