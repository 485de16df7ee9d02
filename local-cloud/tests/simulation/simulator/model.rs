//! The reference model: plain lists that are searched linearly, and a second, simple
//! implementation of the rules of SQS. It predicts every reply. It is copied after each command,
//! so that a crash can restore the last durable copy.

use std::collections::BTreeMap;
use std::rc::Rc;

use local_cloud::clock::Now;
use local_cloud::sqs::engine::QueueId;

use super::history::{Handle, MessageHistory};
use super::model_tasks::Task;

/// The prefix of every queue's ARN.
pub(crate) const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:";

/// Seconds between two purges, and between deleting a queue and creating it again.
const COOLDOWN: u64 = 60;

/// The state of a message; times are lab time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MessageState {
    Visible,
    Delayed { until: u64 },
    Hidden { since: u64, until: u64 },
    Leased { since: u64, until: u64 },
}

/// The part of a message that changes while it is in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) state: MessageState,
    pub(crate) receives: u32,
    /// When it was first received, in wall time.
    pub(crate) first_receive: u64,
}

/// A message in a queue.
#[derive(Debug, Clone)]
pub(crate) struct QueuedMessage {
    pub(crate) history: Rc<MessageHistory>,
    /// Its number in the order in which messages entered any queue.
    pub(crate) arrival: u64,
    pub(crate) sent: u64,
    /// The ARN of the queue from which it was dead-lettered.
    pub(crate) origin: Option<String>,
    pub(crate) current: Snapshot,
    /// What remains after a restart. Leases are not included.
    pub(crate) durable: Snapshot,
}

/// A queue's attributes; times in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setup {
    pub(crate) visibility: u64,
    pub(crate) delay: u64,
    pub(crate) retention: u64,
    /// The dead-letter queue's name, and the maximum number of receives.
    pub(crate) redrive: Option<(String, u32)>,
}

/// The attributes that a client wants to change.
#[derive(Debug, Clone, Default)]
pub(crate) struct Patch {
    pub(crate) visibility: Option<u64>,
    pub(crate) delay: Option<u64>,
    pub(crate) retention: Option<u64>,
    pub(crate) redrive: Option<Option<(String, u32)>>,
}

/// How many messages entered a queue, and how they left it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Totals {
    pub(crate) entered: u64,
    pub(crate) deleted: u64,
    pub(crate) expired: u64,
    pub(crate) purged: u64,
    pub(crate) moved: u64,
}

#[derive(Debug, Clone)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) incarnation: u64,
    pub(crate) setup: Setup,
    pub(crate) purged: Option<u64>,
    /// In order of arrival.
    pub(crate) messages: Vec<QueuedMessage>,
    pub(crate) totals: Totals,
}

/// A delivery as the model predicts it.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    pub(crate) message: QueuedMessage,
    pub(crate) queue: QueueId,
    pub(crate) incarnation: u64,
}

/// All queues and tasks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) queues: BTreeMap<QueueId, Rc<Queue>>,
    /// When queues of these names were deleted. Not durable.
    pub(crate) deleted: BTreeMap<String, u64>,
    pub(crate) tasks: Vec<Task>,
    /// How many messages and queues there have ever been. A crash does not reset it.
    pub(crate) arrivals: u64,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            visibility: 30,
            delay: 0,
            retention: 345_600,
            redrive: None,
        }
    }
}

impl Setup {
    pub(crate) fn set(&mut self, patch: &Patch) {
        self.visibility = patch.visibility.unwrap_or(self.visibility);
        self.delay = patch.delay.unwrap_or(self.delay);
        self.retention = patch.retention.unwrap_or(self.retention);
        if let Some(redrive) = &patch.redrive {
            self.redrive.clone_from(redrive);
        }
    }
}

impl Queue {
    fn is_old(&self, message: &QueuedMessage, now: Now) -> bool {
        message.sent + self.setup.retention * 1000 <= now.wall.0
    }

    fn is_due(message: &QueuedMessage, now: Now) -> bool {
        match message.current.state {
            MessageState::Delayed { until } | MessageState::Hidden { until, .. } => {
                until <= now.lab.0
            }
            MessageState::Visible | MessageState::Leased { .. } => false,
        }
    }

    /// Visible, in flight, delayed.
    pub(crate) fn counts(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for message in &self.messages {
            counts[match message.current.state {
                MessageState::Visible => 0,
                MessageState::Hidden { .. } | MessageState::Leased { .. } => 1,
                MessageState::Delayed { .. } => 2,
            }] += 1;
        }
        counts
    }

    pub(crate) fn find(&mut self, handle: &Handle) -> Option<usize> {
        let mut messages = self.messages.iter();
        messages.position(|message| {
            message.arrival == handle.arrival && Rc::ptr_eq(&message.history, &handle.history)
        })
    }

    pub(crate) fn leased(&mut self, history: &Rc<MessageHistory>) -> Option<usize> {
        let leased =
            |message: &QueuedMessage| matches!(message.current.state, MessageState::Leased { .. });
        let mut messages = self.messages.iter();
        messages.position(|message| leased(message) && Rc::ptr_eq(&message.history, history))
    }
}

impl Model {
    pub(crate) fn by_name(&self, name: &str) -> Option<QueueId> {
        let mut queues = self.queues.iter();
        queues
            .find(|(_, queue)| queue.name == name)
            .map(|(id, _)| *id)
    }

    pub(crate) fn queue_mut(&mut self, id: QueueId) -> &mut Queue {
        Rc::make_mut(self.queues.get_mut(&id).expect("the queue exists"))
    }

    pub(crate) fn next_arrival(&mut self) -> u64 {
        self.arrivals += 1;
        self.arrivals
    }

    /// Advances to `now`: makes messages visible that are due, and removes expired ones.
    pub(crate) fn advance_to(&mut self, now: Now) {
        for queue in self.queues.values_mut() {
            let changes =
                |message: &QueuedMessage| Queue::is_due(message, now) || queue.is_old(message, now);
            if !queue.messages.iter().any(changes) {
                continue;
            }
            let queue = Rc::make_mut(queue);
            let mut messages = std::mem::take(&mut queue.messages);
            let before = messages.len();
            messages.retain(|message| !queue.is_old(message, now));
            queue.totals.expired += (before - messages.len()) as u64;
            for message in &mut messages {
                if Queue::is_due(message, now) {
                    message.current.state = MessageState::Visible;
                }
            }
            queue.messages = messages;
        }
    }

    /// Drops what was only in the memory of the process.
    pub(crate) fn crash(&mut self) {
        self.deleted.clear();
        for queue in self.queues.values_mut() {
            for message in &mut Rc::make_mut(queue).messages {
                message.current = message.durable;
            }
        }
    }

    /// The first lab time at which something is due.
    pub(crate) fn first_deadline(&self) -> Option<u64> {
        let messages = self.queues.values().flat_map(|queue| &queue.messages);
        let due = messages.filter_map(|message| match message.current.state {
            MessageState::Delayed { until } | MessageState::Hidden { until, .. } => Some(until),
            MessageState::Visible | MessageState::Leased { .. } => None,
        });
        due.chain(self.tasks.iter().filter_map(Task::next_step))
            .min()
    }

    /// The first wall time at which a message expires.
    pub(crate) fn first_expiry(&self) -> Option<u64> {
        let old = |queue: &Rc<Queue>| {
            let sent = queue.messages.iter().map(|message| message.sent).min();
            Some(sent? + queue.setup.retention * 1000)
        };
        self.queues.values().filter_map(old).min()
    }

    /// Creates a queue: returns the existing one, or `None` where the caller has to add it.
    pub(crate) fn create(
        &mut self,
        name: &str,
        patch: &Patch,
        now: Now,
    ) -> Result<Option<QueueId>, &'static str> {
        if let Some(id) = self.by_name(name) {
            let mut wanted = self.queues[&id].setup.clone();
            wanted.set(patch);
            return match wanted == self.queues[&id].setup {
                true => Ok(Some(id)),
                false => Err("QueueNameExists"),
            };
        }
        self.deleted
            .retain(|_, at| *at + COOLDOWN * 1000 > now.lab.0);
        if self.deleted.contains_key(name) {
            return Err("QueueDeletedRecently");
        }
        self.check_redrive(name, patch)?;
        Ok(None)
    }

    fn check_redrive(&self, name: &str, patch: &Patch) -> Result<(), &'static str> {
        match &patch.redrive {
            Some(Some((target, _))) if target == name || self.by_name(target).is_none() => {
                Err("InvalidParameterValueException")
            }
            _ => Ok(()),
        }
    }

    pub(crate) fn add(&mut self, id: QueueId, name: &str, patch: &Patch) {
        let mut setup = Setup::default();
        setup.set(patch);
        let queue = Queue {
            name: name.to_owned(),
            incarnation: self.next_arrival(),
            setup,
            purged: None,
            messages: Vec::new(),
            totals: Totals::default(),
        };
        self.queues.insert(id, Rc::new(queue));
    }

    pub(crate) fn delete_queue(&mut self, id: QueueId, now: Now) -> Rc<Queue> {
        let queue = self.queues.remove(&id).expect("the queue exists");
        self.tasks.retain(|task| task.source != id);
        self.deleted.insert(queue.name.clone(), now.lab.0);
        queue
    }

    pub(crate) fn set(&mut self, id: QueueId, patch: &Patch) -> Result<(), &'static str> {
        self.check_redrive(&self.queues[&id].name, patch)?;
        self.queue_mut(id).setup.set(patch);
        Ok(())
    }

    /// Returns the removed messages.
    pub(crate) fn purge(
        &mut self,
        id: QueueId,
        now: Now,
    ) -> Result<Vec<QueuedMessage>, &'static str> {
        let queue = self.queue_mut(id);
        if queue
            .purged
            .is_some_and(|at| at + COOLDOWN * 1000 > now.lab.0)
        {
            return Err("PurgeQueueInProgress");
        }
        queue.purged = Some(now.lab.0);
        queue.totals.purged += queue.messages.len() as u64;
        Ok(std::mem::take(&mut queue.messages))
    }

    /// Whether a handle's message has entered its queue again. A crash may have lost the move
    /// that the handle is from; whether the handle is valid for the repeated move is undefined.
    pub(crate) fn moved_again(&self, handle: &Handle) -> bool {
        let messages = self.queues.get(&handle.queue);
        let mut messages = messages.into_iter().flat_map(|queue| &queue.messages);
        messages.any(|message| {
            Rc::ptr_eq(&message.history, &handle.history) && message.arrival != handle.arrival
        })
    }

    /// Whether any queue has the message.
    pub(crate) fn has(&self, history: &Rc<MessageHistory>) -> bool {
        let mut messages = self.queues.values().flat_map(|queue| &queue.messages);
        messages.any(|message| Rc::ptr_eq(&message.history, history))
    }
}
