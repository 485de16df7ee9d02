//! Reading the whole dead-letter queue and leaving it as it was.
//!
//! A read message is hidden for a while, so each is read once or nearly so; at the end, whatever
//! happened meanwhile, all are made visible again.

use std::collections::HashSet;

use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, Message, MessageSystemAttributeName,
};
use order::wire::{INDEX_ATTRIBUTE, RUN_ATTRIBUTE};
use tokio_util::sync::CancellationToken;

use super::DeadLetter;
use crate::aws::{Answer as _, AwsFailure};
use crate::context::Context;
use crate::error::CommandError;
use crate::ui::counted;

/// How long letters stay hidden at least, in seconds, if this program dies before it shows them
/// again, or if the answer that brought them is lost.
const HIDDEN: u64 = 20;
/// How many letters are read in a second at least: AWS answers a receive within some 50 ms, often
/// with fewer than ten. The first letters must stay hidden until the last are read.
const READ_A_SECOND: u64 = 50;
/// The longest visibility timeout, in seconds.
const LONGEST_HIDDEN: u64 = 43_200;
/// How often showing a letter again is tried.
const TRIES: u32 = 3;

/// Why the letters were not all read. Those that were are in the queue, visible.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Unread {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] AwsFailure),
    /// The user interrupted.
    #[error("interrupted; all dead letters are in the queue, visible")]
    Interrupted,
}

impl From<Unread> for CommandError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Call(failure) => failure.into(),
            Unread::Interrupted => Self::interrupted(unread.to_string()),
        }
    }
}

/// Reads all visible letters of the queue, oldest first. `depth` is how many it is said to hold.
///
/// # Errors
/// When the target refuses or cannot be reached, or the user interrupts; the letters are made
/// visible again all the same, and those that could not be are warned of.
pub async fn peek(context: &Context<'_>, url: &str, depth: u64) -> Result<Vec<DeadLetter>, Unread> {
    let desk = Desk {
        context,
        url,
        hidden: HIDDEN.saturating_add(depth / READ_A_SECOND),
    };
    let mut read = Vec::new();
    let outcome = desk.read_all(&mut read, context.cancel()).await;
    desk.show_again(&read).await;
    outcome?;
    if context.cancel().is_cancelled() {
        return Err(Unread::Interrupted);
    }
    let mut seen = HashSet::new();
    let mut letters: Vec<DeadLetter> = read.iter().map(letter).collect();
    letters.retain(|letter| seen.insert(letter.message_id.clone()));
    letters.sort_by(|one, other| {
        (one.sent_at, &one.message_id).cmp(&(other.sent_at, &other.message_id))
    });
    Ok(letters)
}

struct Desk<'a> {
    context: &'a Context<'a>,
    url: &'a str,
    /// How long letters stay hidden, in seconds.
    hidden: u64,
}

impl Desk<'_> {
    async fn read_all(
        &self,
        read: &mut Vec<Message>,
        cancel: &CancellationToken,
    ) -> Result<(), AwsFailure> {
        // A short poll of AWS asks only some of its servers; a long one asks all.
        let (wait, empty_polls) = if self.context.target.is_local() {
            (0, 1)
        } else {
            (1, 2)
        };
        let hidden = lab_seconds(self.hidden, self.context.speed());
        let mut seen = HashSet::new();
        let mut empty = 0;
        while empty < empty_polls && !cancel.is_cancelled() {
            let request = self
                .context
                .clients
                .sqs
                .receive_message()
                .queue_url(self.url);
            let reply = request
                .max_number_of_messages(10)
                .visibility_timeout(hidden)
                .wait_time_seconds(wait)
                .message_attribute_names("All")
                .message_system_attribute_names(MessageSystemAttributeName::All)
                .send()
                .await;
            let messages = reply
                .of_call("sqs:ReceiveMessage")?
                .messages
                .unwrap_or_default();
            // A letter may come twice, or again because it was hidden for too short a time; once
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

    async fn show_again(&self, read: &[Message]) {
        let mut hidden: Vec<&Message> = read.iter().collect();
        for _ in 0..TRIES {
            let mut still_hidden = Vec::new();
            for batch in hidden.chunks(10) {
                still_hidden.extend(self.show_batch(batch).await);
            }
            hidden = still_hidden;
            if hidden.is_empty() {
                return;
            }
        }
        self.context.events().warn(format!(
            "{} could not be made visible again, and will be so without help within {} seconds.",
            counted(hidden.len(), "dead letter"),
            self.hidden,
        ));
    }

    /// Makes up to ten messages visible; those that could not be.
    async fn show_batch<'m>(&self, batch: &[&'m Message]) -> Vec<&'m Message> {
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
            Ok(reply) => {
                // What the sender is blamed for is that the message is not hidden any more, or not
                // by this receive: it was visible meanwhile.
                let failed = reply.failed().iter().filter(|entry| !entry.sender_fault());
                let failed = failed.filter_map(|entry| entry.id().parse::<usize>().ok());
                failed
                    .filter_map(|index| batch.get(index).copied())
                    .collect()
            }
        }
    }
}

/// Seconds as a visibility timeout of a cloud in which time runs so many times faster: reading
/// does not.
fn lab_seconds(seconds: u64, speed: u32) -> i32 {
    let seconds = seconds.saturating_mul(speed.into()).min(LONGEST_HIDDEN);
    i32::try_from(seconds).unwrap_or(i32::MAX)
}

fn letter(message: &Message) -> DeadLetter {
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
    fn letters_stay_hidden_as_long_in_a_quicker_cloud_and_never_longer_than_sqs_allows() {
        assert_eq!(lab_seconds(HIDDEN, 1), 20);
        assert_eq!(lab_seconds(HIDDEN, 50), 1000);
        assert_eq!(lab_seconds(u64::MAX, 50), 43_200);
    }

    #[test]
    fn credentials_that_expire_while_letters_are_read_are_told_as_such() {
        let expired = AwsFailure {
            operation: "sqs:ReceiveMessage",
            class: Class::Credentials,
            code: Some("ExpiredToken".to_owned()),
            message: "The security token included in the request is expired".to_owned(),
            request_id: None,
        };
        let error = CommandError::from(Unread::from(expired));
        assert_eq!(error.kind.exit_code(), 3);
        let error = CommandError::from(Unread::Interrupted);
        assert_eq!(error.kind.exit_code(), 130);
    }
}
