//! Bounded waiting for what a remote service has not finished yet, always with a named reason.

use std::future::Future;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Problem;
use crate::aws::Class;
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
    pub async fn call<T, E, F>(&self, mut call: impl FnMut() -> F) -> Result<T, Problem>
    where
        E: Into<Problem>,
        F: Future<Output = Result<T, E>>,
    {
        let mut pauses = Pauses::default();
        loop {
            let problem = match call().await {
                Ok(value) => return Ok(value),
                Err(problem) => problem.into(),
            };
            match passing(&problem) {
                Some(reason) if pauses.next(self, reason).await? => {}
                _ => return Err(problem),
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
            match look().await {
                Ok(true) => return Ok(()),
                Err(problem) if passing(&problem).is_none() => return Err(problem),
                Ok(false) | Err(_) => {}
            }
            if !pauses.next(self, reason).await? {
                return Err(Problem::Waited(reason.to_owned()));
            }
        }
    }
}

/// Why a problem will pass, where it will. A service that answers with an error of its own may
/// do better in a moment; one that does not answer at all is told at once.
fn passing(problem: &Problem) -> Option<&str> {
    let Problem::Call(failure) = problem else {
        return None;
    };
    let passes = match failure.class {
        Class::Propagating | Class::Throttled => true,
        Class::Unreachable => failure.code.is_some(),
        _ => false,
    };
    passes.then_some(&*failure.message)
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
