//! What the runner knows of a resource.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;

use super::wait::Waiter;
use crate::aws::{AwsFailure, Class};
use crate::error::{CommandError, ErrorKind};

/// What a difference's setting begins with when it is a tag; the tag's key follows.
pub(super) const TAG: &str = "tag ";

/// A setting that is not as it should be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// What it is called, in AWS's words or the lab's.
    pub setting: String,
    /// How it is.
    pub found: String,
    /// How it should be.
    pub wanted: String,
}

impl Difference {
    /// A setting that is `found` and should be `wanted`.
    pub fn new(
        setting: impl Into<String>,
        found: impl Into<String>,
        wanted: impl Into<String>,
    ) -> Self {
        Self {
            setting: setting.into(),
            found: found.into(),
            wanted: wanted.into(),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            setting,
            found,
            wanted,
        } = self;
        let said = |value: &str| if value.is_empty() { "none" } else { value }.to_owned();
        write!(formatter, "{setting} {} → {}", said(found), said(wanted))
    }
}

/// What was found under a resource's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Observed {
    /// Nothing.
    Absent,
    /// Ours, and as it should be.
    InSync,
    /// Ours, but these of its settings differ.
    Drifted(Vec<Difference>),
    /// Ours, but it can be put right only by removing it and making it again, which loses nothing.
    Broken(Vec<Difference>),
    /// Ours, but what differs cannot be changed, and removing it would lose orders.
    Unfit(Vec<Difference>),
    /// Something that does not carry this lab's tag; how it would stand if it did.
    Foreign(Box<Self>),
    /// Something that carries this lab's tag and belongs to another one; to which.
    Taken(String),
}

impl Observed {
    /// Ours, with these differences, if any.
    pub fn ours(differences: Vec<Difference>) -> Self {
        if differences.is_empty() {
            Self::InSync
        } else {
            Self::Drifted(differences)
        }
    }

    /// What differs; of something foreign, from what it should be were it ours.
    pub fn differences(&self) -> &[Difference] {
        match self {
            Self::Drifted(differences) | Self::Broken(differences) | Self::Unfit(differences) => {
                differences
            }
            Self::Foreign(adopted) => adopted.differences(),
            Self::Absent | Self::InSync | Self::Taken(_) => &[],
        }
    }

    /// Why this is never changed or removed; `None` where it is ours, or nothing.
    pub fn ownership_problem(&self) -> Option<Problem> {
        match self {
            Self::Foreign(_) => Some(Problem::Foreign),
            Self::Taken(whose) => Some(Problem::Taken(whose.clone())),
            _ => None,
        }
    }

    /// Why `up` leaves this alone; `None` where it can make it what it should be.
    pub fn refusal(&self, adopt: bool) -> Option<Problem> {
        match self {
            Self::Unfit(differences) => Some(Problem::Unfit(said(differences))),
            // What would have to be removed and made anew may hold what somebody needs.
            Self::Foreign(adopted) if adopt => match adopted.as_ref() {
                Self::InSync | Self::Drifted(_) => None,
                unfit => Some(Problem::NotAdoptable(said(unfit.differences()))),
            },
            _ => self.ownership_problem(),
        }
    }

    /// The word for documents.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::InSync => "in_sync",
            Self::Drifted(_) => "drifted",
            Self::Broken(_) => "broken",
            Self::Unfit(_) => "unfit",
            Self::Foreign(_) => "foreign",
            Self::Taken(_) => "taken",
        }
    }
}

/// How work on a resource ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It was not there and is now.
    Created,
    /// It differed and was mended.
    Updated,
    /// It was of no use, was removed and made again.
    Replaced,
    /// It was not ours and is now.
    Adopted,
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
            Self::Replaced => "replaced",
            Self::Adopted => "adopted",
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
    /// The name is taken by something of another lab's.
    #[error("there is one of this name that belongs to {0}; it is left alone")]
    Taken(String),
    /// What was waited for did not come about in time.
    #[error("gave up waiting: {0}")]
    Waited(String),
    /// The user interrupted.
    #[error("interrupted")]
    Interrupted,
    /// AWS says that the change failed, with this reason.
    #[error("AWS reports that the change failed: {0}")]
    Failed(String),
    /// What differs cannot be changed.
    #[error("this cannot be changed in place: {0}")]
    Unfit(String),
    /// What differs about something foreign cannot be changed.
    #[error("it cannot be adopted, because this cannot be changed in place: {0}; it is left alone")]
    NotAdoptable(String),
    /// There is no handler build at hand, because only removal was asked for.
    #[error("the function's code was not loaded, so it cannot be uploaded")]
    NoCode,
    /// An answer lacked what AWS documents.
    #[error("AWS's answer to {0} is incomplete")]
    Answer(&'static str),
}

impl Problem {
    /// Whether a call failed for a reason of this class.
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

/// What a resource is and how it is related to others.
pub trait Described: Send + Sync {
    /// The kind, for example `log_group`.
    fn kind(&self) -> &'static str;
    /// The name, unique within the kind.
    fn name(&self) -> String;
    /// What must be there first, by its `id`.
    fn dependencies(&self) -> Vec<String> {
        Vec::new()
    }
    /// What it uses once it runs, by its `id`: not needed to make it, but not removed before it.
    fn uses(&self) -> Vec<String> {
        Vec::new()
    }
    /// Whether it is removed when all else is gone, because something else might bring it back.
    fn is_removed_last(&self) -> bool {
        false
    }
    /// The tags that make it this lab's.
    fn tags(&self) -> HashMap<String, String>;

    /// Kind and name, for people and for what depends on it.
    fn id(&self) -> String {
        id(self.kind(), &self.name())
    }
}

/// What comes of work on a resource.
type Done<T> = Result<T, Problem>;

/// One thing in a lab. All work on it may be repeated at will.
pub trait Resource: Described {
    /// Looks what is there.
    fn inspect(&self) -> impl Future<Output = Done<Observed>> + Send;
    /// Makes it and waits until it is of use.
    fn create(&self, waiter: &Waiter) -> impl Future<Output = Done<()>> + Send;
    /// Puts right what differs, tags excepted, and waits until it is of use again.
    fn update(
        &self,
        differences: &[Difference],
        waiter: &Waiter,
    ) -> impl Future<Output = Done<()>> + Send;
    /// Puts these tags on it, beside those that it has.
    fn tag(
        &self,
        tags: HashMap<String, String>,
        waiter: &Waiter,
    ) -> impl Future<Output = Done<()>> + Send;
    /// Removes it and waits until it is gone.
    fn delete(&self, waiter: &Waiter) -> impl Future<Output = Done<()>> + Send;
}

/// A [`Resource`] of any kind.
pub trait AnyResource: Described {
    /// See [`Resource::inspect`].
    fn inspect(&self) -> BoxFuture<'_, Done<Observed>>;
    /// See [`Resource::create`].
    fn create<'a>(&'a self, waiter: &'a Waiter) -> BoxFuture<'a, Done<()>>;
    /// See [`Resource::update`].
    fn update<'a>(
        &'a self,
        differences: &'a [Difference],
        waiter: &'a Waiter,
    ) -> BoxFuture<'a, Done<()>>;
    /// See [`Resource::tag`].
    fn tag<'a>(
        &'a self,
        tags: HashMap<String, String>,
        waiter: &'a Waiter,
    ) -> BoxFuture<'a, Done<()>>;
    /// See [`Resource::delete`].
    fn delete<'a>(&'a self, waiter: &'a Waiter) -> BoxFuture<'a, Done<()>>;
}

impl<R: Resource> AnyResource for R {
    fn inspect(&self) -> BoxFuture<'_, Done<Observed>> {
        Box::pin(Resource::inspect(self))
    }
    fn create<'a>(&'a self, waiter: &'a Waiter) -> BoxFuture<'a, Done<()>> {
        Box::pin(Resource::create(self, waiter))
    }
    fn update<'a>(
        &'a self,
        differences: &'a [Difference],
        waiter: &'a Waiter,
    ) -> BoxFuture<'a, Done<()>> {
        Box::pin(Resource::update(self, differences, waiter))
    }
    fn tag<'a>(
        &'a self,
        tags: HashMap<String, String>,
        waiter: &'a Waiter,
    ) -> BoxFuture<'a, Done<()>> {
        Box::pin(Resource::tag(self, tags, waiter))
    }
    fn delete<'a>(&'a self, waiter: &'a Waiter) -> BoxFuture<'a, Done<()>> {
        Box::pin(Resource::delete(self, waiter))
    }
}

/// Differences in one line.
pub(super) fn said(differences: &[Difference]) -> String {
    let all: Vec<String> = differences.iter().map(Difference::to_string).collect();
    all.join(", ")
}

/// Kind and name, the kind in words.
pub(super) fn id(kind: &str, name: &str) -> String {
    format!("{} {name}", kind.replace('_', " "))
}
