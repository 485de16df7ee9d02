//! An event source mapping at work: it takes messages off a queue, invokes the function with
//! them, and only then deletes what the function dealt with.
//!
//! One task for each enabled mapping leases messages while a batch's place is free; each batch
//! is a task of its own. The mapping is read anew in every round, so that changes count at once.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use super::Functions;
use super::event::{self, MAX_EVENT};
use crate::clock::LabMs;
use crate::engines::iam::evaluate::Right;
use crate::engines::lambda::{Mapping, Verdict, partial_batch};
use crate::error::AwsError;
use crate::runtime::queues::{Leased, Settlement};

/// How many batches of a mapping run at a time at least; AWS begins with as many.
const BATCHES: usize = 5;

/// How long a queue is left alone after it could not be read, in wall time. One that is gone is
/// waited for.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// What a mapping's `LastProcessingResult` says after a batch that failed.
const FAILED: &str = "PROBLEM: Function call failed";

/// What it says while the function's role may not read the queue.
const DENIED: &str = "PROBLEM: Lambda is not authorized to perform sqs:ReceiveMessage or \
    sqs:GetQueueAttributes on the queue. Please check the role of the function.";

/// What else a mapping does in the name of the function's role.
const DELETE: &str = "DeleteMessage";

/// The first pause after a throttled invocation and the longest, in milliseconds of lab time.
const THROTTLED_MS: (u64, u64) = (500, 8_000);

/// A mapping's poller.
#[derive(Debug)]
pub(super) struct Poller {
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
    setbacks: u32,
}

impl Poller {
    /// A poller of the mapping with this UUID.
    pub(super) fn new(functions: Arc<Functions>, uuid: String) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            most_batches: BATCHES.max(2 * cores),
            changed: functions.changed.subscribe(),
            roles: functions.identities.subscribe(),
            closing: functions.closing.subscribe(),
            functions,
            uuid,
            batches: JoinSet::new(),
            setbacks: 0,
        }
    }

    /// Polls until the mapping is disabled or gone or the cloud stops, and the last batch has
    /// ended.
    pub(super) async fn run(mut self) {
        while !*self.closing.borrow() {
            self.changed.mark_unchanged();
            self.roles.mark_unchanged();
            let Some(mapping) = self.functions.enabled_mapping(&self.uuid) else {
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

    /// One step: a batch begun, a batch ended, or news.
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
                let closing = self.closing.clone();
                let batch = Batch {
                    leased_at,
                    functions,
                    mapping,
                    messages,
                    closing,
                };
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
        let Some(role) = self.functions.role_of(&mapping.function_name) else {
            return false;
        };
        // Without the right to delete, AWS delivers all the same, over and over.
        let missing = self.functions.missing_right(&role, &mapping.queue_arn);
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
        (places >> self.setbacks.min(8)).max(1)
    }

    fn note(&mut self, ended: Result<bool, JoinError>) {
        self.setbacks = match ended {
            Ok(true) => self.setbacks.saturating_sub(1),
            Ok(false) => (self.setbacks + 1).min(8),
            Err(problem) => {
                tracing::error!(mapping = self.uuid, %problem, "a batch ended badly");
                self.setbacks
            }
        };
    }

    /// Deletes the messages that the mapping's filters do not let through; the others are left.
    async fn sift(&self, mapping: &Mapping, mut leased: Vec<Leased>) -> Vec<Leased> {
        if mapping.filters.is_empty() {
            return leased;
        }
        let (arn, region) = (&mapping.queue_arn, &self.functions.place.region);
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
        let mut held = self.sift(mapping, leased).await;
        let mut bytes = weigh(&held);
        let end = clock
            .now()
            .lab
            .plus_seconds(u64::from(mapping.window_seconds));
        while !held.is_empty() && held.len() < size && bytes < MAX_EVENT && clock.now().lab < end {
            tokio::select! {
                biased;
                _ = self.closing.wait_for(|closing| *closing) => break,
                _ = self.changed.changed() => {
                    if self.functions.enabled_mapping(&self.uuid).is_none() {
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
                    let more = self.sift(mapping, more).await;
                    bytes += weigh(&more);
                    held.extend(more);
                }
                Err(_) => break,
            }
        }
        Ok(held)
    }
}

/// Settles messages of a mapping's queue; it may be gone. What the function's role may not delete
/// comes back.
async fn settle(functions: &Functions, mapping: &Mapping, mut outcomes: Vec<(String, Settlement)>) {
    if outcomes.is_empty() {
        return;
    }
    let arn = &mapping.queue_arn;
    let right = Right::new(format!("sqs:{DELETE}"), arn);
    let role = functions.role_of(&mapping.function_name);
    if !role.is_some_and(|role| functions.identities.role_may(&role, &right)) {
        for (_, settlement) in &mut outcomes {
            if *settlement == Settlement::Delete {
                *settlement = Settlement::Fail;
            }
        }
    }
    if let Err(problem) = functions.queues.settle(arn, outcomes).await {
        // Unsettled messages come back, or the queue is gone with them.
        tracing::warn!(queue = arn, %problem, "messages could not be settled");
    }
}

fn weigh(messages: &[Leased]) -> usize {
    messages.iter().map(|message| message.body.len()).sum()
}

/// Messages on their way through the function.
#[derive(Debug)]
struct Batch {
    functions: Arc<Functions>,
    mapping: Mapping,
    messages: Vec<Leased>,
    leased_at: LabMs,
    closing: watch::Receiver<bool>,
}

impl Batch {
    /// Invokes the function and settles the messages. Answers whether the mapping may go on at
    /// full speed.
    async fn run(mut self) -> bool {
        let region = &self.functions.place.region;
        let (event, count) = event::build(&self.messages, &self.mapping.queue_arn, region);
        let rest = self.messages.split_off(count);
        let released = rest
            .into_iter()
            .map(|left| (left.message_id, Settlement::Release));
        settle(&self.functions, &self.mapping, released.collect()).await;
        let (outcomes, well) = self.deliver(event).await;
        settle(&self.functions, &self.mapping, outcomes).await;
        well
    }

    /// Invokes, again while throttled, until the visibility timeout has passed.
    async fn deliver(&self, event: Bytes) -> (Vec<(String, Settlement)>, bool) {
        let mut pause = THROTTLED_MS.0;
        let mut closing = self.closing.clone();
        loop {
            let functions = Arc::clone(&self.functions);
            let invoked = tokio::select! {
                biased;
                // The stop of the cloud is not a delivery: the invocation is ended by being
                // dropped, and the messages are as they were.
                _ = closing.wait_for(|closing| *closing) => {
                    return (self.all(Settlement::Release), true);
                }
                invoked = functions.invoke(&self.mapping.function_name, event.clone()) => invoked,
            };
            let problem = match invoked {
                Ok(outcome) => {
                    let result = if outcome.failed { FAILED } else { "OK" };
                    functions.note_result(&self.mapping.uuid, result);
                    return self.judge(outcome.failed, &outcome.payload);
                }
                Err(problem) => problem,
            };
            match &*problem.code {
                "TooManyRequestsException" => {}
                "ResourceNotFoundException" => return (self.all(Settlement::Release), true),
                _ => {
                    tracing::warn!(mapping = self.mapping.uuid, %problem, "a batch failed");
                    return (self.all(Settlement::Fail), false);
                }
            }
            let now = functions.clock.now().lab;
            if now >= self.give_up() {
                return (self.all(Settlement::Fail), false);
            }
            if functions.enabled_mapping(&self.mapping.uuid).is_none() {
                return (self.all(Settlement::Release), true);
            }
            let wake = LabMs(now.0.saturating_add(pause));
            pause = (2 * pause).min(THROTTLED_MS.1);
            tokio::select! {
                () = functions.clock.sleep_until(wake) => {}
                _ = closing.wait_for(|closing| *closing) => {}
            }
        }
    }

    /// When the messages' visibility timeout has passed.
    fn give_up(&self) -> LabMs {
        let facts = self.functions.queues.facts(&self.mapping.queue_arn);
        let seconds = facts.map_or(0, |facts| facts.visibility_timeout);
        self.leased_at.plus_seconds(u64::from(seconds))
    }

    /// What the function's answer means for each message.
    fn judge(&self, failed: bool, payload: &[u8]) -> (Vec<(String, Settlement)>, bool) {
        let reports = self.mapping.report_failures;
        let ids: Vec<&str> = self.messages.iter().map(|one| &*one.message_id).collect();
        let answer = if failed { Err(()) } else { Ok(payload) };
        match partial_batch(reports, answer, &ids) {
            Verdict::AllDone => (self.all(Settlement::Delete), true),
            // A function that reports failures is not slowed down by them.
            Verdict::AllFailed => (self.all(Settlement::Fail), reports),
            Verdict::Failed(failed) => {
                let settle = |id: &str| match failed.contains(id) {
                    true => (id.to_owned(), Settlement::Fail),
                    false => (id.to_owned(), Settlement::Delete),
                };
                (ids.into_iter().map(settle).collect(), true)
            }
        }
    }

    fn all(&self, settlement: Settlement) -> Vec<(String, Settlement)> {
        let ids = self.messages.iter().map(|message| &message.message_id);
        ids.map(|id| (id.clone(), settlement)).collect()
    }
}
