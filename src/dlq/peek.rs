//! Reading the whole dead-letter queue and leaving it as it was.
//!
//! A received message is hidden for a while, so that each is read about once. In the end all are
//! made visible again, whatever happened meanwhile.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_sqs::operation::receive_message::builders::ReceiveMessageFluentBuilder;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName,
};
use futures_util::stream::{self, StreamExt as _};
use order::wire::{INDEX_ATTRIBUTE, RUN_ATTRIBUTE};

use super::{DeadLetter, unread};
use crate::aws::{Answer as _, AwsFailure};
use crate::context::Context;
use crate::error::CommandError;
use crate::lab::{Lab, LabPoller};
use crate::poll::Next;
use crate::ui::{TaskState, counted};

/// How long messages stay hidden at least, in seconds, if this program dies before it makes them
/// visible again, or if the reply that contained them is lost.
const HIDDEN_SECONDS: u64 = 20;
/// How many messages are read in a second at least: AWS answers a receive within some 50 ms, often
/// with fewer than ten. The first messages must stay hidden until the last are read.
const READ_PER_SECOND: u64 = 50;
/// The longest visibility timeout, in seconds.
const LONGEST_HIDDEN_SECONDS: u64 = 43_200;
/// How often making a message visible is tried.
const TRIES: u32 = 3;
/// How many calls that make messages visible are under way at a time.
const AT_ONCE: usize = 8;
/// What the view calls the wait for messages that another reader hides.
const TASK: &str = "dead letters";

/// Why not all messages were read. Those that were are in the queue, visible.
#[derive(Debug, Clone, thiserror::Error)]
pub enum PeekError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] AwsFailure),
    /// The user interrupted.
    #[error("interrupted; all dead letters are in the queue, visible")]
    Interrupted,
}

impl From<PeekError> for CommandError {
    fn from(error: PeekError) -> Self {
        match error {
            PeekError::Call(failure) => failure.into(),
            PeekError::Interrupted => Self::interrupted(error.to_string()),
        }
    }
}

/// Reads all visible messages of the dead-letter queue, oldest first. `depth` is how many it holds
/// by its own count.
///
/// # Errors
/// When the target refuses or cannot be reached, or the user interrupts. The messages are made
/// visible again all the same; a warning names those that could not be.
pub(crate) async fn peek(lab: &Lab<'_>, depth: u64) -> Result<Vec<DeadLetter>, PeekError> {
    let Lab { context, reader } = lab;
    let peek = Peek {
        context,
        url: reader.dead_letter_url(),
        hidden_seconds: HIDDEN_SECONDS.saturating_add(depth / READ_PER_SECOND),
    };
    let mut read = Vec::new();
    let outcome = peek.read_all(&mut read).await;
    peek.make_visible(&read).await;
    outcome?;
    if context.cancel().is_cancelled() {
        return Err(PeekError::Interrupted);
    }
    let mut seen = HashSet::new();
    let mut messages: Vec<DeadLetter> = read.iter().map(dead_letter).collect();
    messages.retain(|message| seen.insert(message.message_id.clone()));
    messages.sort_by(|one, other| {
        (one.sent_at, &one.message_id).cmp(&(other.sent_at, &other.message_id))
    });
    Ok(messages)
}

/// Reads all messages, and waits for those that another reader hides. Returns as well a sentence
/// about those that were counted and not read all the same.
///
/// # Errors
/// Those of [`peek`].
pub(crate) async fn peek_all(
    poller: &mut LabPoller<'_>,
) -> Result<(Vec<DeadLetter>, Option<String>), CommandError> {
    // As long as a `peek` that is killed hides them.
    let timeout = Duration::from_secs(HIDDEN_SECONDS);
    let events = poller.context().events().clone();
    let mut is_waiting = false;
    let read = poller
        .until(timeout, async |lab, tick| {
            let depth = lab.reader.dead_letter_depth().await?.total();
            let messages = peek(lab, depth).await?;
            let unread = unread(depth, messages.len());
            if unread.is_none() || tick.is_last {
                if is_waiting {
                    let seen = format!("{} visible", counted(messages.len(), "message"));
                    events.task(TASK, TaskState::Done(seen));
                }
                return Ok(Next::Done((messages, unread)));
            }
            if !std::mem::replace(&mut is_waiting, true) {
                let reason = "another reader of the queue hides some".to_owned();
                let at_most = timeout;
                events.task(TASK, TaskState::Waiting { reason, at_most });
            }
            Ok::<_, CommandError>(Next::Again(tick.later()))
        })
        .await?;
    read.ok_or_else(|| CommandError::interrupted("interrupted; no dead letter was moved"))
}

struct Peek<'a> {
    context: &'a Context<'a>,
    url: &'a str,
    /// How long messages stay hidden.
    hidden_seconds: u64,
}

impl Peek<'_> {
    /// Receives messages into `read` until no new ones come.
    async fn read_all(&self, read: &mut Vec<Message>) -> Result<(), AwsFailure> {
        // A short poll asks only some of AWS's servers; a long poll asks all.
        let (wait_seconds, empty_polls) = if self.context.target.is_local() {
            (0, 1)
        } else {
            (1, 2)
        };
        let mut seen = HashSet::new();
        let mut empty = 0;
        while empty < empty_polls && !self.context.cancel().is_cancelled() {
            let messages = self
                .receive()
                .wait_time_seconds(wait_seconds)
                .send()
                .await
                .of_call("sqs:ReceiveMessage")?
                .messages
                .unwrap_or_default();
            // A message may come twice, or again because it was hidden for too short a time. Once
            // nothing new comes, all were read.
            let new = messages
                .iter()
                .filter(|message| seen.insert(message.message_id.clone()))
                .count();
            empty = if new == 0 { empty + 1 } else { 0 };
            read.extend(messages);
        }
        Ok(())
    }

    fn receive(&self) -> ReceiveMessageFluentBuilder {
        self.context
            .clients
            .sqs
            .receive_message()
            .queue_url(self.url)
            .max_number_of_messages(10)
            .visibility_timeout(lab_seconds(self.hidden_seconds, self.context.speed()))
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::All)
    }

    async fn make_visible(&self, read: &[Message]) {
        let mut hidden: Vec<&Message> = read.iter().collect();
        for _ in 0..TRIES {
            let batches = stream::iter(hidden.chunks(10));
            let still_hidden = batches
                .map(|batch| self.make_batch_visible(batch))
                .buffer_unordered(AT_ONCE)
                .concat();
            hidden = still_hidden.await;
            if hidden.is_empty() {
                return;
            }
        }
        self.context.events().warn(format!(
            "{} could not be made visible again; SQS does so within {} seconds.",
            counted(hidden.len(), "dead letter"),
            self.hidden_seconds,
        ));
    }

    /// Makes up to ten messages visible. Returns those for which that failed.
    async fn make_batch_visible<'m>(&self, batch: &[&'m Message]) -> Vec<&'m Message> {
        let entries = batch.iter().enumerate().filter_map(|(index, message)| {
            ChangeMessageVisibilityBatchRequestEntry::builder()
                .id(index.to_string())
                .receipt_handle(message.receipt_handle()?)
                .visibility_timeout(0)
                .build()
                .ok()
        });
        let request = self
            .context
            .clients
            .sqs
            .change_message_visibility_batch()
            .queue_url(self.url);
        match request.set_entries(Some(entries.collect())).send().await {
            Err(_) => batch.to_vec(),
            Ok(reply) => reply
                .failed()
                .iter()
                // A sender's fault is that the message is not hidden any more, or not by this
                // receive: it has been visible meanwhile.
                .filter(|entry| !entry.sender_fault())
                .filter_map(|entry| entry.id().parse::<usize>().ok())
                .filter_map(|index| batch.get(index).copied())
                .collect(),
        }
    }
}

/// Real seconds as a visibility timeout in a cloud whose time runs `speed` times as fast.
fn lab_seconds(seconds: u64, speed: u32) -> i32 {
    let lab_seconds = seconds
        .saturating_mul(speed.into())
        .min(LONGEST_HIDDEN_SECONDS);
    i32::try_from(lab_seconds).unwrap_or(i32::MAX)
}

fn dead_letter(message: &Message) -> DeadLetter {
    use MessageSystemAttributeName as Name;
    let system = |name: &Name| message.attributes()?.get(name)?.parse::<u64>().ok();
    let attribute = |name: &str| {
        message
            .message_attributes()?
            .get(name)?
            .string_value()
            .map(str::to_owned)
    };
    DeadLetter {
        message_id: message.message_id().unwrap_or_default().to_owned(),
        order_number: None,
        reason: String::new(),
        detail: String::new(),
        receive_count: system(&Name::ApproximateReceiveCount)
            .and_then(|count| u32::try_from(count).ok())
            .unwrap_or_default(),
        was_moved: message
            .attributes()
            .is_some_and(|all| all.contains_key(&Name::DeadLetterQueueSourceArn)),
        failed_receives: None,
        sent_at: system(&Name::SentTimestamp).unwrap_or_default(),
        body: message.body().unwrap_or_default().to_owned(),
        run: attribute(RUN_ATTRIBUTE),
        index: attribute(INDEX_ATTRIBUTE).and_then(|index| index.parse().ok()),
    }
    .diagnosed()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Class;

    #[test]
    fn hiding_follows_the_cloud_speed() {
        assert_eq!(lab_seconds(HIDDEN_SECONDS, 1), 20);
        assert_eq!(lab_seconds(HIDDEN_SECONDS, 50), 1000);
        assert_eq!(lab_seconds(u64::MAX, 50), 43_200);
    }

    #[test]
    fn expired_credentials_keep_their_kind() {
        let expired = AwsFailure {
            operation: "sqs:ReceiveMessage",
            class: Class::Credentials,
            code: Some("ExpiredToken".to_owned()),
            message: "The security token included in the request is expired".to_owned(),
            request_id: None,
        };
        let exit_code = |error: PeekError| CommandError::from(error).kind.exit_code();
        assert_eq!(exit_code(expired.into()), 3);
        assert_eq!(exit_code(PeekError::Interrupted), 130);
    }
}
