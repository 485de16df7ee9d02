//! What must hold at any time, and at the end.

use local_cloud::clock::LabMs;
use local_cloud::sqs::engine::{DELIVERIES, MESSAGES, QueueId};

use super::model::{ARN, Patch};
use super::{Outcome, World, ensure};

/// How often the end receives everything: more than one chain of dead-letter queues is long.
const ROUNDS: usize = 20;

impl World {
    /// Compares all queues and the next deadline.
    pub(crate) fn check(&mut self) -> Outcome<()> {
        self.model.pass(self.now);
        self.check_deadline()?;
        let ids: Vec<QueueId> = self.model.queues.keys().copied().collect();
        let names = self.model.queues.values().map(|queue| queue.name.clone());
        let mut names: Vec<String> = names.collect();
        names.sort();
        ensure!(
            self.engine.names("", None).eq(&names),
            "there are not the queues {names:?}"
        );
        ids.into_iter().try_for_each(|id| self.look(id))
    }

    /// Nothing happens by itself before the engine says so.
    fn check_deadline(&self) -> Outcome<()> {
        let (wakeup, due) = (self.engine.next_wakeup(), self.model.first_deadline());
        ensure!(
            due.is_none_or(|due| wakeup.is_some_and(|wakeup| wakeup.0 <= due)),
            "the next thing happens at {due:?}, the engine says {wakeup:?}"
        );
        Ok(())
    }

    /// After a tick nothing is overdue but tasks, and who waits for messages finds them.
    pub(crate) fn check_ticked(&self) -> Outcome<()> {
        self.check_deadline()?;
        let busy = self
            .model
            .tasks
            .iter()
            .any(|task| task.next_step().is_some());
        let wakeup = self.engine.next_wakeup();
        ensure!(
            busy || wakeup.is_none_or(|wakeup| wakeup > self.now.lab),
            "after a tick at {:?} the engine is to be woken at {wakeup:?}",
            self.now.lab
        );
        for (id, queue) in &self.model.queues {
            let ready = self.engine.has_ready(*id);
            ensure!(
                queue.counts()[0] == 0 || ready == Some(true),
                "queue {id} has visible messages, the engine says {ready:?}"
            );
        }
        Ok(())
    }

    /// Asks for a queue's attributes and compares them.
    pub(crate) fn look(&mut self, id: QueueId) -> Outcome<()> {
        let all = ["All".to_owned()];
        let (reply, written) = self.command(|sqs, tx| sqs.attributes(id, &all, tx))?;
        self.submit(written, |_| {});
        let attributes = reply.map_err(|error| error.to_string())?;
        let queue = &self.model.queues[&id];
        let count = |name: &str| -> Outcome<usize> {
            let value = attributes.get(name).ok_or("a count is missing")?;
            value.parse().map_err(|_| format!("{name} is {value}"))
        };
        let counts = [
            count("ApproximateNumberOfMessages")?,
            count("ApproximateNumberOfMessagesNotVisible")?,
            count("ApproximateNumberOfMessagesDelayed")?,
        ];
        ensure!(
            counts == queue.counts(),
            "queue {id} counts {counts:?}, should {:?}",
            queue.counts()
        );
        let tally = queue.tally;
        let left = tally.deleted + tally.expired + tally.purged + tally.moved;
        ensure!(
            tally.entered == left + counts.iter().sum::<usize>() as u64,
            "queue {id} counts {counts:?} of {tally:?}"
        );
        let settings = self
            .engine
            .settings(id)
            .map_err(|error| error.to_string())?;
        let redrive = settings.redrive.as_ref();
        let redrive = redrive.map(|policy| (&*policy.target, policy.max_receives));
        let target = queue.setup.redrive.as_ref();
        let target = target.map(|(name, most)| (format!("{ARN}{name}"), *most));
        let same = [
            (settings.visibility_timeout, queue.setup.visibility),
            (settings.delay, queue.setup.delay),
            (settings.retention, queue.setup.retention),
        ];
        let same = same.iter().all(|(one, other)| u64::from(*one) == *other)
            && redrive == target.as_ref().map(|(arn, most)| (&**arn, *most));
        ensure!(same, "queue {id} is {settings:?}, should {:?}", queue.setup);
        Ok(())
    }

    /// Receives and deletes all that is left, which is what the model says, and leaves nothing
    /// behind.
    pub(crate) fn drain(&mut self) -> Outcome<()> {
        for queue in self.model.queues.values() {
            self.done.moves += queue.tally.moved;
        }
        match self.chance.below(3) {
            0 => self.crash()?,
            1 => self.restart()?,
            _ => {
                self.write_all();
                self.release_all()?;
            }
        }
        self.write_all();
        let ids: Vec<QueueId> = self.model.queues.keys().copied().collect();
        for id in &ids {
            // Two dead-letter queues of one another would pass a message to and fro for ever.
            let patch = Patch {
                redrive: Some(None),
                ..Patch::default()
            };
            let none = [("RedrivePolicy".to_owned(), String::new())].into();
            let (reply, written) = self.command(|sqs, tx| sqs.set_attributes(*id, &none, tx))?;
            let expected = self.model.set(*id, &patch);
            self.agree("SetQueueAttributes", &reply, &expected)?;
            self.submit(written, |_| {});
        }
        for _ in 0..ROUNDS {
            self.now.lab = LabMs(self.now.lab.0 + 43_200_000);
            self.tick()?;
            for id in &ids {
                while self.model.queues[id].counts()[0] > 0 {
                    self.receive_from(*id, 10, Some(43_200))?;
                    self.write_all();
                    self.delete_newest(10)?;
                }
            }
        }
        self.write_all();
        self.check()?;
        self.write_all();
        let left = self.model.queues.values().map(|queue| queue.letters.len());
        ensure!(left.sum::<usize>() == 0, "the end finds not everything");
        for collection in [MESSAGES, DELIVERIES] {
            let left = self.journal.entries(collection).len();
            ensure!(
                left == 0,
                "{left} entries of {collection} are left for nobody"
            );
        }
        Ok(())
    }

    fn delete_newest(&mut self, count: usize) -> Outcome<()> {
        let from = self.handles.len().saturating_sub(count);
        for handle in self.handles.split_off(from) {
            let (reply, written) =
                self.command(|sqs, tx| sqs.delete_message(handle.queue, &handle.text, tx))?;
            let known = self.model.queues.get(&handle.queue);
            if known.is_some_and(|queue| queue.incarnation == handle.incarnation) {
                reply.map_err(|error| error.to_string())?;
                self.model.delete(handle.queue, &handle);
            }
            self.submit(written, move |_| {});
        }
        Ok(())
    }
}
