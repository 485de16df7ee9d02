//! The messages that one reading of a queue hides: they are made visible again at its end, or
//! deleted, by the receipt handles of this very reading.

use std::time::Duration;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::operation::receive_message::builders::ReceiveMessageFluentBuilder;
use aws_sdk_sqs::types::{
    ChangeMessageVisibilityBatchRequestEntry, DeleteMessageBatchRequestEntry,
    MessageSystemAttributeName,
};
use futures_util::StreamExt as _;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::aws::{Answer as _, AwsFailure};
use crate::context::Context;
use crate::ui::{Events, counted};

/// How long messages stay hidden at least, in seconds, if this program dies before it makes them
/// visible again, or if the reply that contained them is lost.
const HIDDEN_SECONDS: u64 = 20;
/// How many messages are read in a second at least: AWS answers a receive within some 50 ms, often
/// with fewer than ten. Where it takes longer, the messages are hidden for longer.
const READ_PER_SECOND: u64 = 100;
/// The longest visibility timeout, in seconds.
const LONGEST_HIDDEN_SECONDS: u64 = 43_200;
/// How often making a message visible is tried.
const TRIES: u32 = 3;
/// How many batches are under way at a time.
const CONCURRENT: usize = 8;

/// A message that is hidden.
#[derive(Debug, Clone)]
struct Hidden {
    message_id: String,
    receipt_handle: String,
    /// Since when, or since when again.
    since: Instant,
    /// Whether it was selected.
    is_selected: bool,
}

/// What became of the selected messages.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Deleted {
    /// How many were deleted.
    pub deleted: u64,
    /// How many were not, because SQS refused; they are in the queue.
    pub refused: u64,
}

/// One reading of a queue: what it has hidden.
#[derive(Debug)]
pub(crate) struct Reading {
    sqs: Client,
    url: String,
    events: Events,
    /// How long SQS waits for a message, in seconds. A short poll asks only some of AWS's servers; a
    /// long poll asks all.
    wait_seconds: i32,
    /// How long messages stay hidden, in the seconds of the queue's clock.
    timeout: i32,
    /// The same in real time.
    hidden_for: Duration,
    hidden: Vec<Hidden>,
}

impl Reading {
    /// A reading of a queue with some `depth`. Nothing is hidden yet.
    pub(crate) fn new(context: &Context<'_>, url: &str, depth: u64) -> Self {
        let speed = context.speed().max(1);
        let seconds = HIDDEN_SECONDS.saturating_add(depth / READ_PER_SECOND);
        let timeout = lab_seconds(seconds, speed);
        Self {
            sqs: context.clients.sqs.clone(),
            url: url.to_owned(),
            events: context.events().clone(),
            wait_seconds: i32::from(!context.target.is_local()),
            timeout,
            hidden_for: Duration::from_secs(timeout.unsigned_abs().into()) / speed,
            hidden: Vec::new(),
        }
    }

    /// A receive of up to ten messages with all that SQS says of them.
    pub(super) fn receive(&self) -> ReceiveMessageFluentBuilder {
        self.sqs
            .receive_message()
            .queue_url(&self.url)
            .max_number_of_messages(10)
            .wait_time_seconds(self.wait_seconds)
            .visibility_timeout(self.timeout)
            .message_attribute_names("All")
            .message_system_attribute_names(MessageSystemAttributeName::All)
    }

    /// Remembers a message that was received `since` then.
    pub(super) fn hide(&mut self, message_id: String, receipt_handle: String, since: Instant) {
        self.hidden.push(Hidden {
            message_id,
            receipt_handle,
            since,
            is_selected: false,
        });
    }

    /// Selects the message that was hidden last.
    pub(super) fn select_newest(&mut self) {
        if let Some(newest) = self.hidden.last_mut() {
            newest.is_selected = true;
        }
    }

    /// Remembers that a message was received once more: its earlier receipt handle is of no use.
    pub(super) fn hide_again(&mut self, message_id: &str, receipt_handle: String, since: Instant) {
        let mut hidden = self.hidden.iter_mut();
        if let Some(one) = hidden.find(|one| one.message_id == message_id) {
            one.receipt_handle = receipt_handle;
            one.since = since;
        }
    }

    /// How many messages are hidden.
    pub(super) fn count(&self) -> usize {
        self.hidden.len()
    }

    /// Hides for longer what would be visible soon.
    pub(crate) async fn renew(&mut self) {
        let half = self.hidden_for / 2;
        let is_due = |one: &&Hidden| one.since.elapsed() > half;
        // The oldest comes first.
        if !self.hidden.first().is_some_and(|first| is_due(&first)) {
            return;
        }
        let due: Vec<Hidden> = self.hidden.iter().filter(is_due).cloned().collect();
        let now = Instant::now();
        // One that cannot be hidden for longer may be read by others. Reading goes on.
        self.change(due, self.timeout).await;
        for one in &mut self.hidden {
            if one.since.elapsed() > half {
                one.since = now;
            }
        }
        self.hidden.sort_by_key(|one| one.since);
    }

    /// Waits for something, and keeps the messages hidden meanwhile.
    pub(crate) async fn hidden_during<T>(&mut self, work: impl Future<Output = T>) -> T {
        let pause = (self.hidden_for / 4).max(Duration::from_secs(1));
        tokio::pin!(work);
        loop {
            tokio::select! {
                result = &mut work => return result,
                () = tokio::time::sleep(pause) => self.renew().await,
            }
        }
    }

    /// Makes all messages visible that are hidden. A warning says how many could not be.
    pub(crate) async fn release(&mut self) {
        let hidden = std::mem::take(&mut self.hidden);
        let still_hidden = self.change(hidden, 0).await;
        if still_hidden > 0 {
            self.events.warn(format!(
                "{} could not be made visible again; SQS does so within {} seconds.",
                counted(still_hidden, "message"),
                self.hidden_for.as_secs(),
            ));
        }
    }

    /// Changes the visibility timeout. Returns how many messages still have the old one.
    async fn change(&self, mut messages: Vec<Hidden>, timeout: i32) -> usize {
        for _ in 0..TRIES {
            let batches: Vec<Vec<Hidden>> = messages.chunks(10).map(<[Hidden]>::to_vec).collect();
            let changes = batches.into_iter().map(|batch| {
                let (sqs, url) = (self.sqs.clone(), self.url.clone());
                change_batch(sqs, url, batch, timeout)
            });
            let left: Vec<Vec<Hidden>> = futures_util::stream::iter(changes)
                .buffer_unordered(CONCURRENT)
                .collect()
                .await;
            messages = left.concat();
            if messages.is_empty() {
                break;
            }
        }
        messages.len()
    }

    /// Deletes the selected messages, as long as the user does not interrupt. Those that SQS refuses to
    /// delete stay hidden until the [`Reading::release`].
    ///
    /// # Errors
    /// When a call fails. How many were deleted by then is in `deleted`.
    pub(crate) async fn delete_selected(
        &mut self,
        deleted: &mut Deleted,
        cancel: &CancellationToken,
        progress: impl Fn(u64),
    ) -> Result<(), AwsFailure> {
        let (selected, others): (Vec<Hidden>, Vec<Hidden>) = std::mem::take(&mut self.hidden)
            .into_iter()
            .partition(|one| one.is_selected);
        self.hidden = others;
        let mut batches = selected.chunks(10);
        while let Some(batch) = batches.next() {
            if cancel.is_cancelled() {
                self.hidden.extend_from_slice(batch);
                self.hidden.extend(batches.flatten().cloned());
                return Ok(());
            }
            let handles = batch.iter().map(|one| one.receipt_handle.as_str());
            match delete_batch(&self.sqs, &self.url, handles).await {
                Ok(left) => {
                    deleted.deleted += (batch.len() - left.len()) as u64;
                    deleted.refused += left.len() as u64;
                    let left = left.into_iter().filter_map(|place| batch.get(place));
                    self.hidden.extend(left.cloned());
                    progress(deleted.deleted);
                }
                Err(failure) => {
                    // Of these it is not known whether they were deleted.
                    self.hidden.extend_from_slice(batch);
                    self.hidden.extend(batches.flatten().cloned());
                    return Err(failure);
                }
            }
        }
        Ok(())
    }
}

/// Changes the visibility timeout of up to ten messages. Returns those for which that failed.
async fn change_batch(sqs: Client, url: String, batch: Vec<Hidden>, timeout: i32) -> Vec<Hidden> {
    let entries = batch.iter().enumerate().map(|(index, one)| {
        ChangeMessageVisibilityBatchRequestEntry::builder()
            .id(index.to_string())
            .receipt_handle(&one.receipt_handle)
            .visibility_timeout(timeout)
            .build()
            .expect("it has an id and a receipt handle")
    });
    let request = sqs.change_message_visibility_batch().queue_url(url);
    let reply = request.set_entries(Some(entries.collect())).send().await;
    let Ok(reply) = reply else {
        return batch;
    };
    let failed = reply.failed.iter();
    failed
        // A sender's fault is that the message is not hidden any more, or not by this receive: it
        // has been visible meanwhile.
        .filter(|entry| !entry.sender_fault)
        .filter_map(|entry| batch.get(entry.id.parse::<usize>().ok()?).cloned())
        .collect()
}

/// Deletes up to ten messages, by their receipt handles. Returns the places of those that SQS refused
/// to delete.
pub(super) async fn delete_batch(
    sqs: &Client,
    url: &str,
    receipt_handles: impl Iterator<Item = &str>,
) -> Result<Vec<usize>, AwsFailure> {
    let entries = receipt_handles.enumerate().map(|(place, handle)| {
        DeleteMessageBatchRequestEntry::builder()
            .id(place.to_string())
            .receipt_handle(handle)
            .build()
            .expect("it has an id and a receipt handle")
    });
    let request = sqs.delete_message_batch().queue_url(url);
    let reply = request.set_entries(Some(entries.collect())).send().await;
    let failed = reply.of_call("sqs:DeleteMessageBatch")?.failed;
    Ok(failed
        .iter()
        .filter_map(|entry| entry.id.parse().ok())
        .collect())
}

/// Real seconds as a visibility timeout in a cloud whose time runs `speed` times as fast.
fn lab_seconds(seconds: u64, speed: u32) -> i32 {
    let lab_seconds = seconds
        .saturating_mul(speed.into())
        .min(LONGEST_HIDDEN_SECONDS);
    i32::try_from(lab_seconds).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hiding_follows_the_cloud_speed() {
        assert_eq!(lab_seconds(HIDDEN_SECONDS, 1), 20);
        assert_eq!(lab_seconds(HIDDEN_SECONDS, 50), 1000);
        assert_eq!(lab_seconds(u64::MAX, 50), 43_200);
    }
}
