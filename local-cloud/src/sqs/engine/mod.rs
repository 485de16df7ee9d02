//! The queue engine: standard queues with delivery, visibility timeouts, dead-letter queues, retention
//! and move tasks. Every command takes a [`Transaction`], which carries time and identifiers in, and
//! the changes that must become durable out.

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

pub use codec::{DELIVERIES, MESSAGES, QUEUES, TASKS};
pub use delivery::{Received, Sent};
pub use lease::{Leased, LeasedAttribute, Settlement};
pub use message::{Attribute, Draft, MAX_BYTES, Message, Value, attributes_md5};
pub use propagation::{Propagation, PropagationTimes, StaleView, Update};
pub use queue::QueueId;
pub use settings::{Attributes, RedriveAllow, RedrivePolicy, Settings};
pub use stored::Loaded;
pub use tasks::{TaskStatus, TaskView, source_of};

use queue::Queue;
use tasks::Task;

/// The limit on a queue's messages in flight.
pub const MAX_IN_FLIGHT: usize = 120_000;

/// The context of a command, and its results beside the reply. The changes hold also when the command
/// fails: messages may have become visible or too old meanwhile.
pub struct Transaction<'a> {
    /// The time of the command.
    pub now: Now,
    /// The source of identifiers.
    pub ids: &'a mut dyn Ids,
    /// The changes that must become durable, in order.
    pub changes: Vec<Change>,
    /// Whether the reply confirms an earlier transaction, whose changes must be durable before this
    /// reply is sent although this transaction has none.
    pub rests_on_earlier: bool,
    /// The queues in which messages became visible.
    pub woken: BTreeSet<QueueId>,
    /// The faults of deliveries, and the source of random draws; `None` while chaos is off.
    pub delivery_faults: Option<(Deliveries, SeededIds)>,
    /// What this command sees otherwise than it is.
    pub view: StaleView,
    /// The updates that others see later.
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
    /// A transaction at this time.
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

    /// Whether a deleted message is delivered once more.
    fn repeats(&mut self) -> bool {
        let drawn = self.delivery_faults.as_mut();
        drawn.is_some_and(|(odds, draws)| faults::draw(draws) < odds.repeated)
    }

    /// The position of the message that a receive takes instead of the oldest: 0 is the oldest, 1 the
    /// newest.
    fn random_position(&mut self) -> Option<f64> {
        let (odds, draws) = self.delivery_faults.as_mut()?;
        (faults::draw(draws) < odds.disordered).then(|| faults::draw(draws))
    }

    fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.ids.fill(&mut bytes);
        bytes
    }

    /// The bytes of a message id, a random UUID.
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
    tally: Tally,
}

/// What became of messages since the engine was loaded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Leases that ended with the message processed.
    pub processed: u64,
    /// Leases that ended with a failure.
    pub failed: u64,
    /// Messages that were moved to a dead-letter queue.
    pub dead_lettered: u64,
}

impl Sqs {
    /// The account id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// What became of messages.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// How many queues were ever created, for noticing a new one.
    pub fn created(&self) -> QueueId {
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

    /// The queue with this name, if the request sees it.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn seen(&self, name: &str, view: &StaleView) -> Result<QueueId, AwsError> {
        let known = self.by_name(name).ok().filter(|id| view.knows(*id));
        known.ok_or_else(error::no_queue)
    }

    /// Whether a receive would find a message, as of the last command; `None` when the queue does not
    /// exist.
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

    /// When the queue's next hidden or delayed message becomes visible.
    pub fn next_due(&self, id: QueueId) -> Option<LabMs> {
        self.queues.get(&id)?.next_due()
    }

    /// When [`Sqs::tick`] has something to do.
    pub fn next_wakeup(&self) -> Option<LabMs> {
        let due = self.queues.values().filter_map(Queue::next_due);
        let steps = self.tasks.values().filter_map(Task::next_step);
        due.chain(steps).min()
    }

    /// Makes due messages of every queue visible, and runs one step of each move task.
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
