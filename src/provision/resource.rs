//! What the runner knows of a resource.

use futures_util::future::BoxFuture;

use super::wait::Patience;
use crate::aws::{AwsFailure, Class};

/// What was found under a resource's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// Nothing.
    Absent,
    /// Ours, and as it should be.
    InSync,
    /// Ours, but these of its settings differ.
    Drifted(Vec<String>),
    /// Something that does not carry this lab's tag.
    Foreign,
}

/// How work on a resource ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was not there and is now.
    Created,
    /// It differed and was mended.
    Updated,
    /// It was as it should be.
    Unchanged,
    /// It was there and is gone.
    Deleted,
    /// It was not there.
    Absent,
}

impl Outcome {
    /// The word for people and documents.
    pub fn name(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Deleted => "deleted",
            Self::Absent => "absent",
        }
    }
}

/// Why work on a resource failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Problem {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] AwsFailure),
    /// The name is taken by something that is not this lab's.
    #[error("there is one of this name without this lab's tag; it is left alone")]
    Foreign,
    /// What was waited for did not come about in time.
    #[error("gave up waiting: {0}")]
    Waited(String),
    /// The user interrupted.
    #[error("interrupted")]
    Interrupted,
    /// AWS says that the change failed, with this reason.
    #[error("AWS could not bring it about: {0}")]
    Failed(String),
    /// The table's key cannot be changed.
    #[error(
        "its key is not the number `id`, and DynamoDB cannot change a table's key; remove it first with `orders-lab down`"
    )]
    Key,
    /// There is no handler build at hand, because only removal was asked for.
    #[error("the function's code was not loaded, so it cannot be uploaded")]
    NoCode,
    /// An answer lacked what AWS documents.
    #[error("the answer to {0} lacks what it should have")]
    Answer(&'static str),
}

impl Problem {
    /// Whether a call failed for a reason of this class.
    pub fn is(&self, class: Class) -> bool {
        matches!(self, Self::Call(failure) if failure.class == class)
    }
}

/// One thing in a lab. Both kinds of work may be repeated at will.
pub trait Resource: Send + Sync {
    /// The kind, for example `log_group`.
    fn kind(&self) -> &'static str;
    /// The name, unique within the kind.
    fn name(&self) -> String;
    /// What must be there first, by its `id`.
    fn dependencies(&self) -> Vec<String> {
        Vec::new()
    }
    /// Looks what is there.
    fn inspect(&self) -> BoxFuture<'_, Result<Observed, Problem>>;
    /// Makes it, or mends what `observed` says; waits until it is of use.
    fn ensure<'a>(
        &'a self,
        observed: &'a Observed,
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>>;
    /// Removes it and waits until it is gone.
    fn delete<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>>;

    /// Kind and name, for people and for what depends on it.
    fn id(&self) -> String {
        id(self.kind(), &self.name())
    }
}

/// Kind and name, the kind in words.
pub(super) fn id(kind: &str, name: &str) -> String {
    format!("{} {name}", kind.replace('_', " "))
}
