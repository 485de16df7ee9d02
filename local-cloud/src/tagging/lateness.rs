//! How the tagging API hears of changes: by looking at all resources before and after a request
//! that may change them. In off chaos it does not look, and is always up to date.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Sources;
use crate::clock::LabMs;
use crate::error::AwsError;
use crate::runtime_context::RuntimeContext;
use crate::tagging::engine::{Index, Tagged};

/// The index, and what it is late by.
#[derive(Debug)]
pub(super) struct Lateness {
    context: RuntimeContext,
    index: Mutex<Index>,
}

/// All resources before a request that may change some.
#[derive(Debug)]
pub(crate) struct Before {
    resources: Vec<Tagged>,
    delay: u64,
}

impl Lateness {
    /// All is up to date.
    pub(super) fn new(context: RuntimeContext) -> Self {
        Self {
            context,
            index: Mutex::default(),
        }
    }

    /// To be called before a request is answered that may change what is listed; `action` is asked
    /// for only when that may come late.
    pub(super) async fn before(
        &self,
        sources: &Sources,
        action: impl FnOnce() -> String,
    ) -> Option<Before> {
        let faults = &self.context.faults;
        if faults.is_off() || !changes_resources(&action()) {
            return None;
        }
        let delay = faults.delay(|delays| delays.tags);
        let resources = sources.tagged().await.ok()?;
        (delay > 0).then_some(Before { resources, delay })
    }

    /// To be called when it is answered.
    pub(super) async fn after(&self, sources: &Sources, before: Before) {
        let Ok(after) = sources.tagged().await else {
            return;
        };
        let now = self.context.clock.now().lab;
        let until = LabMs(now.0 + before.delay);
        self.index().note(before.resources, after, until, now);
    }

    /// Every resource that has a tag, as a request is told it.
    pub(super) async fn tagged(&self, sources: &Sources) -> Result<Vec<Tagged>, AwsError> {
        let all = sources.tagged().await?;
        let (faults, now) = (&self.context.faults, self.context.clock.now().lab);
        Ok(self.index().told(all, now, || faults.is_behind()))
    }

    fn index(&self) -> MutexGuard<'_, Index> {
        self.index.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether an action, for example `sqs:CreateQueue`, makes, tags or deletes what is listed.
fn changes_resources(action: &str) -> bool {
    let (_, operation) = action.split_once(':').unwrap_or_default();
    let verbs = ["Create", "Delete", "Tag", "Untag"];
    let subjects = [
        "Queue",
        "Table",
        "Function",
        "EventSourceMapping",
        "LogGroup",
        "Resource",
    ];
    verbs.iter().any(|verb| operation.starts_with(verb))
        && subjects.iter().any(|subject| operation.ends_with(subject))
}

#[cfg(test)]
mod tests {
    use super::changes_resources;

    #[test]
    fn only_what_has_tags_is_looked_after() {
        for action in [
            "sqs:CreateQueue",
            "logs:UntagLogGroup",
            "lambda:TagResource",
        ] {
            assert!(changes_resources(action), "{action}");
        }
        for action in [
            "sqs:DeleteMessage",
            "dynamodb:DeleteItem",
            "iam:CreateRole",
            "",
        ] {
            assert!(!changes_resources(action), "{action}");
        }
    }
}
