//! A batch of a mapping's messages: the function is invoked with them, and only then are those
//! deleted that it processed.

use std::sync::Arc;

use bytes::Bytes;
use tokio::runtime::Handle;

use super::context::MappingContext;
use super::event;
use crate::clock::LabMs;
use crate::lambda::activity::Working;
use crate::lambda::engine::{BatchResult, Mapping, partial_batch};
use crate::sqs::{Leased, Settlement};

/// A mapping's `LastProcessingResult` after a batch that failed.
const FAILED: &str = "PROBLEM: Function call failed";

/// The first and the longest pause after a throttled invocation, in milliseconds of lab time.
const THROTTLED_MS: (u64, u64) = (500, 8_000);

/// Messages on their way through the function.
#[derive(Debug)]
pub(crate) struct Batch {
    context: Arc<MappingContext>,
    mapping: Mapping,
    messages: Vec<Leased>,
    leased_at: LabMs,
    is_settled: bool,
    working: Working,
}

impl Drop for Batch {
    /// The messages of a batch that was not settled become visible again when their visibility
    /// timeout has passed; whether the function processed them is unknown.
    fn drop(&mut self) {
        if self.is_settled || self.messages.is_empty() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            // The cloud has ended, and leases with it.
            return;
        };
        let (context, mapping) = (Arc::clone(&self.context), self.mapping.clone());
        let settlements = self.all(Settlement::Fail);
        runtime.spawn(async move { context.settle(&mapping, settlements).await });
    }
}

impl Batch {
    /// A batch of leased messages.
    pub(crate) fn new(
        context: Arc<MappingContext>,
        mapping: Mapping,
        messages: Vec<Leased>,
        leased_at: LabMs,
    ) -> Self {
        Self {
            working: context.activity.begin(),
            context,
            mapping,
            messages,
            leased_at,
            is_settled: false,
        }
    }

    /// Invokes the function and settles the messages. Returns whether the function is healthy, so
    /// that the mapping may run as many batches as before.
    pub(crate) async fn run(mut self) -> bool {
        let region = &self.context.region;
        let (event, count) = event::build(&self.messages, &self.mapping.queue_arn, region);
        let rest = self.messages.split_off(count);
        let released = rest
            .into_iter()
            .map(|message| (message.message_id, Settlement::Release));
        self.context.settle(&self.mapping, released.collect()).await;
        let (settlements, is_healthy) = self.deliver(event).await;
        self.context.settle(&self.mapping, settlements).await;
        self.is_settled = true;
        is_healthy
    }

    /// Invokes the function. Retries while it is throttled, until the visibility timeout has
    /// passed.
    async fn deliver(&self, event: Bytes) -> (Vec<(String, Settlement)>, bool) {
        let MappingContext {
            registry,
            invoker,
            clock,
            ..
        } = &*self.context;
        let mut pause = THROTTLED_MS.0;
        let mut shutdown = self.context.shutdown.clone();
        loop {
            let invoked = tokio::select! {
                biased;
                // A stop of the cloud is not a delivery: the invocation ends by being dropped, and
                // the messages are as they were.
                () = shutdown.requested() => return (self.all(Settlement::Release), true),
                invoked = invoker.invoke(&self.mapping.function_name, event.clone()) => invoked,
            };
            let problem = match invoked {
                Ok(output) => {
                    let result = if output.failed { FAILED } else { "OK" };
                    registry.set_processing_result(&self.mapping.uuid, result);
                    return self.settlements(output.failed, &output.payload);
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
            let now = clock.now().lab;
            if now >= self.visibility_end() {
                return (self.all(Settlement::Fail), false);
            }
            if registry.polling_mapping(&self.mapping.uuid).is_none() {
                return (self.all(Settlement::Release), true);
            }
            let wake = now.plus_ms(pause);
            pause = (2 * pause).min(THROTTLED_MS.1);
            let _paused = self.working.paused(wake);
            tokio::select! {
                () = clock.sleep_until(wake) => {}
                () = shutdown.requested() => {}
            }
        }
    }

    /// When the messages' visibility timeout has passed.
    fn visibility_end(&self) -> LabMs {
        let queue = self.context.queues.info(&self.mapping.queue_arn);
        let seconds = queue.map_or(0, |queue| queue.visibility_timeout);
        self.leased_at.plus_seconds(u64::from(seconds))
    }

    /// What the function's output means for each message, and whether the function is healthy.
    fn settlements(&self, failed: bool, payload: &[u8]) -> (Vec<(String, Settlement)>, bool) {
        let reports = self.mapping.report_failures;
        let ids: Vec<&str> = self.messages.iter().map(|one| &*one.message_id).collect();
        let output = if failed { Err(()) } else { Ok(payload) };
        match partial_batch(reports, output, &ids) {
            BatchResult::AllSucceeded => (self.all(Settlement::Delete), true),
            // A function that reports failures is not slowed down by them.
            BatchResult::AllFailed => (self.all(Settlement::Fail), reports),
            BatchResult::SomeFailed(failed) => {
                let settlement = |id: &str| match failed.contains(id) {
                    true => (id.to_owned(), Settlement::Fail),
                    false => (id.to_owned(), Settlement::Delete),
                };
                (ids.into_iter().map(settlement).collect(), true)
            }
        }
    }

    fn all(&self, settlement: Settlement) -> Vec<(String, Settlement)> {
        let ids = self.messages.iter().map(|message| &message.message_id);
        ids.map(|id| (id.clone(), settlement)).collect()
    }
}
