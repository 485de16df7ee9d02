//! Operations on queues and move tasks.

use local_cloud::sqs::engine::{Attributes, QueueId};

use super::model::{ARN, Patch};
use super::model_tasks::Start;
use super::{CheckResult, Simulation, ensure};

impl Simulation {
    /// One of the names that this run uses.
    pub(crate) fn name(&mut self) -> String {
        format!("q{}", self.rng.below(self.profile.names))
    }

    /// A queue, if there is one.
    pub(crate) fn any_queue(&mut self) -> Option<QueueId> {
        let ids: Vec<QueueId> = self.model.queues.keys().copied().collect();
        (!ids.is_empty()).then(|| self.rng.pick(&ids))
    }

    fn patch(&mut self) -> Patch {
        let rng = &mut self.rng;
        let mut patch = Patch::default();
        if rng.one_in(3) {
            patch.visibility = Some(rng.pick(&self.profile.timeouts));
        }
        if rng.one_in(6) {
            patch.delay = Some(rng.pick(&[0, 0, 1, 5, 900]));
        }
        if rng.one_in(4) {
            patch.retention = Some(rng.pick(&self.profile.retentions));
        }
        if rng.one_in(2) {
            let most = rng.between(1, self.profile.max_receives);
            let most = u32::try_from(most).expect("a small number");
            let keep = !rng.one_in(6);
            let name = self.name();
            patch.redrive = Some(keep.then_some((name, most)));
        }
        patch
    }

    pub(crate) fn create(&mut self) -> CheckResult<()> {
        let name = self.name();
        let patch = match self.rng.one_in(3) {
            true => Patch::default(),
            false => self.patch(),
        };
        let attributes = attributes(&patch);
        let none = Attributes::new();
        let (reply, written) =
            self.command(|sqs, tx| sqs.create_queue(&name, &attributes, none, tx))?;
        let expected = self.model.create(&name, &patch, self.now);
        self.note(|_| format!("create {name} {patch:?} -> {reply:?}"));
        self.check_error("CreateQueue", &reply, &expected)?;
        if let (Ok(id), Ok(expected)) = (reply, expected) {
            match expected {
                Some(expected) => {
                    ensure!(id == expected, "created queue {id}, expected {expected}")
                }
                None => {
                    let new = !self.model.queues.contains_key(&id);
                    ensure!(new, "the new queue's number {id} is in use");
                    self.model.add(id, &name, &patch);
                }
            }
            let operation = self.operation;
            self.submit(written, move |simulation| {
                let (created, _) = simulation.acknowledged.entry(name).or_default();
                *created = operation.max(*created);
            });
        } else {
            self.submit(written, |_| {});
        }
        Ok(())
    }

    pub(crate) fn delete_queue(&mut self) -> CheckResult<()> {
        let Some(id) = self.any_queue() else {
            return Ok(());
        };
        let (reply, written) = self.command(|sqs, tx| sqs.delete_queue(id, tx))?;
        self.check_error("DeleteQueue", &reply, &Ok(()))?;
        let queue = self.model.delete_queue(id, self.now);
        self.note(|_| format!("delete queue {id} {}", queue.name));
        self.acknowledged.entry(queue.name.clone()).or_default().1 = self.operation;
        self.submit(written, move |_| {
            queue
                .messages
                .iter()
                .for_each(|message| message.history.confirm_deleted());
        });
        Ok(())
    }

    pub(crate) fn purge(&mut self) -> CheckResult<()> {
        let Some(id) = self.any_queue() else {
            return Ok(());
        };
        let (reply, written) = self.command(|sqs, tx| sqs.purge(id, tx))?;
        let expected = self.model.purge(id, self.now);
        self.note(|_| format!("purge {id} -> {reply:?}"));
        self.check_error("PurgeQueue", &reply, &expected)?;
        self.submit(written, move |_| {
            let messages = expected.iter().flatten();
            messages.for_each(|message| message.history.confirm_deleted());
        });
        Ok(())
    }

    pub(crate) fn set(&mut self) -> CheckResult<()> {
        let Some(id) = self.any_queue() else {
            return Ok(());
        };
        let patch = self.patch();
        // Expired messages are removed when the queue is next accessed, so before its retention
        // changes.
        self.check_queue(id)?;
        let attributes = attributes(&patch);
        let (reply, written) = self.command(|sqs, tx| sqs.set_attributes(id, &attributes, tx))?;
        let expected = self.model.set(id, &patch);
        self.note(|_| format!("set {id} {patch:?} -> {reply:?}"));
        self.check_error("SetQueueAttributes", &reply, &expected)?;
        self.submit(written, |_| {});
        Ok(())
    }

    pub(crate) fn start_task(&mut self) -> CheckResult<()> {
        // Usually a dead-letter queue.
        let queues = self.model.queues.values();
        let targets: Vec<String> = queues
            .filter_map(|queue| Some(queue.setup.redrive.as_ref()?.0.clone()))
            .collect();
        let source = match targets.is_empty() || self.rng.one_in(10) {
            true => self.name(),
            false => targets[self.rng.index(targets.len())].clone(),
        };
        let destination = self.rng.one_in(3).then(|| self.name());
        let rate = match self.rng.below(4) {
            0 => Some(self.rng.pick(&[0, 1, 1, 2, 3, 10, 500, 501])),
            _ => None,
        };
        let start = Start {
            source,
            destination,
            rate,
        };
        let arn = format!("{ARN}{}", start.source);
        let destination_arn = start
            .destination
            .as_ref()
            .map(|name| format!("{ARN}{name}"));
        let (reply, written) =
            self.command(|sqs, tx| sqs.start_task(&arn, destination_arn, rate, tx))?;
        let expected = self.model.can_start(&start);
        self.note(|_| format!("start task {start:?} -> {reply:?}"));
        self.check_error("StartMessageMoveTask", &reply, &expected)?;
        if let (Ok(handle), Ok(source)) = (reply, expected) {
            self.model.start(source, &start, handle, self.now);
        }
        self.submit(written, |_| {});
        Ok(())
    }

    pub(crate) fn cancel_task(&mut self) -> CheckResult<()> {
        if self.model.tasks.is_empty() {
            return Ok(());
        }
        let index = self.rng.index(self.model.tasks.len());
        let handle = self.model.tasks[index].handle.clone();
        let (reply, written) = self.command(|sqs, tx| sqs.cancel_task(&handle, tx))?;
        let expected = self.model.cancel(&handle);
        self.note(|_| format!("cancel task {index} -> {reply:?}"));
        self.check_error("CancelMessageMoveTask", &reply, &expected)?;
        ensure!(
            reply.as_ref().ok() == expected.as_ref().ok(),
            "a cancelled task reports {reply:?} messages moved, expected {expected:?}"
        );
        self.submit(written, |_| {});
        Ok(())
    }
}

fn attributes(patch: &Patch) -> Attributes {
    let number = |name: &str, value: Option<u64>| Some((name.to_owned(), value?.to_string()));
    let redrive = patch.redrive.as_ref().map(|redrive| match redrive {
        None => String::new(),
        Some((name, most)) => {
            format!(r#"{{"deadLetterTargetArn":"{ARN}{name}","maxReceiveCount":{most}}}"#)
        }
    });
    [
        number("VisibilityTimeout", patch.visibility),
        number("DelaySeconds", patch.delay),
        number("MessageRetentionPeriod", patch.retention),
        redrive.map(|value| ("RedrivePolicy".to_owned(), value)),
    ]
    .into_iter()
    .flatten()
    .collect()
}
