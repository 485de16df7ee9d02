//! A resource as the runner sees it.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;

use futures_util::future::BoxFuture;
use schemars::JsonSchema;
use serde::Serialize;

use super::problem::Problem;
use super::wait::Waiter;

/// The prefix of a [`Difference::setting`] that is a tag; the tag's key follows.
pub(super) const TAG: &str = "tag ";

/// A setting that is not as wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Difference {
    /// Its name, in AWS's terms where AWS has one.
    pub setting: String,
    /// The value found; empty where there is none.
    pub found: String,
    /// The wanted value; empty where there is to be none.
    pub wanted: String,
}

impl Difference {
    /// A setting whose value is `found` and should be `wanted`.
    pub(crate) fn new(
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
        let shown = |value: &str| if value.is_empty() { "none" } else { value }.to_owned();
        write!(formatter, "{setting} {} → {}", shown(found), shown(wanted))
    }
}

/// What was found under a resource's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Observed {
    /// Nothing.
    Absent,
    /// The lab's, and as wanted.
    InSync,
    /// The lab's; these settings differ and can be updated.
    Drifted(Vec<Difference>),
    /// The lab's; it must be removed and created again, which loses nothing.
    Broken(Vec<Difference>),
    /// The lab's; what differs cannot be changed, and removing it would lose orders.
    Unfit(Vec<Difference>),
    /// Something without the lab's tag, and its state if it had the tag.
    Foreign(Box<Self>),
    /// Something that has the lab's tag but belongs to this other lab.
    Taken(String),
}

impl Observed {
    /// The lab's, with these differences, if any.
    pub(crate) fn ours(differences: Vec<Difference>) -> Self {
        if differences.is_empty() {
            Self::InSync
        } else {
            Self::Drifted(differences)
        }
    }

    /// What differs from what is wanted, also for something foreign.
    pub(crate) fn differences(&self) -> &[Difference] {
        match self {
            Self::Drifted(differences) | Self::Broken(differences) | Self::Unfit(differences) => {
                differences
            }
            Self::Foreign(adopted) => adopted.differences(),
            Self::Absent | Self::InSync | Self::Taken(_) => &[],
        }
    }

    /// Why this is never changed or removed; `None` where it is the lab's, or absent.
    pub(crate) fn ownership_problem(&self) -> Option<Problem> {
        match self {
            Self::Foreign(_) => Some(Problem::Foreign),
            Self::Taken(whose) => Some(Problem::Taken(whose.clone())),
            _ => None,
        }
    }

    /// Why `up` cannot make this as wanted; `None` where it can.
    pub(crate) fn refusal(&self, adopt: bool) -> Option<Problem> {
        match self {
            Self::Unfit(differences) => Some(Problem::Unfit(list(differences))),
            // What would have to be removed first may hold data that somebody needs.
            Self::Foreign(adopted) if adopt => match adopted.as_ref() {
                Self::InSync | Self::Drifted(_) => None,
                unfit => Some(Problem::NotAdoptable(list(unfit.differences()))),
            },
            _ => self.ownership_problem(),
        }
    }

    /// The name in JSON documents.
    pub(crate) fn name(&self) -> &'static str {
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

/// The result of successful work on a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It did not exist and was created.
    Created,
    /// It differed and was updated.
    Updated,
    /// It was removed and created again.
    Replaced,
    /// It belongs to the lab now and did not before.
    Adopted,
    /// It was as wanted.
    Unchanged,
    /// It existed and was deleted.
    Deleted,
    /// It did not exist.
    Absent,
}

impl Outcome {
    /// The name in tables and JSON documents.
    pub(crate) fn name(self) -> &'static str {
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

/// The identity of a resource and its relations to others.
pub(crate) trait Described: Send + Sync {
    /// The kind, for example `log_group`.
    fn kind(&self) -> &'static str;
    /// The name, unique within the kind.
    fn name(&self) -> String;
    /// The ids of the resources that must exist before it is created.
    fn dependencies(&self) -> Vec<String> {
        Vec::new()
    }
    /// The ids of the resources that it uses when it runs: not needed to create it, but removed
    /// after it.
    fn uses(&self) -> Vec<String> {
        Vec::new()
    }
    /// Whether it is removed after everything else, because other resources may recreate it.
    fn is_removed_last(&self) -> bool {
        false
    }
    /// The tags that make it the lab's.
    fn tags(&self) -> HashMap<String, String>;

    /// The id, from kind and name: `log group /aws/lambda/x`.
    fn id(&self) -> String {
        id(self.kind(), &self.name())
    }
}

/// The result of work on a resource.
type Done<T> = Result<T, Problem>;

/// One thing in a lab. All work on it may be repeated.
pub(crate) trait Resource: Described {
    /// Finds out what exists and how it differs.
    fn inspect(&self) -> impl Future<Output = Done<Observed>> + Send;
    /// Creates it and waits until it is ready.
    fn create(&self, waiter: &Waiter) -> impl Future<Output = Done<()>> + Send;
    /// Updates what differs, except tags, and waits until it is ready again.
    fn update(
        &self,
        differences: &[Difference],
        waiter: &Waiter,
    ) -> impl Future<Output = Done<()>> + Send;
    /// Adds these tags to those that it has.
    fn tag(
        &self,
        tags: HashMap<String, String>,
        waiter: &Waiter,
    ) -> impl Future<Output = Done<()>> + Send;
    /// Removes it and waits until it is gone.
    fn delete(&self, waiter: &Waiter) -> impl Future<Output = Done<()>> + Send;
}

/// A [`Resource`] as a trait object.
pub(crate) trait AnyResource: Described {
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
pub(super) fn list(differences: &[Difference]) -> String {
    let all: Vec<String> = differences.iter().map(Difference::to_string).collect();
    all.join(", ")
}

/// A resource's id: the kind in words, and the name.
pub(super) fn id(kind: &str, name: &str) -> String {
    format!("{} {name}", kind.replace('_', " "))
}
