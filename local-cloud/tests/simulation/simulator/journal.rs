//! The journal: changes in the order in which the engine made them, of which a prefix is durable.

use std::collections::VecDeque;
use std::fmt;

use local_cloud::sqs::engine::{DELIVERIES, Loaded, MESSAGES, QUEUES, TASKS};
use local_cloud::storage::{Change, Entry, MemoryStorage, Storage as _};

use super::World;
use super::model::Model;

/// What follows once changes are durable: the reply reaches the client.
pub(crate) type Reply = Box<dyn FnOnce(&mut World)>;

/// What one command wrote.
pub(crate) struct Batch {
    pub(crate) changes: Vec<Change>,
    /// What the model says after it.
    pub(crate) after: Model,
    pub(crate) reply: Reply,
}

/// What is durable and what waits.
#[derive(Default)]
pub(crate) struct Journal {
    durable: MemoryStorage,
    waiting: VecDeque<Batch>,
    /// What the model says of what is durable.
    pub(crate) base: Model,
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Journal")
            .field("waiting", &self.waiting.len())
            .finish_non_exhaustive()
    }
}

impl Journal {
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn submit(&mut self, batch: Batch) {
        self.waiting.push_back(batch);
    }

    /// Writes the first batch that waits.
    pub(crate) fn write(&mut self) -> Option<Reply> {
        let batch = self.waiting.pop_front()?;
        self.durable
            .apply(&batch.changes)
            .expect("memory takes every change");
        self.base = batch.after;
        Some(batch.reply)
    }

    /// Forgets what waits.
    pub(crate) fn lose(&mut self) {
        self.waiting.clear();
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
