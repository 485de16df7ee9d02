//! The checks during a run and at its end.

use local_cloud::clock::LabMs;
use local_cloud::sqs::engine::{DELIVERIES, MESSAGES, QueueId};

use super::model::{ARN, Patch};
use super::{CheckResult, Simulation, ensure};

/// How often everything is received at the end: more than the longest chain of dead-letter
/// queues.
const ROUNDS: usize = 20;

impl Simulation {
    /// Compares all queues and the next deadline.
    pub(crate) fn check(&mut self) -> CheckResult<()> {
        self.model.advance_to(self.now);
        self.check_deadline()?;
        let ids: Vec<QueueId> = self.model.queues.keys().copied().collect();
        let queues = self.model.queues.values();
        let mut names: Vec<String> = queues.map(|queue| queue.name.clone()).collect();
        names.sort();
        ensure!(
            self.engine.names("", None).eq(&names),
            "the engine's queues are not {names:?}"
        );
        ids.into_iter().try_for_each(|id| self.check_queue(id))
    }

    /// The engine's next wake-up is not after the model's first deadline.
    fn check_deadline(&self) -> CheckResult<()> {
        let (wakeup, due) = (self.engine.next_wakeup(), self.model.first_deadline());
        ensure!(
            due.is_none_or(|due| wakeup.is_some_and(|wakeup| wakeup.0 <= due)),
            "something is due at {due:?}, but the engine's next wake-up is {wakeup:?}"
        );
        Ok(())
    }

    /// After a tick nothing is overdue except tasks, and visible messages can be received.
    pub(crate) fn check_ticked(&self) -> CheckResult<()> {
        self.check_deadline()?;
        let busy = self
            .model
            .tasks
            .iter()
            .any(|task| task.next_step().is_some());
        let wakeup = self.engine.next_wakeup();
        ensure!(
            busy || wakeup.is_none_or(|wakeup| wakeup > self.now.lab),
            "after a tick at {:?} the engine's next wake-up is {wakeup:?}",
            self.now.lab
        );
        for (id, queue) in &self.model.queues {
            let ready = self.engine.has_ready(*id);
            ensure!(
                queue.counts()[0] == 0 || ready == Some(true),
                "queue {id} has visible messages, but has_ready is {ready:?}"
            );
        }
        Ok(())
    }

    /// Compares a queue's attributes and counts with the model's.
    pub(crate) fn check_queue(&mut self, id: QueueId) -> CheckResult<()> {
        let all = ["All".to_owned()];
        let (reply, written) = self.command(|sqs, tx| sqs.attributes(id, &all, tx))?;
        self.submit(written, |_| {});
        let attributes = reply.map_err(|error| error.to_string())?;
        let queue = &self.model.queues[&id];
        let count = |name: &str| -> CheckResult<usize> {
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
            "queue {id} counts {counts:?}, expected {:?}",
            queue.counts()
        );
        let totals = queue.totals;
        let left = totals.deleted + totals.expired + totals.purged + totals.moved;
        ensure!(
            totals.entered == left + counts.iter().sum::<usize>() as u64,
            "queue {id} counts {counts:?}, which does not add up with {totals:?}"
        );
        let settings = self
            .engine
            .settings(id)
            .map_err(|error| error.to_string())?;
        let redrive = settings.redrive.as_ref();
        let actual = redrive.map(|policy| (policy.target.clone(), policy.max_receives));
        let setup = queue.setup.redrive.as_ref();
        let expected = setup.map(|(name, most)| (format!("{ARN}{name}"), *most));
        let times = [
            (settings.visibility_timeout, queue.setup.visibility),
            (settings.delay, queue.setup.delay),
            (settings.retention, queue.setup.retention),
        ];
        let same = times.iter().all(|(one, other)| u64::from(*one) == *other) && actual == expected;
        ensure!(
            same,
            "queue {id} has {settings:?}, expected {:?}",
            queue.setup
        );
        Ok(())
    }

    /// Receives and deletes everything, which must be what the model has, and checks that nothing
    /// is left in the journal.
    pub(crate) fn drain(&mut self) -> CheckResult<()> {
        for queue in self.model.queues.values() {
            self.stats.moves += queue.totals.moved;
        }
        match self.rng.below(3) {
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
            // Two queues that are each other's dead-letter queue would exchange a message forever.
            let patch = Patch {
                redrive: Some(None),
                ..Patch::default()
            };
            let none = [("RedrivePolicy".to_owned(), String::new())].into();
            let (reply, written) = self.command(|sqs, tx| sqs.set_attributes(*id, &none, tx))?;
            let expected = self.model.set(*id, &patch);
            self.check_error("SetQueueAttributes", &reply, &expected)?;
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
        let mut queues = self.model.queues.values();
        ensure!(
            queues.all(|queue| queue.messages.is_empty()),
            "messages are left after the final receives"
        );
        for collection in [MESSAGES, DELIVERIES] {
            let left = self.journal.entries(collection).len();
            ensure!(
                left == 0,
                "{left} orphaned entries of {collection} are left"
            );
        }
        Ok(())
    }

    fn delete_newest(&mut self, count: usize) -> CheckResult<()> {
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
