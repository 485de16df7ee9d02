//! Walks a stack: up in dependency order, down in reverse, each piece of work as soon as what
//! must come before it is done. A failure stops what depends on it; the rest goes on.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::graph::Graph;
use super::inspect::{AT_ONCE, Inspected, observe};
use super::wait::{WaitReason, Waiter};
use super::{AnyResource, Difference, Observed, Outcome, Problem, resource};
use crate::aws::Class;
use crate::ui::{Events, TaskState};

/// DynamoDB's tags, say, are seen a few seconds after they were given.
const ARRIVING: WaitReason = WaitReason::new("AWS does not show it with its tags yet", 30);

/// Which way to walk.
#[derive(Debug, Clone, Copy)]
pub enum Direction<'a> {
    /// Make everything, from what a survey of the same stack has found.
    Up {
        /// The survey.
        found: &'a [Inspected],
        /// Whether to take over what has a name of the lab's and is not the lab's.
        adopt: bool,
    },
    /// Remove everything.
    Down,
}

/// How one resource ended.
#[derive(Debug, Clone)]
pub struct ResourceResult {
    /// The resource's kind.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// How it went; `None` where it was not begun.
    pub outcome: Option<Result<Outcome, Problem>>,
    /// When work on it began, in milliseconds from the beginning of the walk.
    pub began: u64,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

impl ResourceResult {
    /// Kind and name, for people.
    pub fn id(&self) -> String {
        resource::id(self.kind, &self.name)
    }

    /// Whether something was made or changed.
    fn is_changed(&self) -> bool {
        matches!(self.outcome, Some(Ok(outcome)) if outcome != Outcome::Unchanged)
    }
}

/// A walk that has ended.
#[derive(Debug, Clone, Default)]
pub struct ApplyReport {
    /// How each resource ended, in the stack's order.
    pub resources: Vec<ResourceResult>,
    /// The longest chain of resources of which each needs the one before, by their ids.
    pub longest_chain: Vec<String>,
    /// How long that chain's resources took together, in milliseconds.
    pub longest_chain_milliseconds: u64,
    /// How long the whole walk took, in milliseconds.
    pub milliseconds: u64,
}

/// What all pieces of work share.
struct Runner<'a> {
    direction: Direction<'a>,
    events: &'a Events,
    cancel: &'a CancellationToken,
    began: Instant,
}

/// Walks the stack.
pub async fn apply(
    stack: &[Box<dyn AnyResource>],
    direction: Direction<'_>,
    events: &Events,
    cancel: &CancellationToken,
) -> ApplyReport {
    let graph = graph(stack, direction);
    let runner = Runner {
        direction,
        events,
        cancel,
        began: Instant::now(),
    };
    let mut results: Vec<ResourceResult> =
        stack.iter().map(|one| not_begun(one.as_ref())).collect();
    let (mut begun, mut done, mut changed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut working = FuturesUnordered::new();
    loop {
        let room = AT_ONCE.saturating_sub(working.len());
        let ready = graph.ready(&begun, &done).into_iter().take(room);
        for node in ready.filter(|_| !cancel.is_cancelled()) {
            begun.insert(node);
            let stale = graph.follows(node, &changed);
            if let Some(resource) = stack.get(node) {
                let work = runner.one(node, resource.as_ref(), stale);
                working.push(async move { (node, work.await) });
            }
        }
        let Some((node, end)) = working.next().await else {
            break;
        };
        if matches!(end.outcome, Some(Ok(_))) {
            done.insert(node);
        }
        if end.is_changed() {
            changed.insert(node);
        }
        if let Some(slot) = results.get_mut(node) {
            *slot = end;
        }
    }
    runner.tell_what_was_not_begun(&results);
    let times: Vec<u64> = results.iter().map(|end| end.milliseconds).collect();
    let (chain, longest_chain_milliseconds) = graph.longest_chain(&times);
    ApplyReport {
        longest_chain: chain
            .into_iter()
            .filter_map(|node| results.get(node).map(ResourceResult::id))
            .collect(),
        longest_chain_milliseconds,
        milliseconds: milliseconds(runner.began.elapsed()),
        resources: results,
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn graph(stack: &[Box<dyn AnyResource>], direction: Direction<'_>) -> Graph {
    let node = |one: &dyn AnyResource| match direction {
        Direction::Up { .. } => (one.id(), one.dependencies()),
        Direction::Down => (one.id(), [one.dependencies(), one.uses()].concat()),
    };
    let nodes: Vec<_> = stack.iter().map(|one| node(one.as_ref())).collect();
    let graph = Graph::new(&nodes);
    if matches!(direction, Direction::Up { .. }) {
        return graph;
    }
    let numbered = stack.iter().enumerate();
    let last = numbered.filter(|(_, one)| one.is_removed_last());
    graph.reversed(&last.map(|(node, _)| node).collect())
}

fn not_begun(resource: &dyn AnyResource) -> ResourceResult {
    ResourceResult {
        kind: resource.kind(),
        name: resource.name(),
        outcome: None,
        began: 0,
        milliseconds: 0,
    }
}

impl Runner<'_> {
    /// Works on one resource. What the survey found of it is `stale` when something that it
    /// needs was changed since.
    async fn one(&self, node: usize, resource: &dyn AnyResource, stale: bool) -> ResourceResult {
        let began = Instant::now();
        let id = resource.id();
        let waiter = Waiter::new(id.clone(), self.events.clone(), self.cancel.clone());
        let work = Work {
            resource,
            waiter: &waiter,
            tell: &|word: String| self.events.task(id.clone(), TaskState::Working(word)),
        };
        let outcome = match self.direction {
            Direction::Up { found, adopt } => {
                let known = found.get(node).filter(|_| !stale);
                work.up(known.and_then(|found| found.observed.clone().ok()), adopt)
                    .await
            }
            Direction::Down => work.down().await,
        };
        let state = match &outcome {
            Ok(outcome) => TaskState::Done(outcome.name().to_owned()),
            Err(problem) => TaskState::Failed(problem.to_string()),
        };
        self.events.task(id.clone(), state);
        ResourceResult {
            outcome: Some(outcome),
            began: milliseconds(began - self.began),
            milliseconds: milliseconds(began.elapsed()),
            ..not_begun(resource)
        }
    }

    fn tell_what_was_not_begun(&self, results: &[ResourceResult]) {
        let why = if self.cancel.is_cancelled() {
            "interrupted"
        } else {
            "what it needs first failed"
        };
        for end in results.iter().filter(|end| end.outcome.is_none()) {
            self.events
                .task(end.id(), TaskState::Skipped(why.to_owned()));
        }
    }
}

/// Work on one resource.
struct Work<'a> {
    resource: &'a dyn AnyResource,
    waiter: &'a Waiter,
    tell: &'a (dyn Fn(String) + Send + Sync),
}

impl Work<'_> {
    async fn look(&self) -> Result<Observed, Problem> {
        observe(self.resource, self.waiter).await
    }

    async fn up(&self, known: Option<Observed>, adopt: bool) -> Result<Outcome, Problem> {
        let observed = match known {
            Some(observed) => observed,
            None => self.look().await?,
        };
        if let Some(refusal) = observed.refusal(adopt) {
            return Err(refusal);
        }
        match observed {
            Observed::Absent => self.create().await,
            Observed::Drifted(differences) => {
                self.update(&differences).await?;
                Ok(Outcome::Updated)
            }
            Observed::Broken(_) => {
                (self.tell)("removing, to make it anew".to_owned());
                self.delete().await?;
                self.create().await?;
                Ok(Outcome::Replaced)
            }
            Observed::Foreign(adopted) => {
                (self.tell)("adopting".to_owned());
                let tags = self.resource.tags();
                self.resource.tag(tags, self.waiter).await?;
                self.update(adopted.differences()).await?;
                Ok(Outcome::Adopted)
            }
            _ => Ok(Outcome::Unchanged),
        }
    }

    async fn create(&self) -> Result<Outcome, Problem> {
        (self.tell)("creating".to_owned());
        match self.resource.create(self.waiter).await {
            // It was there after all: the answer that said so was lost, or somebody else made it
            // in between.
            Err(problem) if problem.is(Class::Exists) => self.complete().await?,
            created => created?,
        }
        Ok(Outcome::Created)
    }

    /// Puts right what was made by a call whose answer is not known.
    async fn complete(&self) -> Result<(), Problem> {
        // Neither the thing nor its tags need be seen everywhere yet.
        let seen = || async {
            let unseen = |observed| matches!(observed, Observed::Absent | Observed::Foreign(_));
            Ok(!unseen(self.resource.inspect().await?))
        };
        let waited = self.waiter.until(&ARRIVING, seen).await;
        let observed = self.look().await?;
        if let Some(refusal) = observed.refusal(false) {
            return Err(refusal);
        }
        waited?;
        self.update(observed.differences()).await
    }

    /// Tags first: they say what the rest should be, should the rest be interrupted.
    async fn update(&self, differences: &[Difference]) -> Result<(), Problem> {
        if differences.is_empty() {
            return Ok(());
        }
        (self.tell)(format!("mending {}", said(differences)));
        let tags: HashMap<String, String> = differences.iter().filter_map(tag).collect();
        if !tags.is_empty() {
            self.resource.tag(tags, self.waiter).await?;
        }
        let settings = differences.iter().filter(|one| tag(one).is_none());
        let settings: Vec<Difference> = settings.cloned().collect();
        if !settings.is_empty() {
            self.resource.update(&settings, self.waiter).await?;
        }
        Ok(())
    }

    async fn down(&self) -> Result<Outcome, Problem> {
        let observed = self.look().await?;
        if observed == Observed::Absent {
            return Ok(Outcome::Absent);
        }
        if let Some(ownership_problem) = observed.ownership_problem() {
            return Err(ownership_problem);
        }
        (self.tell)("deleting".to_owned());
        self.delete().await.map(|()| Outcome::Deleted)
    }

    async fn delete(&self) -> Result<(), Problem> {
        match self.resource.delete(self.waiter).await {
            // The answer that said so was lost, or somebody else was quicker.
            Err(problem) if problem.is(Class::NotFound) => Ok(()),
            deleted => deleted,
        }
    }
}

/// The tag that a difference is about, with its wanted value.
fn tag(difference: &Difference) -> Option<(String, String)> {
    let key = difference.setting.strip_prefix(resource::TAG)?;
    Some((key.to_owned(), difference.wanted.clone()))
}

/// Differences in words: settings, and tags only where nothing else differs.
fn said(differences: &[Difference]) -> String {
    let settings = differences.iter().filter(|one| tag(one).is_none());
    let settings: Vec<Difference> = settings.cloned().collect();
    resource::said(if settings.is_empty() {
        differences
    } else {
        &settings
    })
}

#[cfg(test)]
mod tests;
