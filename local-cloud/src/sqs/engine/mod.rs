//! The queue engine: standard queues with delivery, visibility, dead-letter queues, retention
//! and move tasks. Every command takes a [`Transaction`], which carries the time and identifiers in and
//! the changes that must become durable out. Its driver is `runtime::queues`.

mod admin;
mod codec;
mod delivery;
pub(crate) mod error;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod lease;
mod message;
mod propagation;
mod queue;
mod settings;
mod stored;
mod tasks;

use std::collections::{BTreeMap, BTreeSet};

use crate::clock::{LabMs, Now};
use crate::error::AwsError;
use crate::faults::{self, Deliveries};
use crate::ids::{Ids, SeededIds};
use crate::storage::Change;

pub use delivery::{Received, Sent};
pub use lease::{Leased, LeasedAttribute, Settlement};
pub use message::{Attribute, Draft, MAX_BYTES, Message, Value, attributes_md5};
pub use propagation::{Propagation, PropagationTimes, StaleView, Update};
pub use queue::QueueId;
pub use settings::{Attributes, RedriveAllow, RedrivePolicy, Settings};
pub use stored::{DELIVERIES, Loaded, MESSAGES, QUEUES, TASKS};
pub use tasks::{TaskStatus, TaskView};

use queue::Queue;
use tasks::Task;

/// How many messages of a queue may be in flight at a time.
pub const MAX_IN_FLIGHT: usize = 120_000;

/// What a command is given, and what comes of it besides its reply. The changes hold also where
/// a command fails: messages may have turned visible or grown too old meanwhile.
pub struct Transaction<'a> {
    /// The time.
    pub now: Now,
    /// Where identifiers come from.
    pub ids: &'a mut dyn Ids,
    /// What must become durable, in order.
    pub changes: Vec<Change>,
    /// Whether the reply promises what an earlier tx brought about: its changes must be durable
    /// before this reply is given, though this tx has none of its own.
    pub rests_on_earlier: bool,
    /// The queues in which messages turned visible.
    pub woken: BTreeSet<QueueId>,
    /// What may go wrong with messages, and where the draws come from; `None` in off chaos.
    pub delivery_faults: Option<(Deliveries, SeededIds)>,
    /// What is seen otherwise than it is.
    pub view: StaleView,
    /// What others hear of later.
    pub updates: Vec<Update>,
}

impl std::fmt::Debug for Transaction<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Transaction")
            .field("now", &self.now)
            .field("changes", &self.changes.len())
            .field("woken", &self.woken)
            .finish_non_exhaustive()
    }
}

impl<'a> Transaction<'a> {
    /// A tx at this time.
    pub fn new(now: Now, ids: &'a mut dyn Ids) -> Self {
        Self {
            now,
            ids,
            changes: Vec::new(),
            rests_on_earlier: false,
            woken: BTreeSet::new(),
            delivery_faults: None,
            view: StaleView::default(),
            updates: Vec::new(),
        }
    }

    /// Whether a message that is deleted comes back once more.
    fn repeats(&mut self) -> bool {
        let drawn = self.delivery_faults.as_mut();
        drawn.is_some_and(|(odds, draws)| faults::draw(draws) < odds.repeated)
    }

    /// Where a receive takes a message other than the oldest, from 0, the oldest, to 1.
    fn place(&mut self) -> Option<f64> {
        let (odds, draws) = self.delivery_faults.as_mut()?;
        (faults::draw(draws) < odds.disordered).then(|| faults::draw(draws))
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.ids.fill(&mut bytes);
        bytes
    }

    /// A message id: a random UUID's bytes.
    fn message_id(&mut self) -> [u8; 16] {
        *uuid::Builder::from_random_bytes(self.bytes())
            .as_uuid()
            .as_bytes()
    }
}

/// All queues of an account in a region.
#[derive(Debug)]
pub struct Sqs {
    account: String,
    arn_prefix: String,
    queues: BTreeMap<QueueId, Queue>,
    names: BTreeMap<String, QueueId>,
    deleted: BTreeMap<String, LabMs>,
    tasks: BTreeMap<u64, Task>,
    next_queue: QueueId,
    next_sequence: u64,
    next_task: u64,
}

impl Sqs {
    /// The account id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// Changes with every queue that is made.
    pub fn made(&self) -> QueueId {
        self.next_queue
    }

    /// The queue with this name.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn by_name(&self, name: &str) -> Result<QueueId, AwsError> {
        self.names.get(name).copied().ok_or_else(error::no_queue)
    }

    /// The queue with this ARN.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn by_arn(&self, arn: &str) -> Result<QueueId, AwsError> {
        let name = arn.strip_prefix(&self.arn_prefix);
        self.by_name(name.ok_or_else(error::no_queue)?)
    }

    /// The queue with this name, where the request sees it.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn seen(&self, name: &str, view: &StaleView) -> Result<QueueId, AwsError> {
        let known = self.by_name(name).ok().filter(|id| view.knows(*id));
        known.ok_or_else(error::no_queue)
    }

    /// Whether a receive would find something; `None` when the queue is not there. Looks as of
    /// the last command.
    pub fn has_ready(&self, id: QueueId) -> Option<bool> {
        Some(self.queues.get(&id)?.deliverable())
    }

    /// The settings of a queue.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn settings(&self, id: QueueId) -> Result<&Settings, AwsError> {
        Ok(&self.queue(id)?.settings)
    }

    /// When the queue's next message turns visible by itself.
    pub fn next_due(&self, id: QueueId) -> Option<LabMs> {
        self.queues.get(&id)?.next_due()
    }

    /// When [`Sqs::tick`] has something to do.
    pub fn next_wakeup(&self) -> Option<LabMs> {
        let due = self.queues.values().filter_map(Queue::next_due);
        let steps = self.tasks.values().filter_map(Task::next_step);
        due.chain(steps).min()
    }

    /// Makes visible what is due, in every queue, and takes each move task a step further.
    pub fn tick(&mut self, tx: &mut Transaction<'_>) {
        for queue in self.queues.values_mut() {
            if queue.next_due().is_some_and(|due| due <= tx.now.lab) {
                queue.advance(tx);
            }
        }
        self.step_tasks(tx);
    }

    fn queue(&self, id: QueueId) -> Result<&Queue, AwsError> {
        self.queues.get(&id).ok_or_else(error::no_queue)
    }

    fn queue_mut(&mut self, id: QueueId) -> Result<&mut Queue, AwsError> {
        self.queues.get_mut(&id).ok_or_else(error::no_queue)
    }

    fn arn(&self, name: &str) -> String {
        format!("{}{name}", self.arn_prefix)
    }

    fn sequence(&mut self) -> u64 {
        let sequence = self.next_sequence;
        self.next_sequence += 1;
        sequence
    }
}

#[cfg(test)]
mod tests;
