//! The journal: the engine's changes in order, of which a prefix is durable.

use std::collections::VecDeque;
use std::fmt;

use local_cloud::sqs::engine::{DELIVERIES, Loaded, MESSAGES, QUEUES, TASKS};
use local_cloud::storage::{Change, Entry, MemoryStorage, Storage as _};

use super::Simulation;
use super::model::Model;

/// Runs once the changes are durable: the client gets its reply.
pub(crate) type Reply = Box<dyn FnOnce(&mut Simulation)>;

/// The changes of one command.
pub(crate) struct Batch {
    pub(crate) changes: Vec<Change>,
    /// The model after the command.
    pub(crate) after: Model,
    pub(crate) reply: Reply,
}

/// Durable state and pending batches.
#[derive(Default)]
pub(crate) struct Journal {
    durable: MemoryStorage,
    pending: VecDeque<Batch>,
    /// The model of the durable state.
    pub(crate) base: Model,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("pending", &self.pending.len())
            .finish_non_exhaustive()
    }
}

impl Journal {
    pub(crate) fn pending(&self) -> usize {
        self.pending.len()
    }

    pub(crate) fn submit(&mut self, batch: Batch) {
        self.pending.push_back(batch);
    }

    /// Writes the first pending batch.
    pub(crate) fn write(&mut self) -> Option<Reply> {
        let batch = self.pending.pop_front()?;
        self.durable
            .apply(&batch.changes)
            .expect("memory takes every change");
        self.base = batch.after;
        Some(batch.reply)
    }

    /// Drops the pending batches.
    pub(crate) fn drop_pending(&mut self) {
        self.pending.clear();
    }

    pub(crate) fn load(&mut self) -> Loaded {
        Loaded {
            queues: self.entries(QUEUES),
            messages: self.entries(MESSAGES),
            deliveries: self.entries(DELIVERIES),
            tasks: self.entries(TASKS),
        }
    }

    pub(crate) fn entries(&mut self, collection: &'static str) -> Vec<Entry> {
        self.durable.load(collection).expect("memory can be read")
    }
}
