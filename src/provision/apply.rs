//! Applies a change to a stack: creates in dependency order or removes in reverse, each resource as
//! soon as those that must come before it are done. A failure stops what depends on it; the rest
//! continues.

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

/// Tags may become visible later than the resource, as those of DynamoDB's tables do.
const TAGS_PROPAGATING: WaitReason = WaitReason::new("AWS does not show it with its tags yet", 30);

/// What to do with a stack.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Direction<'a> {
    /// Create or update everything, based on an inspection of the same stack.
    Up {
        /// The inspection, in the stack's order.
        found: &'a [Inspected],
        /// Whether to take over what has the lab's names but not its tag.
        adopt: bool,
    },
    /// Remove everything.
    Down,
}

/// The result of the work on one resource.
#[derive(Debug, Clone)]
pub(crate) struct ResourceResult {
    /// The resource's kind.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// The outcome; `None` where work on it was not begun.
    pub outcome: Option<Result<Outcome, Problem>>,
    /// When work on it began, in milliseconds after the start of the whole.
    pub began: u64,
    /// How long it took, in milliseconds.
    pub milliseconds: u64,
}

impl ResourceResult {
    /// The resource's id.
    pub(crate) fn id(&self) -> String {
        resource::id(self.kind, &self.name)
    }

    /// Whether the resource was created or changed.
    fn is_changed(&self) -> bool {
        matches!(self.outcome, Some(Ok(outcome)) if outcome != Outcome::Unchanged)
    }
}

/// The results of applying a change to a stack.
#[derive(Debug, Clone, Default)]
pub(crate) struct ApplyReport {
    /// The result for each resource, in the stack's order.
    pub resources: Vec<ResourceResult>,
    /// The ids of the chain of resources, each needing the one before, that took longest.
    pub longest_chain: Vec<String>,
    /// How long that chain's resources took together, in milliseconds.
    pub longest_chain_milliseconds: u64,
    /// How long the whole took, in milliseconds.
    pub milliseconds: u64,
}

/// What the work on all resources shares.
struct Runner<'a> {
    direction: Direction<'a>,
    events: &'a Events,
    cancel: &'a CancellationToken,
    began: Instant,
    is_dry_run: bool,
}

impl<'a> Runner<'a> {
    fn new(direction: Direction<'a>, events: &'a Events, cancel: &'a CancellationToken) -> Self {
        Self {
            direction,
            events,
            cancel,
            began: Instant::now(),
            is_dry_run: false,
        }
    }
}

/// Applies a change to the stack, up to [`AT_ONCE`] resources at a time.
pub(crate) async fn apply(
    stack: &[Box<dyn AnyResource>],
    direction: Direction<'_>,
    events: &Events,
    cancel: &CancellationToken,
) -> ApplyReport {
    run(stack, &Runner::new(direction, events, cancel)).await
}

/// The same with a stack whose clients do not send what would change something: one resource after
/// the other, and without waiting for changes to take effect.
pub(crate) async fn dry_run(
    stack: &[Box<dyn AnyResource>],
    direction: Direction<'_>,
    events: &Events,
    cancel: &CancellationToken,
) -> ApplyReport {
    let runner = Runner {
        is_dry_run: true,
        ..Runner::new(direction, events, cancel)
    };
    run(stack, &runner).await
}

async fn run(stack: &[Box<dyn AnyResource>], runner: &Runner<'_>) -> ApplyReport {
    let graph = graph(stack, runner.direction);
    let at_once = if runner.is_dry_run { 1 } else { AT_ONCE };
    let mut results: Vec<ResourceResult> =
        stack.iter().map(|one| not_begun(one.as_ref())).collect();
    let (mut begun, mut done, mut changed) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let mut working = FuturesUnordered::new();
    loop {
        let room = at_once.saturating_sub(working.len());
        let ready = graph.ready(&begun, &done).into_iter().take(room);
        for node in ready.filter(|_| !runner.cancel.is_cancelled()) {
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
    runner.report_skipped(&results);
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
    /// Works on one resource. Its inspection is `stale` when a resource that it needs was changed
    /// since.
    async fn one(&self, node: usize, resource: &dyn AnyResource, stale: bool) -> ResourceResult {
        let began = Instant::now();
        let id = resource.id();
        let waiter = Waiter::new(id.clone(), self.events.clone(), self.cancel.clone())
            .for_dry_run(self.is_dry_run);
        let work = Work {
            resource,
            waiter: &waiter,
            report: &|step: String| self.events.task(id.clone(), TaskState::Working(step)),
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

    fn report_skipped(&self, results: &[ResourceResult]) {
        let reason = if self.cancel.is_cancelled() {
            "interrupted"
        } else {
            "a resource that comes before it failed"
        };
        for result in results.iter().filter(|result| result.outcome.is_none()) {
            self.events
                .task(result.id(), TaskState::Skipped(reason.to_owned()));
        }
    }
}

/// Work on one resource.
struct Work<'a> {
    resource: &'a dyn AnyResource,
    waiter: &'a Waiter,
    report: &'a (dyn Fn(String) + Send + Sync),
}

impl Work<'_> {
    async fn observe(&self) -> Result<Observed, Problem> {
        observe(self.resource, self.waiter).await
    }

    async fn up(&self, known: Option<Observed>, adopt: bool) -> Result<Outcome, Problem> {
        let observed = match known {
            Some(observed) => observed,
            None => self.observe().await?,
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
                (self.report)("deleting, to create it again".to_owned());
                self.delete().await?;
                self.create().await?;
                Ok(Outcome::Replaced)
            }
            Observed::Foreign(adopted) => {
                (self.report)("adopting".to_owned());
                let tags = self.resource.tags();
                self.resource.tag(tags, self.waiter).await?;
                self.update(adopted.differences()).await?;
                Ok(Outcome::Adopted)
            }
            _ => Ok(Outcome::Unchanged),
        }
    }

    async fn create(&self) -> Result<Outcome, Problem> {
        (self.report)("creating".to_owned());
        match self.resource.create(self.waiter).await {
            // It exists after all: an earlier response was lost, or somebody else created it in
            // between.
            Err(problem) if problem.is(Class::Exists) => self.complete().await?,
            created => created?,
        }
        Ok(Outcome::Created)
    }

    /// Completes a resource that was created by a call whose response is not known.
    async fn complete(&self) -> Result<(), Problem> {
        // Neither the resource nor its tags may be visible everywhere yet.
        let is_visible = || async {
            let observed = self.resource.inspect().await?;
            Ok(!matches!(observed, Observed::Absent | Observed::Foreign(_)))
        };
        let waited = self.waiter.until(&TAGS_PROPAGATING, is_visible).await;
        let observed = self.observe().await?;
        if let Some(refusal) = observed.refusal(false) {
            return Err(refusal);
        }
        waited?;
        self.update(observed.differences()).await
    }

    /// Updates tags first: they say what is wanted, in case the rest is interrupted.
    async fn update(&self, differences: &[Difference]) -> Result<(), Problem> {
        if differences.is_empty() {
            return Ok(());
        }
        (self.report)(format!("updating {}", summary(differences)));
        let tags: HashMap<String, String> = differences.iter().filter_map(tag).collect();
        if !tags.is_empty() {
            self.resource.tag(tags, self.waiter).await?;
        }
        let settings = settings(differences);
        if !settings.is_empty() {
            self.resource.update(&settings, self.waiter).await?;
        }
        Ok(())
    }

    async fn down(&self) -> Result<Outcome, Problem> {
        let observed = self.observe().await?;
        if observed == Observed::Absent {
            return Ok(Outcome::Absent);
        }
        if let Some(problem) = observed.ownership_problem() {
            return Err(problem);
        }
        (self.report)("deleting".to_owned());
        self.delete().await.map(|()| Outcome::Deleted)
    }

    async fn delete(&self) -> Result<(), Problem> {
        match self.resource.delete(self.waiter).await {
            // An earlier response was lost, or somebody else deleted it.
            Err(problem) if problem.is(Class::NotFound) => Ok(()),
            deleted => deleted,
        }
    }
}

/// The tag that a difference is about, and its wanted value.
fn tag(difference: &Difference) -> Option<(String, String)> {
    let key = difference.setting.strip_prefix(resource::TAG)?;
    Some((key.to_owned(), difference.wanted.clone()))
}

/// The differences that are not tags.
fn settings(differences: &[Difference]) -> Vec<Difference> {
    let settings = differences.iter().filter(|one| tag(one).is_none());
    settings.cloned().collect()
}

/// Differences in words: settings, and tags only where nothing else differs.
fn summary(differences: &[Difference]) -> String {
    let settings = settings(differences);
    resource::list(if settings.is_empty() {
        differences
    } else {
        &settings
    })
}

#[cfg(test)]
mod tests;
