//! Asynchronous invocations: kept durably by the registry, run by one task when their time has
//! come, tried again as the registry says. Those that ran when the cloud ended run again.

use std::sync::Arc;

use bytes::Bytes;
use tokio::task::JoinSet;

use super::Functions;
use crate::clock::LabMs;
use crate::error::AwsError;
use crate::lambda::engine::{AsyncInvocation, AsyncOutcome};

/// How many run at a time, so that those who wait for an answer find room.
const SIMULTANEOUS: usize = 16;

impl Functions {
    /// Keeps an invocation until the function could be run, and answers its request id.
    ///
    /// # Errors
    /// `ResourceNotFoundException` and the like, and `InternalFailure` when it could not be made
    /// durable.
    pub async fn invoke_later(&self, function: &str, payload: &[u8]) -> Result<String, AwsError> {
        self.change(|registry, now, ids| registry.enqueue_async(function, payload, now, ids))
            .await
    }

    async fn attempt(self: Arc<Self>, invocation: AsyncInvocation) {
        let sequence = invocation.sequence;
        let payload = Bytes::from(invocation.payload);
        let attempt = self.invoke_as(&invocation.function, payload, invocation.request_id);
        let outcome = match attempt.await {
            Ok(outcome) if outcome.failed => AsyncOutcome::Failed,
            Ok(_) => AsyncOutcome::Done,
            // Whatever else stood in the way may pass, like a throttle.
            Err(_) => AsyncOutcome::Throttled,
        };
        let finished = self
            .change(|registry, now, _| registry.finish_async(sequence, outcome, now))
            .await;
        if let Err(problem) = finished {
            tracing::warn!(%problem, "the end of an asynchronous invocation could not be stored");
        }
    }
}

/// Runs asynchronous invocations, and settles transitions when their time has come, until the
/// cloud stops. What runs then is ended and, since
/// nothing was stored, runs again after the next start.
pub(in crate::lambda) async fn dispatch(functions: Arc<Functions>) {
    let mut changed = functions.changed.subscribe();
    let mut closing = functions.closing.subscribe();
    let mut attempts = JoinSet::new();
    let mut settled = LabMs(0);
    while !*closing.borrow() {
        changed.mark_unchanged();
        let now = functions.clock.now().lab;
        let transition = functions.read(|registry| registry.next_transition(settled));
        if transition.is_some_and(|due| due <= now) {
            settled = now;
            functions.reconcile();
            continue;
        }
        while attempts.len() < SIMULTANEOUS {
            let now = functions.clock.now();
            let Some(next) = functions.lock().registry.next_async(now) else {
                break;
            };
            attempts.spawn(Arc::clone(&functions).attempt(next));
        }
        let due = functions.read(|registry| registry.next_async_due());
        let due = due.filter(|_| attempts.len() < SIMULTANEOUS);
        let due = due.into_iter().chain(transition).min();
        let wait = async {
            match due {
                Some(due) => functions.clock.sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = wait => {}
            Some(_) = attempts.join_next() => {}
            _ = changed.changed() => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
    }
}
