//! Walks a stack: up in dependency order, down in reverse, each piece of work as soon as what
//! must come before it is done. A failure stops what depends on it; the rest goes on.

use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio_util::sync::CancellationToken;

use super::graph::Graph;
use super::wait::Patience;
use super::{Observed, Outcome, Problem, Resource, resource};
use crate::aws::Class;
use crate::ui::{Events, TaskState};
use crate::world;

/// Which way to walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Make everything.
    Up,
    /// Remove everything.
    Down,
}

/// How one resource ended.
#[derive(Debug, Clone)]
pub struct Finished {
    /// The resource's kind.
    pub kind: &'static str,
    /// Its name.
    pub name: String,
    /// How it went; `None` where it was not begun.
    pub outcome: Option<Result<Outcome, Problem>>,
    /// How long it took.
    pub milliseconds: u64,
}

impl Finished {
    /// Kind and name, for people.
    pub fn id(&self) -> String {
        resource::id(self.kind, &self.name)
    }
}

/// Walks the stack; answers for each resource, in the stack's order.
pub async fn run(
    stack: &[Box<dyn Resource>],
    direction: Direction,
    events: &Events,
    cancel: &CancellationToken,
) -> Vec<Finished> {
    let nodes: Vec<_> = stack
        .iter()
        .map(|one| (one.id(), one.dependencies()))
        .collect();
    let graph = match direction {
        Direction::Up => Graph::new(&nodes),
        Direction::Down => Graph::new(&nodes).reversed(),
    };
    let mut finished: Vec<Finished> = stack.iter().map(|one| not_begun(one.as_ref())).collect();
    let (mut begun, mut done) = (BTreeSet::new(), BTreeSet::new());
    let mut working = FuturesUnordered::new();
    loop {
        if !cancel.is_cancelled() {
            for node in graph.ready(&begun, &done) {
                begun.insert(node);
                if let Some(resource) = stack.get(node) {
                    working.push(async move {
                        (
                            node,
                            one(resource.as_ref(), direction, events, cancel).await,
                        )
                    });
                }
            }
        }
        let Some((node, end)) = working.next().await else {
            break;
        };
        if matches!(end.outcome, Some(Ok(_))) {
            done.insert(node);
        }
        if let Some(place) = finished.get_mut(node) {
            *place = end;
        }
    }
    for end in finished.iter().filter(|end| end.outcome.is_none()) {
        let why = if cancel.is_cancelled() {
            "interrupted"
        } else {
            "what it needs first failed"
        };
        events.task(end.id(), TaskState::Skipped(why.to_owned()));
    }
    finished
}

fn not_begun(resource: &dyn Resource) -> Finished {
    Finished {
        kind: resource.kind(),
        name: resource.name(),
        outcome: None,
        milliseconds: 0,
    }
}

async fn one(
    resource: &dyn Resource,
    direction: Direction,
    events: &Events,
    cancel: &CancellationToken,
) -> Finished {
    let began = world::now_ms();
    let id = resource.id();
    let patience = Patience::new(id.clone(), events.clone(), cancel.clone());
    let tell = |word: &str| events.task(id.clone(), TaskState::Working(word.to_owned()));
    let outcome = match direction {
        Direction::Up => up(resource, &patience, &tell).await,
        Direction::Down => down(resource, &patience, &tell).await,
    };
    events.task(
        id.clone(),
        match &outcome {
            Ok(outcome) => TaskState::Done(outcome.name().to_owned()),
            Err(problem) => TaskState::Failed(problem.to_string()),
        },
    );
    Finished {
        outcome: Some(outcome),
        milliseconds: world::now_ms().saturating_sub(began),
        ..not_begun(resource)
    }
}

async fn up(
    resource: &dyn Resource,
    patience: &Patience,
    tell: &impl Fn(&str),
) -> Result<Outcome, Problem> {
    let mut first = None;
    loop {
        let observed = patience.call(|| resource.inspect()).await?;
        let (word, outcome) = match &observed {
            Observed::Absent => ("creating".to_owned(), Outcome::Created),
            Observed::InSync => return Ok(first.unwrap_or(Outcome::Unchanged)),
            Observed::Drifted(what) => (format!("mending {}", what.join(", ")), Outcome::Updated),
            Observed::Foreign => return Err(Problem::Foreign),
        };
        tell(&word);
        match resource.ensure(&observed, patience).await {
            Ok(()) => return Ok(first.unwrap_or(outcome)),
            // It was there after all: the answer that said so was lost, or somebody else made
            // it in between. What is there is looked at anew, once.
            Err(problem) if problem.is(Class::Exists) && first.is_none() => first = Some(outcome),
            Err(problem) => return Err(problem),
        }
    }
}

async fn down(
    resource: &dyn Resource,
    patience: &Patience,
    tell: &impl Fn(&str),
) -> Result<Outcome, Problem> {
    match patience.call(|| resource.inspect()).await? {
        Observed::Absent => return Ok(Outcome::Absent),
        Observed::Foreign => return Err(Problem::Foreign),
        Observed::InSync | Observed::Drifted(_) => {}
    }
    tell("deleting");
    match resource.delete(patience).await {
        // The answer that said so was lost, or somebody else was quicker.
        Err(problem) if problem.is(Class::NotFound) => Ok(Outcome::Deleted),
        deleted => deleted.map(|()| Outcome::Deleted),
    }
}

#[cfg(test)]
mod tests;
