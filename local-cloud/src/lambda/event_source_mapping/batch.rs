//! A batch of a mapping's messages: the function is invoked with them, and only then is deleted
//! what it dealt with.

use std::sync::Arc;

use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::watch;

use super::event;
use crate::clock::LabMs;
use crate::iam::engine::evaluate::RequiredPermission;
use crate::lambda::Functions;
use crate::lambda::engine::Function;
use crate::lambda::engine::{Mapping, Verdict, partial_batch};
use crate::sqs::{Leased, Settlement};

/// What a mapping's `LastProcessingResult` says after a batch that failed.
const FAILED: &str = "PROBLEM: Function call failed";

/// What else a mapping does in the name of the function's role.
pub(in crate::lambda) const DELETE: &str = "DeleteMessage";

/// The first pause after a throttled invocation and the longest, in milliseconds of lab time.
const THROTTLED_MS: (u64, u64) = (500, 8_000);

/// Settles messages of a mapping's queue; it may be gone. What the function's role may not delete
/// comes back.
pub(in crate::lambda) async fn settle(
    functions: &Functions,
    mapping: &Mapping,
    mut outcomes: Vec<(String, Settlement)>,
) {
    if outcomes.is_empty() {
        return;
    }
    let arn = &mapping.queue_arn;
    let right = RequiredPermission::new(format!("sqs:{DELETE}"), arn);
    let function = functions.invocable(&mapping.function_name);
    let may = |function: &Function| {
        let role = function.role();
        functions.identities.role_may(role, &right)
    };
    if !function.as_ref().is_some_and(may) {
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

/// Messages on their way through the function.
#[derive(Debug)]
pub(in crate::lambda) struct Batch {
    functions: Arc<Functions>,
    mapping: Mapping,
    messages: Vec<Leased>,
    leased_at: LabMs,
    /// Whether they have still to be settled.
    open: bool,
    closing: watch::Receiver<bool>,
}

impl Drop for Batch {
    /// A batch that ended badly gives its messages back when their visibility timeout has passed;
    /// what it did with them is not known.
    fn drop(&mut self) {
        if !self.open || self.messages.is_empty() {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            // The cloud has ended, and leases with it.
            return;
        };
        let (functions, mapping) = (Arc::clone(&self.functions), self.mapping.clone());
        let outcomes = self.all(Settlement::Fail);
        runtime.spawn(async move { settle(&functions, &mapping, outcomes).await });
    }
}

impl Batch {
    /// A batch of leased messages.
    pub(in crate::lambda) fn new(
        functions: Arc<Functions>,
        mapping: Mapping,
        messages: Vec<Leased>,
        leased_at: LabMs,
    ) -> Self {
        Self {
            closing: functions.closing.subscribe(),
            functions,
            mapping,
            messages,
            leased_at,
            open: true,
        }
    }

    /// Invokes the function and settles the messages. Answers whether the mapping may go on at
    /// full speed.
    pub(in crate::lambda) async fn run(mut self) -> bool {
        let region = &self.functions.region;
        let (event, count) = event::build(&self.messages, &self.mapping.queue_arn, region);
        let rest = self.messages.split_off(count);
        let released = rest
            .into_iter()
            .map(|left| (left.message_id, Settlement::Release));
        settle(&self.functions, &self.mapping, released.collect()).await;
        let (outcomes, well) = self.deliver(event).await;
        settle(&self.functions, &self.mapping, outcomes).await;
        self.open = false;
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
            if functions.polling_mapping(&self.mapping.uuid).is_none() {
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
        let facts = self.functions.queues.info(&self.mapping.queue_arn);
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
