//! Bounded waits for what a remote service has not finished yet, always with a reason.

use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Problem;
use crate::aws::Class;
use crate::backoff::Backoff;
use crate::ui::{Events, TaskState};

/// The pauses between two attempts.
const BACKOFF: Backoff = Backoff::tenth(Duration::from_millis(50), Duration::from_secs(2));

/// What is waited for, and the longest wait.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct WaitReason {
    reason: Cow<'static, str>,
    at_most: Duration,
}

impl WaitReason {
    /// A wait for this reason, a clause without its full stop, bounded in seconds.
    pub(crate) const fn new(reason: &'static str, at_most_seconds: u64) -> Self {
        Self {
            reason: Cow::Borrowed(reason),
            at_most: Duration::from_secs(at_most_seconds),
        }
    }

    fn owned(reason: String, at_most_seconds: u64) -> Self {
        Self {
            reason: Cow::Owned(reason),
            at_most: Duration::from_secs(at_most_seconds),
        }
    }
}

/// How often a condition must hold before the wait ends: the servers of a service learn of a change
/// one after another, so that their answers may alternate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Confirmations {
    /// How many times in a row.
    pub times: u32,
    /// The pause in between.
    pub apart: Duration,
}

impl Confirmations {
    /// Once, for a condition that stays true.
    pub(crate) const ONE: Self = Self {
        times: 1,
        apart: Duration::ZERO,
    };
}

/// Repeats calls and polls conditions for one task: reports waits as events, and stops when the user
/// interrupts.
#[derive(Debug, Clone)]
pub(crate) struct Waiter {
    task: String,
    events: Events,
    cancel: CancellationToken,
    /// Whether what is waited for will not happen, because nothing was changed.
    is_dry_run: bool,
}

impl Waiter {
    /// A waiter for the task of this name, for example `queue orders-queue`.
    pub(crate) fn new(task: String, events: Events, cancel: CancellationToken) -> Self {
        Self {
            task,
            events,
            cancel,
            is_dry_run: false,
        }
    }

    /// The same waiter for a dry run: no condition is waited for.
    pub(crate) fn for_dry_run(mut self, is_dry_run: bool) -> Self {
        self.is_dry_run = is_dry_run;
        self
    }

    /// Repeats a call while it fails with a transient error. After an interruption it makes no new
    /// call; one in progress is finished, so that its effect is known.
    ///
    /// # Errors
    /// The call's last error, or the user interrupted.
    pub(crate) async fn call<T, E, F>(&self, mut call: impl FnMut() -> F) -> Result<T, Problem>
    where
        E: Into<Problem>,
        F: Future<Output = Result<T, E>>,
    {
        self.repeat(&transient, &mut call).await
    }

    /// Like [`Waiter::call`] for a call on something just created, which the service may not find
    /// yet: a not-found error is waited for as `propagation` says.
    ///
    /// # Errors
    /// See [`Waiter::call`].
    pub(crate) async fn call_on_new<T, E, F>(
        &self,
        propagation: &WaitReason,
        mut call: impl FnMut() -> F,
    ) -> Result<T, Problem>
    where
        E: Into<Problem>,
        F: Future<Output = Result<T, E>>,
    {
        let transient = |problem: &Problem| {
            let not_found = problem.is(Class::NotFound).then(|| propagation.clone());
            not_found.or_else(|| transient(problem))
        };
        self.repeat(&transient, &mut call).await
    }

    async fn repeat<T, E, F>(
        &self,
        transient: &(dyn Fn(&Problem) -> Option<WaitReason> + Send + Sync),
        call: &mut impl FnMut() -> F,
    ) -> Result<T, Problem>
    where
        E: Into<Problem>,
        F: Future<Output = Result<T, E>>,
    {
        let mut pauses = Pauses::default();
        loop {
            self.check_cancelled()?;
            let problem = match call().await {
                Ok(value) => return Ok(value),
                Err(problem) => problem.into(),
            };
            match transient(&problem) {
                Some(wait) if pauses.next(self, &wait).await? => {}
                _ => return Err(problem),
            }
        }
    }

    /// Polls `condition` until it holds.
    ///
    /// # Errors
    /// It did not hold in time, checking it failed, or the user interrupted.
    pub(crate) async fn until<F>(
        &self,
        wait: &WaitReason,
        condition: impl FnMut() -> F,
    ) -> Result<(), Problem>
    where
        F: Future<Output = Result<bool, Problem>>,
    {
        self.until_confirmed(wait, Confirmations::ONE, condition)
            .await
    }

    /// Polls `condition` until it has held so many times in a row.
    ///
    /// # Errors
    /// It did not hold in time, checking it failed, or the user interrupted.
    pub(crate) async fn until_confirmed<F>(
        &self,
        wait: &WaitReason,
        confirmations: Confirmations,
        mut condition: impl FnMut() -> F,
    ) -> Result<(), Problem>
    where
        F: Future<Output = Result<bool, Problem>>,
    {
        if self.is_dry_run {
            return Ok(());
        }
        let mut pauses = Pauses::default();
        let mut seen = 0;
        loop {
            self.check_cancelled()?;
            match condition().await {
                Ok(true) if seen + 1 >= confirmations.times => return Ok(()),
                Ok(true) => {
                    seen += 1;
                    self.pause(confirmations.apart).await?;
                }
                Ok(false) => {
                    seen = 0;
                    if !pauses.next(self, wait).await? {
                        let seconds = wait.at_most.as_secs();
                        let reason = format!("{} after {seconds} s", wait.reason);
                        return Err(Problem::Waited(reason));
                    }
                }
                // Whether the condition holds is not known; a transient error has a separate bound.
                Err(problem) => {
                    seen = 0;
                    match transient(&problem) {
                        Some(reason) if pauses.next(self, &reason).await? => {}
                        _ => return Err(problem),
                    }
                }
            }
        }
    }

    async fn pause(&self, pause: Duration) -> Result<(), Problem> {
        tokio::select! {
            () = self.cancel.cancelled() => Err(Problem::Interrupted),
            () = tokio::time::sleep(pause) => Ok(()),
        }
    }

    fn check_cancelled(&self) -> Result<(), Problem> {
        if self.cancel.is_cancelled() {
            return Err(Problem::Interrupted);
        }
        Ok(())
    }
}

/// The wait for a problem that may pass; `None` for others. A service that returns an internal error
/// may recover; for one that does not respond at all the SDK has already retried.
fn transient(problem: &Problem) -> Option<WaitReason> {
    let Problem::Call(failure) = problem else {
        return None;
    };
    let service = failure.operation.split(':').next().unwrap_or_default();
    let code = failure.code.as_deref().unwrap_or_default();
    match failure.class {
        Class::Propagating(delay) => Some(WaitReason::new(delay.reason, delay.at_most)),
        Class::Throttled => Some(WaitReason::owned(
            format!("{service} is throttling ({code})"),
            120,
        )),
        Class::Unreachable if failure.code.is_some() => Some(WaitReason::owned(
            format!(
                "{service} returned an internal error ({code}: {})",
                failure.message
            ),
            60,
        )),
        _ => None,
    }
}

/// The waits of one call or condition, each with its start. Every reason has its own bound, which is
/// not extended when the reason recurs, so the whole is bounded too.
#[derive(Default)]
struct Pauses {
    began: Vec<(WaitReason, Instant)>,
    reported: Option<WaitReason>,
}

impl Pauses {
    /// Pauses; `false` when the time is up.
    async fn next(&mut self, waiter: &Waiter, wait: &WaitReason) -> Result<bool, Problem> {
        let Some(pause) = pause(self.waited(wait), wait.at_most) else {
            return Ok(false);
        };
        if self.reported.as_ref() != Some(wait) {
            let state = TaskState::Waiting {
                reason: wait.reason.clone().into_owned(),
                at_most: wait.at_most,
            };
            waiter.events.task(waiter.task.clone(), state);
            self.reported = Some(wait.clone());
        }
        waiter.pause(pause).await.map(|()| true)
    }

    fn waited(&mut self, wait: &WaitReason) -> Duration {
        if let Some((_, began)) = self.began.iter().find(|(known, _)| known == wait) {
            return began.elapsed();
        }
        self.began.push((wait.clone(), Instant::now()));
        Duration::ZERO
    }
}

/// How long to pause after having waited for `waited`; `None` when the time is up.
fn pause(waited: Duration, at_most: Duration) -> Option<Duration> {
    (waited < at_most).then(|| BACKOFF.pause(waited))
}

#[cfg(test)]
mod tests;
