//! What the queues should hold: lists that are searched from one end to the other, and the rules
//! of SQS written out once more. It predicts every reply, and is copied after each command, so
//! that a crash can take it back to what was durable.

use std::collections::BTreeMap;
use std::rc::Rc;

use local_cloud::clock::Now;
use local_cloud::sqs::engine::QueueId;

use super::ledger::{Handle, Ident};
use super::model_tasks::Task;

/// What the names of all queues follow in their ARNs.
pub(crate) const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:";

/// Seconds between two purges, and between a queue's deletion and its next making.
const COOLDOWN: u64 = 60;

/// Where a message stands; times are lab time in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Visible,
    Delayed { until: u64 },
    Hidden { since: u64, until: u64 },
    Leased { since: u64, until: u64 },
}

/// What changes of a message while it lies in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) place: Place,
    pub(crate) receives: u32,
    pub(crate) first: u64,
}

/// A message in a queue.
#[derive(Debug, Clone)]
pub(crate) struct Letter {
    pub(crate) ident: Rc<Ident>,
    /// Its place in the order of all that ever entered a queue.
    pub(crate) arrival: u64,
    pub(crate) sent: u64,
    /// The ARN of the queue that it was moved from as too often received.
    pub(crate) origin: Option<String>,
    pub(crate) now: Standing,
    /// What a restart finds. A lease is not in it.
    pub(crate) kept: Standing,
}

/// What can be set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Setup {
    pub(crate) visibility: u64,
    pub(crate) delay: u64,
    pub(crate) retention: u64,
    /// The dead-letter queue's name, and after how many receives.
    pub(crate) redrive: Option<(String, u32)>,
}

/// What a client asks to set.
#[derive(Debug, Clone, Default)]
pub(crate) struct Patch {
    pub(crate) visibility: Option<u64>,
    pub(crate) delay: Option<u64>,
    pub(crate) retention: Option<u64>,
    pub(crate) redrive: Option<Option<(String, u32)>>,
}

/// Where messages came from and went.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Tally {
    pub(crate) entered: u64,
    pub(crate) deleted: u64,
    pub(crate) expired: u64,
    pub(crate) purged: u64,
    pub(crate) moved: u64,
}

/// A queue.
#[derive(Debug, Clone)]
pub(crate) struct Queue {
    pub(crate) name: String,
    pub(crate) incarnation: u64,
    pub(crate) setup: Setup,
    pub(crate) purged: Option<u64>,
    /// In the order of their arrival.
    pub(crate) letters: Vec<Letter>,
    pub(crate) tally: Tally,
}

/// What a delivery should look like.
#[derive(Debug, Clone)]
pub(crate) struct Expected {
    pub(crate) letter: Letter,
    pub(crate) queue: QueueId,
    pub(crate) incarnation: u64,
}

/// All queues and tasks.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    pub(crate) queues: BTreeMap<QueueId, Rc<Queue>>,
    /// Names of deleted queues, and when. Not durable.
    pub(crate) deleted: BTreeMap<String, u64>,
    pub(crate) tasks: Vec<Task>,
    /// How many messages and queues there were ever. Never taken back.
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
    fn is_old(&self, letter: &Letter, now: Now) -> bool {
        letter.sent + self.setup.retention * 1000 <= now.wall.0
    }

    fn is_due(letter: &Letter, now: Now) -> bool {
        match letter.now.place {
            Place::Delayed { until } | Place::Hidden { until, .. } => until <= now.lab.0,
            Place::Visible | Place::Leased { .. } => false,
        }
    }

    /// Visible, in flight, delayed.
    pub(crate) fn counts(&self) -> [usize; 3] {
        let mut counts = [0; 3];
        for letter in &self.letters {
            counts[match letter.now.place {
                Place::Visible => 0,
                Place::Hidden { .. } | Place::Leased { .. } => 1,
                Place::Delayed { .. } => 2,
            }] += 1;
        }
        counts
    }

    pub(crate) fn find(&mut self, handle: &Handle) -> Option<usize> {
        let mut letters = self.letters.iter();
        letters.position(|letter| {
            letter.arrival == handle.arrival && Rc::ptr_eq(&letter.ident, &handle.ident)
        })
    }

    pub(crate) fn leased(&mut self, ident: &Rc<Ident>) -> Option<usize> {
        let leased = |letter: &Letter| matches!(letter.now.place, Place::Leased { .. });
        let mut letters = self.letters.iter();
        letters.position(|letter| leased(letter) && Rc::ptr_eq(&letter.ident, ident))
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
        Rc::make_mut(self.queues.get_mut(&id).expect("the caller has looked"))
    }

    pub(crate) fn arrive(&mut self) -> u64 {
        self.arrivals += 1;
        self.arrivals
    }

    /// Time passes: what is due is visible, what is too old is gone.
    pub(crate) fn pass(&mut self, now: Now) {
        for queue in self.queues.values_mut() {
            let touched = |letter: &Letter| Queue::is_due(letter, now) || queue.is_old(letter, now);
            if !queue.letters.iter().any(touched) {
                continue;
            }
            let queue = Rc::make_mut(queue);
            let mut letters = std::mem::take(&mut queue.letters);
            let before = letters.len();
            letters.retain(|letter| !queue.is_old(letter, now));
            queue.tally.expired += (before - letters.len()) as u64;
            for letter in &mut letters {
                if Queue::is_due(letter, now) {
                    letter.now.place = Place::Visible;
                }
            }
            queue.letters = letters;
        }
    }

    /// The process is gone: what was not durable is as if it had never been.
    pub(crate) fn crash(&mut self) {
        self.deleted.clear();
        for queue in self.queues.values_mut() {
            for letter in &mut Rc::make_mut(queue).letters {
                letter.now = letter.kept;
            }
        }
    }

    /// The first moment at which something happens by itself.
    pub(crate) fn first_deadline(&self) -> Option<u64> {
        let letters = self.queues.values().flat_map(|queue| &queue.letters);
        let due = letters.filter_map(|letter| match letter.now.place {
            Place::Delayed { until } | Place::Hidden { until, .. } => Some(until),
            Place::Visible | Place::Leased { .. } => None,
        });
        due.chain(self.tasks.iter().filter_map(Task::next_step))
            .min()
    }

    /// The first moment of wall time at which a message is too old.
    pub(crate) fn first_expiry(&self) -> Option<u64> {
        let old = |queue: &Rc<Queue>| {
            let sent = queue.letters.iter().map(|letter| letter.sent).min();
            Some(sent? + queue.setup.retention * 1000)
        };
        self.queues.values().filter_map(old).min()
    }

    /// Makes a queue: the one that is there, none (the caller adds it), or an error.
    pub(crate) fn create(
        &mut self,
        name: &str,
        patch: &Patch,
        now: Now,
    ) -> Result<Option<QueueId>, &'static str> {
        if let Some(id) = self.by_name(name) {
            let mut asked = self.queues[&id].setup.clone();
            asked.set(patch);
            return match asked == self.queues[&id].setup {
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
            incarnation: self.arrive(),
            setup,
            purged: None,
            letters: Vec::new(),
            tally: Tally::default(),
        };
        self.queues.insert(id, Rc::new(queue));
    }

    pub(crate) fn delete_queue(&mut self, id: QueueId, now: Now) -> Rc<Queue> {
        let queue = self.queues.remove(&id).expect("the caller has looked");
        self.tasks.retain(|task| task.source != id);
        self.deleted.insert(queue.name.clone(), now.lab.0);
        queue
    }

    pub(crate) fn set(&mut self, id: QueueId, patch: &Patch) -> Result<(), &'static str> {
        self.check_redrive(&self.queues[&id].name, patch)?;
        self.queue_mut(id).setup.set(patch);
        Ok(())
    }

    /// Gives what was in it.
    pub(crate) fn purge(&mut self, id: QueueId, now: Now) -> Result<Vec<Letter>, &'static str> {
        let queue = self.queue_mut(id);
        if queue
            .purged
            .is_some_and(|at| at + COOLDOWN * 1000 > now.lab.0)
        {
            return Err("PurgeQueueInProgress");
        }
        queue.purged = Some(now.lab.0);
        queue.tally.purged += queue.letters.len() as u64;
        Ok(std::mem::take(&mut queue.letters))
    }

    /// Whether a handle's message is in its queue once more. A crash may have lost the move that
    /// brought it there: whether the handle is good for the move that was made again is open.
    pub(crate) fn moved_again(&self, handle: &Handle) -> bool {
        let letters = self.queues.get(&handle.queue);
        let mut letters = letters.into_iter().flat_map(|queue| &queue.letters);
        letters.any(|letter| {
            Rc::ptr_eq(&letter.ident, &handle.ident) && letter.arrival != handle.arrival
        })
    }

    /// Whether the message is anywhere.
    pub(crate) fn has(&self, ident: &Rc<Ident>) -> bool {
        let mut letters = self.queues.values().flat_map(|queue| &queue.letters);
        letters.any(|letter| Rc::ptr_eq(&letter.ident, ident))
    }
}
