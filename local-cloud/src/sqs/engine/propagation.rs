//! Changes to queues on their way. AWS's queues are kept on many machines, so for a while after a
//! change some of these answer as if it had not been: a new queue is not there, a deleted one
//! is, an attribute has its earlier value, a move task is not listed.
//!
//! The engine tells each change as [`Update`]; [`Propagation`] remembers what was before, and each
//! request gets a [`View`] of its own. Kept in memory alone: a restart finds everybody up to
//! date.

use std::collections::{BTreeMap, BTreeSet};

use super::{QueueId, Settings};
use crate::clock::LabMs;

/// What has changed, and how it was before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Update {
    /// A queue was made.
    Made(QueueId),
    /// A queue was deleted.
    Deleted(QueueId, String),
    /// A queue's attributes were set, which had been these.
    Set(QueueId, Box<Settings>),
    /// A move task was started.
    Started(u64),
    /// A move task went on, which had moved so many messages.
    Moved(u64, u64),
}

/// How long each kind of updates takes, in milliseconds of lab time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PropagationTimes {
    /// That a queue was made or deleted.
    pub queue_ms: u64,
    /// Attributes.
    pub attributes_ms: u64,
    /// What there is to say of move tasks.
    pub task_ms: u64,
}

/// The updates that not everybody has heard yet.
#[derive(Debug, Default)]
pub struct Propagation {
    made: BTreeMap<QueueId, LabMs>,
    deleted: BTreeMap<String, LabMs>,
    settings: BTreeMap<QueueId, (LabMs, Settings)>,
    started: BTreeMap<u64, LabMs>,
    moved: BTreeMap<u64, (LabMs, u64)>,
}

/// What one request sees otherwise than it is, as it comes to machines that are behind.
#[derive(Debug, Default)]
pub struct View {
    unknown: BTreeSet<QueueId>,
    deleted: BTreeSet<String>,
    settings: BTreeMap<QueueId, Settings>,
    unlisted: BTreeSet<u64>,
    moved: BTreeMap<u64, u64>,
}

impl Propagation {
    /// Update sets out; what takes no time is known at once.
    pub fn note(&mut self, updates: Update, times: PropagationTimes, now: LabMs) {
        self.forget(now);
        let after = |millis: u64| LabMs(now.0.saturating_add(millis));
        match updates {
            Update::Made(id) if times.queue_ms > 0 => {
                self.made.insert(id, after(times.queue_ms));
            }
            Update::Deleted(id, name) => {
                // Who has not heard of its making will not hear of it any more.
                self.made.remove(&id);
                self.settings.remove(&id);
                if times.queue_ms > 0 {
                    self.deleted.insert(name, after(times.queue_ms));
                }
            }
            Update::Set(id, before) if times.attributes_ms > 0 => {
                let until = after(times.attributes_ms);
                let propagation = self.settings.entry(id).or_insert((until, *before));
                propagation.0 = propagation.0.max(until);
            }
            Update::Started(task) if times.task_ms > 0 => {
                self.started.insert(task, after(times.task_ms));
            }
            // A count that is told goes stale and is counted anew; it does not stay for good while
            // the task goes on.
            Update::Moved(task, before) if times.task_ms > 0 => {
                let told = self.moved.entry(task);
                told.or_insert((after(times.task_ms), before));
            }
            _ => {}
        }
    }

    /// What a request sees that comes now; `behind` tells of each piece of updates whether the
    /// request comes to somebody who has not heard it.
    pub fn view(&mut self, now: LabMs, mut behind: impl FnMut() -> bool) -> View {
        self.forget(now);
        let unknown = not_yet_seen(&self.made, &mut behind).map(|(id, _)| *id);
        let unknown = unknown.collect();
        let deleted = not_yet_seen(&self.deleted, &mut behind).map(|(name, _)| name.clone());
        let deleted = deleted.collect();
        let settings = not_yet_seen(&self.settings, &mut behind);
        let settings = settings.map(|(id, (_, was))| (*id, was.clone())).collect();
        let unlisted = not_yet_seen(&self.started, &mut behind).map(|(task, _)| *task);
        let unlisted = unlisted.collect();
        let moved = not_yet_seen(&self.moved, &mut behind);
        let moved = moved.map(|(task, (_, was))| (*task, *was)).collect();
        View {
            unknown,
            deleted,
            settings,
            unlisted,
            moved,
        }
    }

    /// Drops what everybody has heard by now.
    fn forget(&mut self, now: LabMs) {
        self.made.retain(|_, until| now < *until);
        self.deleted.retain(|_, until| now < *until);
        self.started.retain(|_, until| now < *until);
        self.settings.retain(|_, (until, _)| now < *until);
        self.moved.retain(|_, (until, _)| now < *until);
    }
}

impl View {
    /// Whether the queue is known.
    pub fn knows(&self, id: QueueId) -> bool {
        !self.unknown.contains(&id)
    }

    /// Whether a deleted queue of this name seems to be there.
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

fn not_yet_seen<'a, K, V>(
    propagation: &'a BTreeMap<K, V>,
    behind: &'a mut impl FnMut() -> bool,
) -> impl Iterator<Item = (&'a K, &'a V)> {
    propagation.iter().filter(|_| behind())
}

#[cfg(test)]
mod tests;
