//! Changes of queues that have not arrived everywhere. AWS keeps queues on many machines, so for a
//! while after a change some of them answer as if it had not happened: a new queue does not exist, a
//! deleted one still does, an attribute has its earlier value, a move task is not listed.
//!
//! The engine reports each change as an [`Update`]. [`Propagation`] remembers what was before, and
//! each request gets a [`StaleView`] of it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Attributes, QueueId, Settings};
use crate::clock::LabMs;
use crate::faults::Lagging;

/// What has changed, and how it was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// A queue was created.
    Created(QueueId),
    /// A queue of this name was deleted.
    Deleted(QueueId, String),
    /// A queue's attributes were set, which had been these.
    AttributesSet(QueueId, Box<Settings>),
    /// A move task was started.
    TaskStarted(u64),
    /// A move task went on, which had moved so many messages.
    TaskMoved(u64, u64),
    /// The tags of the queue with this ARN have changed, which had been these; none before it was
    /// created.
    Tagged(String, Attributes),
}

/// How long each kind of update takes to arrive, in milliseconds of lab time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PropagationTimes {
    /// That a queue was created or deleted.
    pub queue_ms: u64,
    /// Attributes.
    pub attributes_ms: u64,
    /// That a move task was started, and how many messages it has moved.
    pub task_ms: u64,
}

/// The updates that have not arrived everywhere.
#[derive(Debug, Default)]
pub struct Propagation {
    created: Lagging<QueueId, ()>,
    deleted: Lagging<String, ()>,
    settings: Lagging<QueueId, Settings>,
    started: Lagging<u64, ()>,
    moved: Lagging<u64, u64>,
}

/// What one request sees otherwise than it is, because it comes to machines that are behind.
#[derive(Debug, Default)]
pub struct StaleView {
    unknown: BTreeSet<QueueId>,
    deleted: BTreeSet<String>,
    settings: BTreeMap<QueueId, Settings>,
    unlisted: BTreeSet<u64>,
    moved: BTreeMap<u64, u64>,
}

impl Propagation {
    /// Records an update. One that takes no time is seen by everybody at once. Updates of tags are
    /// the tagging API's.
    pub fn record(&mut self, update: Update, times: PropagationTimes, now: LabMs) {
        match update {
            Update::Created(id) => self.created.record(id, (), times.queue_ms, now),
            Update::Deleted(id, name) => {
                // A machine that does not know of the queue yet will not hear of it any more.
                self.created.forget(&id);
                self.settings.forget(&id);
                self.deleted.record(name, (), times.queue_ms, now);
            }
            Update::AttributesSet(id, before) => {
                self.settings.record(id, *before, times.attributes_ms, now);
            }
            Update::TaskStarted(task) => self.started.record(task, (), times.task_ms, now),
            Update::TaskMoved(task, before) => {
                self.moved.hold(task, before, times.task_ms, now);
            }
            Update::Tagged(..) => {}
        }
    }

    /// What one request sees that comes now. `is_behind` tells of each update whether the request
    /// comes to a machine that it has not reached.
    pub fn view(&mut self, now: LabMs, mut is_behind: impl FnMut() -> bool) -> StaleView {
        let behind = &mut is_behind;
        StaleView {
            unknown: keys(self.created.stale_for(now, &mut *behind)),
            deleted: keys(self.deleted.stale_for(now, &mut *behind)),
            settings: entries(self.settings.stale_for(now, &mut *behind)),
            unlisted: keys(self.started.stale_for(now, &mut *behind)),
            moved: entries(self.moved.stale_for(now, &mut *behind)),
        }
    }
}

fn keys<'a, K: Clone + Ord + 'a, V: 'a>(
    stale: impl Iterator<Item = (&'a K, &'a V)>,
) -> BTreeSet<K> {
    stale.map(|(key, _)| key.clone()).collect()
}

fn entries<'a, K: Clone + Ord + 'a, V: Clone + 'a>(
    stale: impl Iterator<Item = (&'a K, &'a V)>,
) -> BTreeMap<K, V> {
    stale
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

impl StaleView {
    /// Whether the queue is known.
    pub fn knows(&self, id: QueueId) -> bool {
        !self.unknown.contains(&id)
    }

    /// Whether a deleted queue of this name seems to exist.
    pub fn still_has(&self, name: &str) -> bool {
        self.deleted.contains(name)
    }

    /// The earlier settings of a queue, where these are seen.
    pub fn earlier_settings(&self, id: QueueId) -> Option<&Settings> {
        self.settings.get(&id)
    }

    /// Whether a move task is listed.
    pub(super) fn lists(&self, task: u64) -> bool {
        !self.unlisted.contains(&task)
    }

    /// How many messages a move task had moved, where that is what is seen.
    pub(super) fn earlier_moved(&self, task: u64) -> Option<u64> {
        self.moved.get(&task).copied()
    }
}

#[cfg(test)]
mod tests;
