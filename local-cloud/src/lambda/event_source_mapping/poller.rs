//! An event source mapping at work: it takes messages off a queue, invokes the function with
//! them, and only then deletes what the function dealt with.
//!
//! One task for each enabled mapping leases messages while a batch's place is free; each batch
//! is a task of its own. The mapping is read anew in every round, so that changes count at once.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use super::batch::{Batch, DELETE, settle};
use super::event::{self, MAX_EVENT};
use crate::error::AwsError;
use crate::lambda::Functions;
use crate::lambda::engine::Mapping;
use crate::sqs::{Leased, Settlement};

/// How many batches of a mapping run at a time at least; AWS begins with as many.
const BATCHES: usize = 5;

/// How long a queue is left alone after it could not be read, in wall time. One that is gone is
/// waited for.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// What a mapping's `LastProcessingResult` says while the function's role may not read the queue.
const DENIED: &str = "PROBLEM: Lambda is not authorized to perform sqs:ReceiveMessage or \
    sqs:GetQueueAttributes on the queue. Please check the role of the function.";

/// A mapping's poller.
#[derive(Debug)]
pub(in crate::lambda) struct Poller {
    functions: Arc<Functions>,
    uuid: String,
    changed: watch::Receiver<()>,
    /// Hears of changes to roles.
    roles: watch::Receiver<()>,
    closing: watch::Receiver<bool>,
    /// How many batches the machine can bear at a time: twice its cores.
    most_batches: usize,
    /// Each answers whether the function did its work.
    batches: JoinSet<bool>,
    /// How often in a row, more or less, the function failed.
    consecutive_failures: u32,
}

impl Poller {
    /// A poller of the mapping with this UUID.
    pub(in crate::lambda) fn new(functions: Arc<Functions>, uuid: String) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            most_batches: BATCHES.max(2 * cores),
            changed: functions.changed.subscribe(),
            roles: functions.identities.subscribe(),
            closing: functions.closing.subscribe(),
            functions,
            uuid,
            batches: JoinSet::new(),
            consecutive_failures: 0,
        }
    }

    /// Polls until the mapping is disabled or gone or the cloud stops, and the last batch has
    /// ended.
    pub(in crate::lambda) async fn run(mut self) {
        while !*self.closing.borrow() {
            self.changed.mark_unchanged();
            self.roles.mark_unchanged();
            let Some(mapping) = self.functions.polling_mapping(&self.uuid) else {
                break;
            };
            self.round(mapping).await;
        }
        while let Some(ended) = self.batches.join_next().await {
            self.note(ended);
        }
        if !*self.closing.borrow() {
            self.functions.mapping_settled(&self.uuid).await;
        }
    }

    /// One step: a batch begun, a batch ended, or updates.
    async fn round(&mut self, mapping: Mapping) {
        let free = self.batches.len() < self.places(&mapping) && self.may_poll(&mapping);
        let queues = Arc::clone(&self.functions.queues);
        let visible = async {
            if free {
                queues.visible(&mapping.queue_arn).await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        let mut ended = None;
        tokio::select! {
            biased;
            _ = self.closing.wait_for(|closing| *closing) => return,
            _ = self.changed.changed() => return,
            _ = self.roles.changed() => return,
            Some(done) = self.batches.join_next() => ended = Some(done),
            () = visible => {}
        }
        if let Some(ended) = ended {
            return self.note(ended);
        }
        let leased_at = self.functions.clock.now().lab;
        match self.collect(&mapping).await {
            Ok(messages) if messages.is_empty() => {}
            Ok(messages) => {
                let functions = Arc::clone(&self.functions);
                let batch = Batch::new(functions, mapping, messages, leased_at);
                self.batches.spawn(batch.run());
            }
            Err(problem) => {
                tracing::debug!(mapping = self.uuid, %problem, "a queue cannot be polled");
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => {}
                    _ = self.changed.changed() => {}
                    _ = self.closing.wait_for(|closing| *closing) => {}
                }
            }
        }
    }

    /// Whether the function is there and its role may read the queue; where it may not, the
    /// mapping says so and nothing is taken off the queue.
    fn may_poll(&self, mapping: &Mapping) -> bool {
        let Some(function) = self.functions.invocable(&mapping.function_name) else {
            return false;
        };
        // Without the right to delete, AWS delivers all the same, over and over.
        let missing = self
            .functions
            .missing_permission(&function, &mapping.queue_arn);
        let missing = missing.filter(|action| *action != DELETE);
        if missing.is_some() {
            self.functions.note_result(&mapping.uuid, DENIED);
        }
        missing.is_none()
    }

    /// How many batches may run at a time: as many as the machine can bear or the mapping allows,
    /// and half of that for each setback.
    fn places(&self, mapping: &Mapping) -> usize {
        let most = mapping.maximum_concurrency.map_or(usize::MAX, |most| {
            usize::try_from(most).unwrap_or(usize::MAX)
        });
        let places = self.most_batches.min(most);
        (places >> self.consecutive_failures.min(8)).max(1)
    }

    fn note(&mut self, ended: Result<bool, JoinError>) {
        self.consecutive_failures = match ended {
            Ok(true) => self.consecutive_failures.saturating_sub(1),
            Ok(false) => (self.consecutive_failures + 1).min(8),
            Err(problem) => {
                tracing::error!(mapping = self.uuid, %problem, "a batch ended badly");
                self.consecutive_failures
            }
        };
    }

    /// Deletes the messages that the mapping's filters do not let through; the others are left.
    async fn apply_filters(&self, mapping: &Mapping, mut leased: Vec<Leased>) -> Vec<Leased> {
        if mapping.filters.is_empty() {
            return leased;
        }
        let (arn, region) = (&mapping.queue_arn, &self.functions.region);
        let stopped = |one: &mut Leased| {
            let record = event::record_of(one, arn, region);
            !mapping.filters.accept(record)
        };
        let dropped = leased.extract_if(.., stopped);
        let dropped = dropped.map(|one| (one.message_id, Settlement::Delete));
        settle(&self.functions, mapping, dropped.collect()).await;
        leased
    }

    /// Leases a batch: what is there, and with a batching window what comes until the batch is
    /// full or the window, counted from the first message, ends.
    async fn collect(&mut self, mapping: &Mapping) -> Result<Vec<Leased>, AwsError> {
        let queues = Arc::clone(&self.functions.queues);
        let clock = Arc::clone(&self.functions.clock);
        let arn = &mapping.queue_arn;
        let size = usize::try_from(mapping.batch_size).unwrap_or(usize::MAX);
        let leased = queues.lease(arn, size, MAX_EVENT).await?;
        let mut held = self.apply_filters(mapping, leased).await;
        let mut bytes = total_bytes(&held);
        let end = clock
            .now()
            .lab
            .plus_seconds(u64::from(mapping.window_seconds));
        while !held.is_empty() && held.len() < size && bytes < MAX_EVENT && clock.now().lab < end {
            tokio::select! {
                biased;
                _ = self.closing.wait_for(|closing| *closing) => break,
                _ = self.changed.changed() => {
                    if self.functions.polling_mapping(&self.uuid).is_none() {
                        break;
                    }
                    continue;
                }
                () = queues.visible(arn) => {}
                () = clock.sleep_until(end) => continue,
            }
            // The queue may be deleted by now; what is held is delivered nevertheless.
            let more = queues
                .lease(arn, size - held.len(), MAX_EVENT - bytes)
                .await;
            match more {
                // Something is visible but too large for what is left.
                Ok(more) if more.is_empty() => break,
                Ok(more) => {
                    let more = self.apply_filters(mapping, more).await;
                    bytes += total_bytes(&more);
                    held.extend(more);
                }
                Err(_) => break,
            }
        }
        Ok(held)
    }
}

fn total_bytes(messages: &[Leased]) -> usize {
    messages.iter().map(|message| message.body.len()).sum()
}
