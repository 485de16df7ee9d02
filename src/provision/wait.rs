//! Bounded waiting for what a remote service has not finished yet, always with a named reason.

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

/// What is waited for, and for how long at the most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitReason {
    reason: Cow<'static, str>,
    at_most: Duration,
}

impl WaitReason {
    /// A wait for this reason, a clause without its full stop, bounded in seconds.
    pub const fn new(reason: &'static str, at_most_seconds: u64) -> Self {
        Self {
            reason: Cow::Borrowed(reason),
            at_most: Duration::from_secs(at_most_seconds),
        }
    }

    fn said(reason: String, at_most_seconds: u64) -> Self {
        Self {
            reason: Cow::Owned(reason),
            at_most: Duration::from_secs(at_most_seconds),
        }
    }
}

/// How often something must be seen before it is believed: a service spread over many machines
/// may say that it is so, then not, then so again.
#[derive(Debug, Clone, Copy)]
pub struct Confirmations {
    /// How many times in a row.
    pub times: u32,
    /// The pause in between.
    pub apart: Duration,
}

impl Confirmations {
    /// One look, for what is so once it is seen.
    pub const ONE: Self = Self {
        times: 1,
        apart: Duration::ZERO,
    };
}

/// How a resource waits: whom it tells, and who may interrupt.
#[derive(Debug, Clone)]
pub struct Waiter {
    task: String,
    events: Events,
    cancel: CancellationToken,
}

impl Waiter {
    /// Waiter on behalf of the task of this name.
    pub fn new(task: String, events: Events, cancel: CancellationToken) -> Self {
        Self {
            task,
            events,
            cancel,
        }
    }

    /// Repeats a call while its failure is one that passes. Begins none after the user has
    /// interrupted; one that is under way is finished.
    ///
    /// # Errors
    /// The call's failure, where it does not pass in time; or the user interrupted.
    pub async fn call<T, E, F>(&self, mut call: impl FnMut() -> F) -> Result<T, Problem>
    where
        E: Into<Problem>,
        F: Future<Output = Result<T, E>>,
    {
        self.repeat(&passing, &mut call).await
    }

    /// The same for a call on something that was made a moment ago, which the service may not
    /// find yet: for that it waits as `delay` says.
    ///
    /// # Errors
    /// See [`Waiter::call`].
    pub async fn call_on_new<T, E, F>(
        &self,
        delay: &WaitReason,
        mut call: impl FnMut() -> F,
    ) -> Result<T, Problem>
    where
        E: Into<Problem>,
        F: Future<Output = Result<T, E>>,
    {
        let passing = |problem: &Problem| {
            let unknown = problem.is(Class::NotFound).then(|| delay.clone());
            unknown.or_else(|| passing(problem))
        };
        self.repeat(&passing, &mut call).await
    }

    async fn repeat<T, E, F>(
        &self,
        passing: &(dyn Fn(&Problem) -> Option<WaitReason> + Send + Sync),
        call: &mut impl FnMut() -> F,
    ) -> Result<T, Problem>
    where
        E: Into<Problem>,
        F: Future<Output = Result<T, E>>,
    {
        let mut pauses = Pauses::default();
        loop {
            self.go_on()?;
            let problem = match call().await {
                Ok(value) => return Ok(value),
                Err(problem) => problem.into(),
            };
            match passing(&problem) {
                Some(wait) if pauses.next(self, &wait).await? => {}
                _ => return Err(problem),
            }
        }
    }

    /// Looks until `look` says that it is so.
    ///
    /// # Errors
    /// It was not so in time, looking failed, or the user interrupted.
    pub async fn until<F>(&self, wait: &WaitReason, look: impl FnMut() -> F) -> Result<(), Problem>
    where
        F: Future<Output = Result<bool, Problem>>,
    {
        self.until_steady(wait, Confirmations::ONE, look).await
    }

    /// Looks until `look` has said so often in a row that it is so.
    ///
    /// # Errors
    /// It was not so in time, looking failed, or the user interrupted.
    pub async fn until_steady<F>(
        &self,
        wait: &WaitReason,
        confirmations: Confirmations,
        mut look: impl FnMut() -> F,
    ) -> Result<(), Problem>
    where
        F: Future<Output = Result<bool, Problem>>,
    {
        let mut pauses = Pauses::default();
        let mut seen = 0;
        loop {
            self.go_on()?;
            match look().await {
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
                // It is not known whether it is so, and looking has a bound of its own.
                Err(problem) => {
                    seen = 0;
                    match passing(&problem) {
                        Some(trouble) if pauses.next(self, &trouble).await? => {}
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

    fn go_on(&self) -> Result<(), Problem> {
        if self.cancel.is_cancelled() {
            return Err(Problem::Interrupted);
        }
        Ok(())
    }
}

/// What a problem waits for, where it will pass. A service that answers with an error of its own
/// may do better in a moment; one that does not answer at all is told at once.
fn passing(problem: &Problem) -> Option<WaitReason> {
    let Problem::Call(failure) = problem else {
        return None;
    };
    let service = failure.operation.split(':').next().unwrap_or_default();
    let code = failure.code.as_deref().unwrap_or_default();
    match failure.class {
        Class::Propagating(delay) => Some(WaitReason::new(delay.reason, delay.at_most)),
        Class::Throttled => Some(WaitReason::said(
            format!("{service} asks for fewer calls ({code})"),
            120,
        )),
        Class::Unreachable if failure.code.is_some() => Some(WaitReason::said(
            format!(
                "{service} reports an error of its own ({code}: {})",
                failure.message
            ),
            60,
        )),
        _ => None,
    }
}

/// The waits of one piece of work, each with the time at which it began: every reason has its own
/// bound, so that the whole is bounded too.
#[derive(Default)]
struct Pauses {
    began: Vec<(WaitReason, Instant)>,
    told: Option<WaitReason>,
}

impl Pauses {
    /// Pauses; `false` when the time is up.
    async fn next(&mut self, waiter: &Waiter, wait: &WaitReason) -> Result<bool, Problem> {
        let Some(pause) = pause(self.waited(wait), wait.at_most) else {
            return Ok(false);
        };
        if self.told.as_ref() != Some(wait) {
            let state = TaskState::Waiting {
                reason: wait.reason.clone().into_owned(),
                at_most: wait.at_most,
            };
            waiter.events.task(waiter.task.clone(), state);
            self.told = Some(wait.clone());
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

/// How long to pause after having waited so long; `None` when the time is up.
fn pause(waited: Duration, at_most: Duration) -> Option<Duration> {
    (waited < at_most).then(|| BACKOFF.pause(waited))
}

#[cfg(test)]
mod tests;
