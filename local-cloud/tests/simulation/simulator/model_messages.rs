//! The model's messages: entering, delivered, deleted, hidden, settled.

use std::rc::Rc;

use local_cloud::clock::Now;
use local_cloud::sqs::engine::QueueId;

use super::ledger::{Handle, Ident};
use super::model::{ARN, Expected, Letter, Model, Place, Standing};

/// The most seconds for which one delivery may hide a message.
const LONGEST: u64 = 43_200;

/// Hidden until then, or visible where that has passed.
fn hidden(since: u64, until: u64, now: Now) -> Place {
    match until <= now.lab.0 {
        true => Place::Visible,
        false => Place::Hidden { since, until },
    }
}

impl Model {
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
                self.move_to_dlq(id, index, target);
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

    fn move_to_dlq(&mut self, id: QueueId, index: usize, target: QueueId) {
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
}
