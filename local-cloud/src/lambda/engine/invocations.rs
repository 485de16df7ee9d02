//! Asynchronous invocations: they are durable until the function has run, and retried when it
//! failed. Waits are in lab time.
//!
//! Source: Lambda's developer guide, "Error handling for asynchronous invocation": two retries,
//! after one and two more minutes; throttled invocations are retried after 1 second to 5 minutes;
//! all expire after 6 hours.

use super::invocation::{AsyncInvocation, AsyncOutcome};
use super::registry::{Changes, Outcome, Registry};
use crate::clock::{LabMs, Now};
use crate::ids::Ids;
use crate::storage::Change;

const RETRIES: u32 = 2;
const RETRY_SECONDS: u64 = 60;
const MAX_THROTTLE_SECONDS: u64 = 300;
const MAX_AGE_SECONDS: u64 = 6 * 3600;

impl Registry {
    /// Keeps an invocation for later and returns its request id.
    ///
    /// # Errors
    /// Those of [`Registry::invocable`].
    pub fn enqueue_async(
        &mut self,
        function: &str,
        payload: &[u8],
        now: Now,
        ids: &mut dyn Ids,
    ) -> Outcome<String> {
        let function = self.invocable(function)?.name.clone();
        let sequence = self.next_sequence;
        self.next_sequence = sequence.saturating_add(1);
        let invocation = AsyncInvocation {
            sequence,
            request_id: ids.uuid(),
            function,
            payload: payload.to_vec(),
            failures: 0,
            throttles: 0,
            due: now.lab,
            expires: now.lab.plus_seconds(MAX_AGE_SECONDS),
        };
        let request_id = invocation.request_id.clone();
        let changes = Changes::from(invocation.put());
        self.invocations.insert(sequence, invocation);
        Ok((request_id, changes))
    }

    /// The oldest invocation that is due. It counts as running until [`Registry::finish_async`], or
    /// until the cloud is restarted.
    pub fn next_async(&mut self, now: Now) -> Option<AsyncInvocation> {
        let next = self
            .invocations
            .values()
            .find(|one| one.due <= now.lab && !self.running.contains(&one.sequence))?
            .clone();
        self.running.insert(next.sequence);
        Some(next)
    }

    /// When the next invocation is due, of those that do not run.
    pub fn next_async_due(&self) -> Option<LabMs> {
        let waiting = self.invocations.values();
        waiting
            .filter(|one| !self.running.contains(&one.sequence))
            .map(|one| one.due)
            .min()
    }

    /// Ends an attempt and returns whether the invocation will be retried.
    ///
    /// # Errors
    /// None.
    pub fn finish_async(
        &mut self,
        sequence: u64,
        outcome: AsyncOutcome,
        now: Now,
    ) -> Outcome<bool> {
        self.running.remove(&sequence);
        let Some(invocation) = self.invocations.get_mut(&sequence) else {
            return Ok((false, Changes::default()));
        };
        let wait = match outcome {
            AsyncOutcome::Done => None,
            AsyncOutcome::Failed => {
                invocation.failures += 1;
                let failures = invocation.failures;
                (failures <= RETRIES).then(|| RETRY_SECONDS * u64::from(failures))
            }
            AsyncOutcome::Throttled => {
                let wait = 1 << invocation.throttles.min(9);
                invocation.throttles = invocation.throttles.saturating_add(1);
                Some(MAX_THROTTLE_SECONDS.min(wait))
            }
        };
        let due = wait.map(|seconds| now.lab.plus_seconds(seconds));
        match due.filter(|due| *due < invocation.expires) {
            Some(due) => {
                invocation.due = due;
                Ok((true, Changes::from(invocation.put())))
            }
            None => {
                let change = invocation.delete();
                self.invocations.remove(&sequence);
                Ok((false, Changes::from(change)))
            }
        }
    }

    /// Removes the invocations that wait for a deleted function.
    pub(super) fn drop_invocations(&mut self, function: &str) -> Vec<Change> {
        let mut changes = Vec::new();
        self.invocations.retain(|_, one| {
            let keep = one.function != function;
            if !keep {
                changes.push(one.delete());
            }
            keep
        });
        changes
    }
}
