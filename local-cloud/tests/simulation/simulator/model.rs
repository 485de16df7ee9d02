//! What the queues should hold: lists that are searched from one end to the other, and the rules
//! of SQS written out once more. It predicts every reply, and is copied after each command, so
//! that a crash can take it back to what was durable.

use std::collections::BTreeMap;
use std::rc::Rc;

use local_cloud::clock::Now;
use local_cloud::engines::sqs::QueueId;

use super::ledger::{Handle, Ident};
use super::model_tasks::Task;

/// What the names of all queues follow in their ARNs.
pub(crate) const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:";

/// Seconds between two purges, and between a queue's deletion and its next making.
const COOLDOWN: u64 = 60;

/// The most seconds for which one delivery may hide a message.
const LONGEST: u64 = 43_200;

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

/// Hidden until then, or visible where that has passed.
fn hidden(since: u64, until: u64, now: Now) -> Place {
    match until <= now.lab.0 {
        true => Place::Visible,
        false => Place::Hidden { since, until },
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

    fn find(&mut self, handle: &Handle) -> Option<usize> {
        let mut letters = self.letters.iter();
        letters.position(|letter| {
            letter.arrival == handle.arrival && Rc::ptr_eq(&letter.ident, &handle.ident)
        })
    }

    fn leased(&mut self, ident: &Rc<Ident>) -> Option<usize> {
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

    /// A message that was never received enters a queue.
    pub(crate) fn put(&mut self, id: QueueId, ident: Rc<Ident>, delay: u64, now: Now) {
        let place = match delay {
            0 => Place::Visible,
            delay => Place::Delayed {
                until: now.lab.0 + delay * 1000,
            },
        };
        let standing = Standing {
            place,
            receives: 0,
            first: 0,
        };
        let letter = Letter {
            ident,
            arrival: self.arrive(),
            sent: now.wall.0,
            origin: None,
            now: standing,
            kept: standing,
        };
        let queue = self.queue_mut(id);
        queue.tally.entered += 1;
        queue.letters.push(letter);
    }

    /// Delivers the oldest visible ones, up to a number and a size, and moves on its way those
    /// received too often.
    pub(crate) fn deliver(
        &mut self,
        id: QueueId,
        (max, max_bytes): (usize, usize),
        place: Place,
        now: Now,
    ) -> Vec<Expected> {
        let redrive = self.queues[&id].setup.redrive.clone();
        let redrive = redrive.and_then(|(name, most)| Some((self.by_name(&name)?, most)));
        let (mut delivered, mut bytes) = (Vec::new(), 0);
        while delivered.len() < max {
            let queue = self.queue_mut(id);
            let visible = |letter: &Letter| letter.now.place == Place::Visible;
            let Some(index) = queue.letters.iter().position(visible) else {
                break;
            };
            if let Some((target, most)) = redrive
                && queue.letters[index].now.receives >= most
            {
                self.bury(id, index, target);
                continue;
            }
            let incarnation = queue.incarnation;
            let letter = &mut queue.letters[index];
            bytes += letter.ident.content.size;
            if bytes > max_bytes {
                break;
            }
            letter.now.receives += 1;
            if letter.now.receives == 1 {
                letter.now.first = now.wall.0;
            }
            letter.now.place = place;
            delivered.push(Expected {
                letter: letter.clone(),
                queue: id,
                incarnation,
            });
        }
        delivered
    }

    fn bury(&mut self, id: QueueId, index: usize, target: QueueId) {
        let arrival = self.arrive();
        let queue = self.queue_mut(id);
        let mut letter = queue.letters.remove(index);
        queue.tally.moved += 1;
        letter.origin = Some(format!("{ARN}{}", queue.name));
        letter.arrival = arrival;
        letter.kept = letter.now;
        let target = self.queue_mut(target);
        target.tally.entered += 1;
        target.letters.push(letter);
    }

    /// A client's receive: counted for good.
    pub(crate) fn receive(
        &mut self,
        id: QueueId,
        max: usize,
        timeout: u64,
        now: Now,
    ) -> Vec<Expected> {
        let since = now.lab.0;
        let until = since + timeout * 1000;
        let room = (max, usize::MAX);
        let delivered = self.deliver(id, room, Place::Hidden { since, until }, now);
        let queue = self.queue_mut(id);
        for one in &delivered {
            let mut letters = queue.letters.iter_mut();
            let letter = letters.find(|letter| letter.arrival == one.letter.arrival);
            let letter = letter.expect("it was just delivered");
            letter.now.place = hidden(since, until, now);
            letter.kept = letter.now;
        }
        delivered
    }

    /// Deletes by handle; tells whether there was anything.
    pub(crate) fn delete(&mut self, id: QueueId, handle: &Handle) -> bool {
        let queue = self.queue_mut(id);
        let Some(index) = queue.find(handle) else {
            return false;
        };
        queue.letters.remove(index);
        queue.tally.deleted += 1;
        true
    }

    /// Changes visibility by handle; tells whether the change outlives the process.
    pub(crate) fn change_visibility(
        &mut self,
        id: QueueId,
        handle: &Handle,
        seconds: u64,
        now: Now,
    ) -> Result<bool, &'static str> {
        const INVALID: &str = "InvalidParameterValueException";
        let queue = self.queue_mut(id);
        let index = queue.find(handle).ok_or(INVALID)?;
        let letter = &mut queue.letters[index];
        let until = now.lab.0 + seconds * 1000;
        let (since, place) = match letter.now.place {
            Place::Hidden { since, .. } => (since, hidden(since, until, now)),
            Place::Leased { since, .. } => (since, Place::Leased { since, until }),
            Place::Visible | Place::Delayed { .. } => return Err("MessageNotInflight"),
        };
        if seconds > LONGEST || until > since + LONGEST * 1000 {
            return Err(INVALID);
        }
        letter.now.place = place;
        let lasting = !matches!(place, Place::Leased { .. });
        if lasting {
            letter.kept = letter.now;
        }
        Ok(lasting)
    }

    /// A mapping is done with a message: it is deleted.
    pub(crate) fn settle_deleted(&mut self, id: QueueId, ident: &Rc<Ident>) {
        let queue = self.queue_mut(id);
        if let Some(index) = queue.leased(ident) {
            queue.letters.remove(index);
            queue.tally.deleted += 1;
        }
    }

    /// Its function failed: the delivery counts. Gives until when it is hidden, if it still is.
    pub(crate) fn settle_failed(
        &mut self,
        id: QueueId,
        ident: &Rc<Ident>,
        now: Now,
    ) -> Option<u64> {
        let queue = self.queue_mut(id);
        let index = queue.leased(ident)?;
        let letter = &mut queue.letters[index];
        let Place::Leased { since, until } = letter.now.place else {
            return None;
        };
        letter.now.place = hidden(since, until, now);
        letter.kept = letter.now;
        (letter.now.place != Place::Visible).then_some(until)
    }

    /// Its function never ran: it is as if it had not been delivered.
    pub(crate) fn settle_released(&mut self, id: QueueId, ident: &Rc<Ident>) {
        let queue = self.queue_mut(id);
        if let Some(index) = queue.leased(ident) {
            let letter = &mut queue.letters[index];
            letter.now.place = Place::Visible;
            letter.now.receives -= 1;
        }
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
