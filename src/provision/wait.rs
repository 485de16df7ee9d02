//! Bounded waiting for what a remote service has not finished yet, always with a named reason.

use std::borrow::Cow;
use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Problem;
use crate::aws::{AwsFailure, Class};
use crate::ui::{Events, TaskState};

/// The shortest pause between two looks, and the longest.
const SHORTEST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);
/// A pause is this part of what has been waited, so that a wait is at most so much longer than
/// it need be.
const PART: u32 = 10;

/// What is waited for, and for how long at the most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    reason: Cow<'static, str>,
    at_most: Duration,
}

impl Wait {
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
    pub async fn until<F>(&self, wait: &Wait, mut look: impl FnMut() -> F) -> Result<(), Problem>
    where
        F: Future<Output = Result<bool, Problem>>,
    {
        let mut pauses = Pauses::default();
        loop {
            self.go_on()?;
            let looked = look().await;
            match &looked {
                Ok(true) => return Ok(()),
                Err(problem) if passing(problem).is_none() => return looked.map(drop),
                Ok(false) | Err(_) => {}
            }
            if !pauses.next(self, wait).await? {
                // Where looking failed to the end, it is not known whether it is so.
                looked?;
                let seconds = wait.at_most.as_secs();
                return Err(Problem::Waited(format!(
                    "{} after {seconds} s",
                    wait.reason
                )));
            }
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
fn passing(problem: &Problem) -> Option<Wait> {
    let Problem::Call(failure) = problem else {
        return None;
    };
    let service = failure.operation.split(':').next().unwrap_or_default();
    let code = failure.code.as_deref().unwrap_or_default();
    match failure.class {
        Class::Propagating => Some(arriving(failure)),
        Class::Throttled => Some(Wait::said(
            format!("{service} asks for fewer calls ({code})"),
            120,
        )),
        Class::Unreachable if failure.code.is_some() => Some(Wait::said(
            format!(
                "{service} has trouble of its own ({code}: {})",
                failure.message
            ),
            60,
        )),
        _ => None,
    }
}

/// What is waited for when something has not arrived everywhere yet. The bounds leave room above
/// what is known of AWS: a role is assumable after 5 to 15 s, a queue's name is free after 60 s,
/// Lambda's own waiters give a function 300 s.
fn arriving(failure: &AwsFailure) -> Wait {
    let code = failure.code.as_deref().unwrap_or_default();
    let mut by_text = BY_TEXT
        .iter()
        .filter(|(text, _)| failure.message.contains(text));
    let mut by_code = BY_CODE.iter().filter(|(text, _)| code.contains(text));
    let found = by_text.next().or_else(|| by_code.next());
    found.map_or_else(
        || Wait::said(failure.message.trim_end_matches('.').to_owned(), 60),
        |(_, wait)| wait.clone(),
    )
}

/// By what AWS says.
static BY_TEXT: [(&str, Wait); 5] = [
    (
        "cannot be assumed by Lambda",
        Wait::new("IAM has not made the role assumable yet", 60),
    ),
    (
        "does not have permissions",
        Wait::new("IAM has not made the role's rights count yet", 60),
    ),
    (
        "The provided execution role",
        Wait::new("IAM has not made the role's rights count yet", 60),
    ),
    (
        "An update is in progress",
        Wait::new("Lambda is still changing the function", 300),
    ),
    (
        "state: Pending",
        Wait::new("Lambda is still making the function", 300),
    ),
];

/// By the code with which AWS says it.
static BY_CODE: [(&str, Wait); 5] = [
    (
        "QueueDeletedRecently",
        Wait::new("SQS keeps the name of a deleted queue for 60 s", 75),
    ),
    (
        "ConcurrentModification",
        Wait::new("IAM is busy with another change of the role", 60),
    ),
    (
        "OperationAborted",
        Wait::new("CloudWatch Logs is busy with the log group", 60),
    ),
    ("ResourceInUse", Wait::new("AWS is still changing it", 300)),
    (
        "ResourceConflict",
        Wait::new("AWS is still changing it", 300),
    ),
];

#[derive(Default)]
struct Pauses {
    began: Option<Instant>,
    said: Option<Wait>,
}

impl Pauses {
    /// Pauses; `false` when the time is up.
    async fn next(&mut self, patience: &Patience, wait: &Wait) -> Result<bool, Problem> {
        let waited = self.began.get_or_insert_with(Instant::now).elapsed();
        let Some(pause) = pause(waited, wait.at_most) else {
            return Ok(false);
        };
        if self.said.as_ref() != Some(wait) {
            let state = TaskState::Waiting {
                reason: wait.reason.clone().into_owned(),
                at_most: wait.at_most,
            };
            patience.events.task(patience.task.clone(), state);
            self.said = Some(wait.clone());
        }
        tokio::select! {
            () = patience.cancel.cancelled() => Err(Problem::Interrupted),
            () = tokio::time::sleep(pause) => Ok(true),
        }
    }
}

/// How long to pause after having waited so long; `None` when the time is up.
fn pause(waited: Duration, at_most: Duration) -> Option<Duration> {
    (waited < at_most).then(|| (waited / PART).clamp(SHORTEST, LONGEST))
}

#[cfg(test)]
mod tests;
