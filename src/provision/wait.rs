//! Bounded waiting for what a remote service has not finished yet, always with a named reason.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Problem;
use crate::aws::{AwsFailure, Class};
use crate::ui::{Events, TaskState};

/// The first pause between two looks, and the longest.
const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(3);
/// How long anything is waited for: the longest known transition (a deleted queue's name, a
/// role's propagation) takes about one minute.
const AT_MOST: Duration = Duration::from_secs(180);

/// How a resource waits: whom it tells, and who may interrupt.
#[derive(Debug, Clone)]
pub struct Patience {
    task: String,
    events: Events,
    cancel: CancellationToken,
}

impl Patience {
    /// Patience on behalf of the task of this name.
    pub fn new(task: String, events: Events, cancel: CancellationToken) -> Self {
        Self {
            task,
            events,
            cancel,
        }
    }

    /// Repeats a call while its failure is one that passes.
    ///
    /// # Errors
    /// The call's failure, where it does not pass in time; or the user interrupted.
    pub async fn call<T, F>(&self, mut call: impl FnMut() -> F) -> Result<T, Problem>
    where
        F: Future<Output = Result<T, AwsFailure>>,
    {
        let mut pauses = Pauses::default();
        loop {
            let failure = match call().await {
                Ok(value) => return Ok(value),
                Err(failure) => failure,
            };
            let passing = matches!(failure.class, Class::Propagating | Class::Throttled);
            if !passing || !pauses.next(self, &failure.message).await? {
                return Err(failure.into());
            }
        }
    }

    /// Looks until `look` says that it is so.
    ///
    /// # Errors
    /// It was not so in time, looking failed, or the user interrupted.
    pub async fn until<F>(&self, reason: &str, mut look: impl FnMut() -> F) -> Result<(), Problem>
    where
        F: Future<Output = Result<bool, Problem>>,
    {
        let mut pauses = Pauses::default();
        loop {
            if look().await? {
                return Ok(());
            }
            if !pauses.next(self, reason).await? {
                return Err(Problem::Waited(reason.to_owned()));
            }
        }
    }
}

#[derive(Default)]
struct Pauses {
    waited: Duration,
    last: Option<Duration>,
}

impl Pauses {
    /// Pauses; `false` when the time is up.
    async fn next(&mut self, patience: &Patience, reason: &str) -> Result<bool, Problem> {
        if self.waited >= AT_MOST {
            return Ok(false);
        }
        if self.last.is_none() {
            let state = TaskState::Waiting {
                reason: reason.to_owned(),
                at_most: AT_MOST,
            };
            patience.events.task(patience.task.clone(), state);
        }
        let pause = self.last.map_or(FIRST, |last| (last * 2).min(LONGEST));
        self.last = Some(pause);
        self.waited += pause;
        tokio::select! {
            () = patience.cancel.cancelled() => Err(Problem::Interrupted),
            () = tokio::time::sleep(pause) => Ok(true),
        }
    }
}
