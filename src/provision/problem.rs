//! Why work on a resource failed.

use crate::aws::{AwsFailure, Class};
use crate::error::{CommandError, ErrorKind};

/// Why work on a resource failed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Problem {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] AwsFailure),
    /// The name is used by something without the lab's tag.
    #[error("one of this name exists without this lab's tag; it is left alone")]
    Foreign,
    /// The name is used by a resource of this other lab.
    #[error("one of this name exists that belongs to {0}; it is left alone")]
    Taken(String),
    /// A wait timed out.
    #[error("gave up waiting: {0}")]
    Waited(String),
    /// The user interrupted.
    #[error("interrupted")]
    Interrupted,
    /// AWS reports that a change failed, for this reason.
    #[error("AWS reports that the change failed: {0}")]
    Failed(String),
    /// These differences cannot be changed.
    #[error("this cannot be changed in place: {0}")]
    Unfit(String),
    /// These differences of something foreign cannot be changed.
    #[error("it cannot be adopted, because this cannot be changed in place: {0}; it is left alone")]
    NotAdoptable(String),
    /// There is no handler build, because the command only removes.
    #[error("the function's code was not loaded, so it cannot be uploaded")]
    NoCode,
    /// A response lacked a member that AWS documents.
    #[error("AWS's response to {0} is incomplete")]
    Answer(&'static str),
}

impl Problem {
    /// Whether a call failed with an error of this class.
    pub fn is(&self, class: Class) -> bool {
        matches!(self, Self::Call(failure) if failure.class == class)
    }
}

impl From<Problem> for CommandError {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Call(failure) => failure.into(),
            Problem::Interrupted => Self::interrupted("interrupted"),
            other => Self::new(ErrorKind::Incomplete, other.to_string()),
        }
    }
}
