//! What the SQS driver keeps behind its mutex.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Notify;

use crate::clock::LabMs;
use crate::ids::SystemIds;
use crate::sqs::engine::{Propagation, QueueId, Sqs};
use crate::sqs::stale_counts::StaleCounts;

/// The queues, and who waits for them. Behind the mutex of the driver.
#[derive(Debug)]
pub(super) struct State {
    pub(super) engine: Sqs,
    pub(super) ids: SystemIds,
    /// Notified when a queue's messages become visible.
    pub(super) notifiers: BTreeMap<QueueId, Arc<Notify>>,
    /// The updates that have not arrived everywhere.
    pub(super) propagation: Propagation,
    /// The counts that are given out though they have changed.
    pub(super) counts: StaleCounts,
    /// When the timer wakes next.
    pub(super) armed: Option<LabMs>,
}

impl State {
    /// The state of an engine that was just loaded.
    pub(super) fn new(engine: Sqs) -> Self {
        Self {
            engine,
            ids: SystemIds,
            notifiers: BTreeMap::new(),
            propagation: Propagation::default(),
            counts: StaleCounts::default(),
            armed: Some(LabMs(0)),
        }
    }

    /// What is notified when messages of this queue become visible.
    pub(super) fn notifier(&mut self, id: QueueId) -> Arc<Notify> {
        Arc::clone(self.notifiers.entry(id).or_default())
    }

    /// Wakes the waiters of these queues, and drops the notifiers of deleted queues.
    pub(super) fn notify(&mut self, woken: impl IntoIterator<Item = QueueId>) {
        for id in woken {
            if let Some(notifier) = self.notifiers.get(&id) {
                notifier.notify_waiters();
            }
            if self.engine.has_ready(id).is_none() {
                self.notifiers.remove(&id);
            }
        }
    }

    /// Whether something is due before the timer wakes.
    pub(super) fn is_due_before_timer(&self) -> bool {
        match (self.engine.next_wakeup(), self.armed) {
            (Some(due), Some(armed)) => due < armed,
            (due, None) => due.is_some(),
            (None, Some(_)) => false,
        }
    }
}
