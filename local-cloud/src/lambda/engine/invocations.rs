//! Asynchronous invocations: they wait, durably, until the function could be run, and are tried
//! again when it failed. Waits are counted in lab time.
//!
//! Source: Lambda's developer guide, "Error handling for asynchronous invocation": two retries,
//! after one and two more minutes; throttled ones come back after 1 second to 5 minutes; all
//! are given up when they are 6 hours old.

use super::invocation::{AsyncInvocation, AsyncOutcome};
use super::registry::{Changes, Outcome, Registry};
use crate::clock::{LabMs, Now};
use crate::ids::Ids;
use crate::storage::Change;

const RETRIES: u32 = 2;
const RETRY_SECONDS: u64 = 60;
const THROTTLE_SECONDS_MOST: u64 = 300;
const AGE_MOST_SECONDS: u64 = 6 * 3600;

impl Registry {
    /// Keeps an invocation for later; answers its request id.
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
            expires: now.lab.plus_seconds(AGE_MOST_SECONDS),
        };
        let request_id = invocation.request_id.clone();
        let changes = Changes::from(invocation.put());
        self.invocations.insert(sequence, invocation);
        Ok((request_id, changes))
    }

    /// The oldest invocation whose time has come; it counts as running until
    /// [`Registry::finish_async`], or until the cloud is started again.
    pub fn next_async(&mut self, now: Now) -> Option<AsyncInvocation> {
        let next = self
            .invocations
            .values()
            .find(|one| one.due <= now.lab && !self.running.contains(&one.sequence))?
            .clone();
        self.running.insert(next.sequence);
        Some(next)
    }

    /// When the next one's time comes, of those that do not run.
    pub fn next_async_due(&self) -> Option<LabMs> {
        let waiting = self.invocations.values();
        waiting
            .filter(|one| !self.running.contains(&one.sequence))
            .map(|one| one.due)
            .min()
    }

    /// Ends an attempt; answers whether the invocation will be tried again.
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
                Some(THROTTLE_SECONDS_MOST.min(wait))
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

    /// Removes what waits for a function that is going.
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
