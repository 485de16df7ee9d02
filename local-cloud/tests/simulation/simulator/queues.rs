//! Operations on queues themselves, and on move tasks.

use local_cloud::sqs::engine::{Attributes, QueueId};

use super::model::{ARN, Patch};
use super::model_tasks::Start;
use super::{Outcome, World, ensure};

impl World {
    /// One of the names that this run uses.
    pub(crate) fn name(&mut self) -> String {
        format!("q{}", self.chance.below(self.profile.names))
    }

    /// A queue, where there is one.
    pub(crate) fn any_queue(&mut self) -> Option<QueueId> {
        let ids: Vec<QueueId> = self.model.queues.keys().copied().collect();
        (!ids.is_empty()).then(|| self.chance.pick(&ids))
    }

    fn patch(&mut self) -> Patch {
        let chance = &mut self.chance;
        let mut patch = Patch::default();
        if chance.one_in(3) {
            patch.visibility = Some(chance.pick(&self.profile.timeouts));
        }
        if chance.one_in(6) {
            patch.delay = Some(chance.pick(&[0, 0, 1, 5, 900]));
        }
        if chance.one_in(4) {
            patch.retention = Some(chance.pick(&self.profile.retentions));
        }
        if chance.one_in(2) {
            let most = chance.between(1, self.profile.max_receives);
            let most = u32::try_from(most).expect("a small number");
            let keep = !chance.one_in(6);
            let name = self.name();
            patch.redrive = Some(keep.then_some((name, most)));
        }
        patch
    }

    pub(crate) fn create(&mut self) -> Outcome<()> {
        let name = self.name();
        let patch = match self.chance.one_in(3) {
            true => Patch::default(),
            false => self.patch(),
        };
        let attributes = attributes(&patch);
        let none = Attributes::new();
        let (reply, written) =
            self.command(|sqs, tx| sqs.create_queue(&name, &attributes, none, tx))?;
        let expected = self.model.create(&name, &patch, self.now);
        self.note(|_| format!("create {name} {patch:?} -> {reply:?}"));
        self.agree("CreateQueue", &reply, &expected)?;
        if let (Ok(id), Ok(expected)) = (reply, expected) {
            match expected {
                Some(expected) => ensure!(id == expected, "queue {id} should be {expected}"),
                None => {
                    let new = !self.model.queues.contains_key(&id);
                    ensure!(new, "the number {id} of a new queue is in use");
                    self.model.add(id, &name, &patch);
                }
            }
            let operation = self.operation;
            self.submit(written, move |world| {
                let promise = world.promised.entry(name).or_default();
                promise.0 = promise.0.max(operation);
            });
        } else {
            self.submit(written, |_| {});
        }
        Ok(())
    }

    pub(crate) fn delete_queue(&mut self) -> Outcome<()> {
        let Some(id) = self.any_queue() else {
            return Ok(());
        };
        let (reply, written) = self.command(|sqs, tx| sqs.delete_queue(id, tx))?;
        self.agree("DeleteQueue", &reply, &Ok(()))?;
        let queue = self.model.delete_queue(id, self.now);
        self.note(|_| format!("delete queue {id} {}", queue.name));
        self.promised.entry(queue.name.clone()).or_default().1 = self.operation;
        self.submit(written, move |_| {
            queue
                .letters
                .iter()
                .for_each(|letter| letter.ident.is_gone());
        });
        Ok(())
    }

    pub(crate) fn purge(&mut self) -> Outcome<()> {
        let Some(id) = self.any_queue() else {
            return Ok(());
        };
        let (reply, written) = self.command(|sqs, tx| sqs.purge(id, tx))?;
        let expected = self.model.purge(id, self.now);
        self.note(|_| format!("purge {id} -> {reply:?}"));
        self.agree("PurgeQueue", &reply, &expected)?;
        self.submit(written, move |_| {
            let letters = expected.iter().flatten();
            letters.for_each(|letter| letter.ident.is_gone());
        });
        Ok(())
    }

    pub(crate) fn set(&mut self) -> Outcome<()> {
        let Some(id) = self.any_queue() else {
            return Ok(());
        };
        let patch = self.patch();
        // What is too old goes when the queue is looked at next: before its retention changes.
        self.look(id)?;
        let attributes = attributes(&patch);
        let (reply, written) = self.command(|sqs, tx| sqs.set_attributes(id, &attributes, tx))?;
        let expected = self.model.set(id, &patch);
        self.note(|_| format!("set {id} {patch:?} -> {reply:?}"));
        self.agree("SetQueueAttributes", &reply, &expected)?;
        self.submit(written, |_| {});
        Ok(())
    }

    pub(crate) fn start_task(&mut self) -> Outcome<()> {
        // Rather a dead-letter queue than another.
        let redrives = self.model.queues.values();
        let targets = redrives.filter_map(|queue| Some(queue.setup.redrive.as_ref()?.0.clone()));
        let targets: Vec<String> = targets.collect();
        let source = match targets.is_empty() || self.chance.one_in(10) {
            true => self.name(),
            false => targets[self.chance.index(targets.len())].clone(),
        };
        let destination = self.chance.one_in(3).then(|| self.name());
        let rate = match self.chance.below(4) {
            0 => Some(self.chance.pick(&[0, 1, 1, 2, 3, 10, 500, 501])),
            _ => None,
        };
        let start = Start {
            source,
            destination,
            rate,
        };
        let arn = format!("{ARN}{}", start.source);
        let destination = start.destination.as_ref();
        let destination = destination.map(|name| format!("{ARN}{name}"));
        let (reply, written) =
            self.command(|sqs, tx| sqs.start_task(&arn, destination, rate, tx))?;
        let expected = self.model.can_start(&start);
        self.note(|_| format!("start task {start:?} -> {reply:?}"));
        self.agree("StartMessageMoveTask", &reply, &expected)?;
        if let (Ok(handle), Ok(source)) = (reply, expected) {
            self.model.start(source, &start, handle, self.now);
        }
        self.submit(written, |_| {});
        Ok(())
    }

    pub(crate) fn cancel_task(&mut self) -> Outcome<()> {
        if self.model.tasks.is_empty() {
            return Ok(());
        }
        let index = self.chance.index(self.model.tasks.len());
        let handle = self.model.tasks[index].handle.clone();
        let (reply, written) = self.command(|sqs, tx| sqs.cancel_task(&handle, tx))?;
        let expected = self.model.cancel(&handle);
        self.note(|_| format!("cancel task {index} -> {reply:?}"));
        self.agree("CancelMessageMoveTask", &reply, &expected)?;
        ensure!(
            reply.as_ref().ok() == expected.as_ref().ok(),
            "a cancelled task says it moved {reply:?}, it moved {expected:?}"
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
