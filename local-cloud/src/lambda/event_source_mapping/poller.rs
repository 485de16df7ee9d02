//! The poller of an event source mapping: it takes messages off a queue and starts a batch with
//! them, which invokes the function and deletes only what it processed.
//!
//! Each enabled mapping has one poller, which leases messages while another batch may run. Each
//! batch is a task. The poller reads the mapping in every round, so that changes count at once.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};

use super::batch::Batch;
use super::context::MappingContext;
use super::event::{self, MAX_EVENT};
use super::permissions::may_read;
use crate::error::AwsError;
use crate::lambda::activity::Working;
use crate::lambda::engine::Mapping;
use crate::lambda::shutdown::Shutdown;
use crate::sqs::{Leased, Settlement};

/// How many concurrent batches a mapping may have at least; AWS begins with as many.
const MIN_BATCHES: usize = 5;

/// How long a poller pauses after a queue could not be read, in wall time. It waits for a queue
/// that does not exist.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// A mapping's `LastProcessingResult` while the function's role may not read the queue.
const DENIED: &str = "PROBLEM: Lambda is not authorized to perform sqs:ReceiveMessage or \
    sqs:GetQueueAttributes on the queue. Please check the role of the function.";

/// A mapping's poller.
#[derive(Debug)]
pub(super) struct Poller {
    context: Arc<MappingContext>,
    uuid: String,
    /// Notifies of changes to functions and mappings.
    changed: watch::Receiver<()>,
    /// Notifies of changes to roles.
    roles: watch::Receiver<()>,
    shutdown: Shutdown,
    /// How many concurrent batches the machine can run: twice its cores.
    machine_limit: usize,
    /// Each returns whether the function is healthy.
    batches: JoinSet<bool>,
    /// Counts failed batches up and successful ones down.
    consecutive_failures: u32,
}

impl Poller {
    /// A poller of the mapping with this UUID.
    pub(super) fn new(context: Arc<MappingContext>, uuid: String) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self {
            machine_limit: MIN_BATCHES.max(2 * cores),
            changed: context.registry.subscribe(),
            roles: context.identities.subscribe(),
            shutdown: context.shutdown.clone(),
            context,
            uuid,
            batches: JoinSet::new(),
            consecutive_failures: 0,
        }
    }

    /// Polls until the mapping is disabled or deleted or the cloud stops, and the last batch has
    /// ended.
    pub(super) async fn run(mut self) {
        while !self.shutdown.is_requested() {
            self.changed.mark_unchanged();
            self.roles.mark_unchanged();
            let Some(mapping) = self.context.registry.polling_mapping(&self.uuid) else {
                break;
            };
            self.round(mapping).await;
        }
        while let Some(ended) = self.batches.join_next().await {
            self.count(ended);
        }
        if !self.shutdown.is_requested() {
            self.report_drained().await;
        }
    }

    /// Reports that the last batch of a mapping has ended that was disabled or deleted.
    async fn report_drained(&self) {
        let registry = &self.context.registry;
        let drained = registry.change(|registry, now, _| registry.mapping_drained(&self.uuid, now));
        if let Err(problem) = drained.await {
            tracing::warn!(mapping = self.uuid, %problem, "a mapping could not be settled");
        }
    }

    /// One step: a batch starts, a batch ends, or something has changed.
    async fn round(&mut self, mapping: Mapping) {
        let can_start = self.batches.len() < self.max_batches(&mapping) && self.may_poll(&mapping);
        let queues = Arc::clone(&self.context.queues);
        let visible = async {
            if can_start {
                queues.visible(&mapping.queue_arn).await;
            } else {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = self.shutdown.requested() => return,
            _ = self.changed.changed() => return,
            _ = self.roles.changed() => return,
            Some(ended) = self.batches.join_next() => return self.count(ended),
            () = visible => {}
        }
        let working = self.context.activity.begin();
        let leased_at = self.context.clock.now().lab;
        match self.collect(&mapping, &working).await {
            Ok(messages) if messages.is_empty() => {}
            Ok(messages) => {
                let context = Arc::clone(&self.context);
                let batch = Batch::new(context, mapping, messages, leased_at);
                self.batches.spawn(batch.run());
            }
            Err(problem) => {
                tracing::debug!(mapping = self.uuid, %problem, "a queue cannot be polled");
                drop(working);
                tokio::select! {
                    () = tokio::time::sleep(PAUSE) => {}
                    _ = self.changed.changed() => {}
                    () = self.shutdown.requested() => {}
                }
            }
        }
    }

    /// Whether the function exists and its role may read the queue. If it may not, the mapping
    /// reports that, and nothing is taken off the queue.
    fn may_poll(&self, mapping: &Mapping) -> bool {
        let MappingContext {
            registry,
            identities,
            ..
        } = &*self.context;
        let Some(function) = registry.invocable(&mapping.function_name) else {
            return false;
        };
        let may_read = may_read(identities, &function, &mapping.queue_arn);
        if !may_read {
            registry.set_processing_result(&mapping.uuid, DENIED);
        }
        may_read
    }

    /// How many concurrent batches there may be: as many as the machine can run or the mapping
    /// allows, halved for each failure.
    fn max_batches(&self, mapping: &Mapping) -> usize {
        let most = mapping.maximum_concurrency.map_or(usize::MAX, |most| {
            usize::try_from(most).unwrap_or(usize::MAX)
        });
        let limit = self.machine_limit.min(most);
        (limit >> self.consecutive_failures.min(8)).max(1)
    }

    fn count(&mut self, ended: Result<bool, JoinError>) {
        self.consecutive_failures = match ended {
            Ok(true) => self.consecutive_failures.saturating_sub(1),
            Ok(false) => (self.consecutive_failures + 1).min(8),
            Err(problem) => {
                tracing::error!(mapping = self.uuid, %problem, "a batch panicked");
                self.consecutive_failures
            }
        };
    }

    /// Deletes the messages that the mapping's filters do not accept, and returns the others.
    async fn apply_filters(&self, mapping: &Mapping, mut leased: Vec<Leased>) -> Vec<Leased> {
        if mapping.filters.is_empty() {
            return leased;
        }
        let (arn, region) = (&mapping.queue_arn, &self.context.region);
        let is_rejected = |message: &mut Leased| {
            let record = event::record_of(message, arn, region);
            !mapping.filters.accept(record)
        };
        let rejected = leased.extract_if(.., is_rejected);
        let settlements = rejected.map(|message| (message.message_id, Settlement::Delete));
        self.context.settle(mapping, settlements.collect()).await;
        leased
    }

    /// Leases the messages of a batch: those that are visible, and with a batching window those
    /// that become visible until the batch is full or the window, which begins with the first
    /// message, ends.
    async fn collect(
        &mut self,
        mapping: &Mapping,
        working: &Working,
    ) -> Result<Vec<Leased>, AwsError> {
        let context = Arc::clone(&self.context);
        let MappingContext {
            registry,
            queues,
            clock,
            ..
        } = &*context;
        let arn = &mapping.queue_arn;
        let size = usize::try_from(mapping.batch_size).unwrap_or(usize::MAX);
        let leased = queues.lease(arn, size, MAX_EVENT).await?;
        let mut messages = self.apply_filters(mapping, leased).await;
        let mut bytes = total_bytes(&messages);
        let window_end = clock
            .now()
            .lab
            .plus_seconds(u64::from(mapping.window_seconds));
        while !messages.is_empty()
            && messages.len() < size
            && bytes < MAX_EVENT
            && clock.now().lab < window_end
        {
            let paused = working.paused(window_end);
            tokio::select! {
                biased;
                () = self.shutdown.requested() => break,
                _ = self.changed.changed() => {
                    if registry.polling_mapping(&self.uuid).is_none() {
                        break;
                    }
                    continue;
                }
                () = queues.visible(arn) => {}
                () = clock.sleep_until(window_end) => continue,
            }
            drop(paused);
            // The queue may be deleted by now. Leased messages are delivered nevertheless.
            let more = queues
                .lease(arn, size - messages.len(), MAX_EVENT - bytes)
                .await;
            match more {
                // A message is visible but too large for the rest of the batch.
                Ok(more) if more.is_empty() => break,
                Ok(more) => {
                    let more = self.apply_filters(mapping, more).await;
                    bytes += total_bytes(&more);
                    messages.extend(more);
                }
                Err(_) => break,
            }
        }
        Ok(messages)
    }
}

fn total_bytes(messages: &[Leased]) -> usize {
    messages.iter().map(|message| message.body.len()).sum()
}
