//! Clients' operations on messages.

use std::rc::Rc;
use std::sync::Arc;

use local_cloud::sqs::engine::{Attribute, Draft, QueueId, Received, Value};

use super::history::{Content, Handle, MessageHistory};
use super::model::{Expected, MessageState};
use super::{CheckResult, Simulation, ensure};

/// How many handles clients keep.
const MAX_HANDLES: usize = 80;

impl Simulation {
    pub(crate) fn send(&mut self) -> CheckResult<()> {
        let Some(id) = self.any_queue() else {
            return self.create();
        };
        let several = self.rng.one_in(3);
        let count = if several { self.rng.between(1, 10) } else { 1 };
        let drafts: Vec<Draft> = (0..count).map(|_| self.draft()).collect();
        let sent = drafts.clone();
        let (replies, written) = self.command(|sqs, tx| {
            let send = |draft| sqs.send(id, draft, tx);
            sent.into_iter().map(send).collect::<Vec<_>>()
        })?;
        let default = self.model.queues[&id].setup.delay;
        for (draft, reply) in drafts.into_iter().zip(replies) {
            self.check_error("SendMessage", &reply, &Ok(()))?;
            let message = reply.map_err(|error| error.to_string())?.message;
            let (text, size) = (message.id(), draft.size());
            let given = draft
                .delay_seconds
                .and_then(|seconds| u64::try_from(seconds).ok());
            let content = Rc::new(Content {
                body: draft.body,
                attributes: draft.attributes,
                group: draft.group,
                trace: draft.trace,
                size,
            });
            let history = MessageHistory::new(content, Some(text.clone()));
            let delay = given.unwrap_or(default);
            self.note(|_| format!("send {} to {id}, delay {delay}", history.name()));
            self.model.put(id, Rc::clone(&history), delay, self.now);
            let previous = self.histories.insert(text, history);
            ensure!(previous.is_none(), "two messages have the same id");
        }
        self.submit(written, |_| {});
        Ok(())
    }

    fn draft(&mut self) -> Draft {
        self.messages_made += 1;
        let rng = &mut self.rng;
        let length =
            usize::try_from(rng.below(self.profile.longest_body + 1)).expect("a short body");
        let name = format!("m{}", self.messages_made);
        let body = format!("{name:.<length$}");
        let attribute = |number| Attribute {
            name: format!("name-{number}").into(),
            data_type: if number == 0 { "String" } else { "Binary" }.into(),
            value: match number {
                0 => Value::Text(body.clone().into()),
                _ => Value::Binary(body.clone().into_bytes().into()),
            },
        };
        let attributes = 0..rng.below(6).saturating_sub(3);
        let delay_seconds = match rng.below(4) {
            0 => Some(rng.pick(&[0, 1, 7, 900])),
            _ => None,
        };
        Draft {
            attributes: attributes.map(attribute).collect(),
            delay_seconds,
            group: rng.one_in(8).then(|| "group".into()),
            trace: rng.one_in(8).then(|| "Root=1".into()),
            sender: Arc::from("sender"),
            body: body.into(),
        }
    }

    pub(crate) fn receive(&mut self) -> CheckResult<()> {
        let Some(id) = self.any_queue() else {
            return Ok(());
        };
        let max = self.rng.pick(&[1, 2, 3, 10, 10]);
        let timeout = match self.rng.below(3) {
            0 => Some(self.rng.pick(&[0, 0, 1, 30, 43_200])),
            _ => None,
        };
        self.receive_from(id, max, timeout)
    }

    pub(crate) fn receive_from(
        &mut self,
        id: QueueId,
        max: usize,
        timeout: Option<u32>,
    ) -> CheckResult<()> {
        let (reply, written) = self.command(|sqs, tx| sqs.receive(id, max, timeout, tx))?;
        self.check_error("ReceiveMessage", &reply, &Ok(()))?;
        let received = reply.map_err(|error| error.to_string())?;
        let default = self.model.queues[&id].setup.visibility;
        let seconds = timeout.map_or(default, u64::from);
        let expected = self.model.receive(id, max, seconds, self.now);
        self.note(|_| {
            let names: Vec<_> = received.iter().map(|one| &*one.message.body).collect();
            format!("receive {max} from {id} for {seconds} s -> {names:?}")
        });
        let handles = self.check_deliveries(&received, &expected, false)?;
        let (operation, until) = (self.operation, self.until(seconds));
        self.submit(written, move |simulation| {
            for handle in handles {
                handle.history.confirm_receive();
                handle.history.confirm_hidden(operation, until);
                simulation.remember(handle);
            }
        });
        Ok(())
    }

    /// Checks deliveries against the model and the history of each message.
    pub(crate) fn check_deliveries(
        &mut self,
        received: &[Received],
        expected: &[Expected],
        lease: bool,
    ) -> CheckResult<Vec<Handle>> {
        let got = received.iter().map(|one| &*one.message.body);
        let wanted = expected
            .iter()
            .map(|one| &*one.message.history.content.body);
        ensure!(
            got.clone().eq(wanted.clone()),
            "delivered {:?}, expected {:?}",
            got.collect::<Vec<_>>(),
            wanted.collect::<Vec<_>>()
        );
        let both = received.iter().zip(expected);
        both.map(|(received, expected)| self.check_delivery(received, expected, lease))
            .collect()
    }

    fn check_delivery(
        &mut self,
        received: &Received,
        expected: &Expected,
        lease: bool,
    ) -> CheckResult<Handle> {
        self.stats.deliveries += 1;
        let (message, queued) = (&received.message, &expected.message);
        let (history, content) = (&queued.history, &queued.history.content);
        let id = message.id();
        match (self.histories.get(&id), history.id.get()) {
            (Some(known), _) => {
                ensure!(Rc::ptr_eq(known, history), "two messages have the id {id}")
            }
            (None, Some(own)) => {
                return Err(format!(
                    "the id of {} was {own}, now is {id}",
                    history.name()
                ));
            }
            (None, None) => {
                history.id.get_or_init(|| id.clone());
                self.histories.insert(id, Rc::clone(history));
            }
        }
        let same = message.attributes() == content.attributes
            && message.group == content.group
            && message.trace == content.trace
            && &*message.sender == "sender";
        ensure!(same, "{} was altered: {message:?}", history.name());
        let origin = message.dead_letter_source.as_deref();
        ensure!(
            message.sent.0 == queued.sent && origin == queued.origin.as_deref(),
            "{} was sent at {}, comes from {:?}, but is {message:?}",
            history.name(),
            queued.sent,
            queued.origin
        );
        ensure!(
            received.receives == queued.current.receives
                && received.first_received.0 == queued.current.first_receive,
            "{} was received {} times, first at {}, but is {received:?}",
            history.name(),
            queued.current.receives,
            queued.current.first_receive
        );
        history.record_delivery(received.receives, self.now.lab.0, self.generation, lease)?;
        Ok(Handle {
            queue: expected.queue,
            incarnation: expected.incarnation,
            arrival: queued.arrival,
            generation: self.generation,
            history: Rc::clone(history),
            text: received.receipt_handle.clone(),
        })
    }

    /// Gives a client a handle.
    pub(crate) fn remember(&mut self, handle: Handle) {
        if self.handles.len() >= MAX_HANDLES {
            let index = self.rng.index(self.handles.len());
            self.handles.remove(index);
        }
        self.handles.push(handle);
    }

    /// A handle, usually a recent one, and the queue to use it on, usually its own.
    fn handle(&mut self) -> Option<(QueueId, Handle)> {
        let length = self.handles.len();
        if length == 0 {
            return None;
        }
        let back = match self.rng.one_in(3) {
            true => self.rng.index(length),
            false => self.rng.index(length.min(6)),
        };
        let handle = self.handles[length - 1 - back].clone();
        if handle.generation < self.generation && self.model.moved_again(&handle) {
            return None;
        }
        let other = self.rng.one_in(20).then(|| self.any_queue()).flatten();
        Some((other.unwrap_or(handle.queue), handle))
    }

    pub(crate) fn delete(&mut self) -> CheckResult<()> {
        if self.rng.one_in(12) {
            return self.delete_with_invalid_handle();
        }
        let count = self.rng.pick(&[1, 1, 1, 5, 10]);
        let chosen: Vec<_> = (0..count).filter_map(|_| self.handle()).collect();
        let (replies, written) = self.command(|sqs, tx| {
            let delete = |(id, handle): &(_, Handle)| sqs.delete_message(*id, &handle.text, tx);
            chosen.iter().map(delete).collect::<Vec<_>>()
        })?;
        let mut deleted = Vec::new();
        for ((id, handle), reply) in chosen.into_iter().zip(replies) {
            let expected = self.check_handle(id, &handle);
            self.note(|_| format!("delete {} from {id} -> {reply:?}", handle.history.name()));
            self.check_error("DeleteMessage", &reply, &expected)?;
            if expected.is_ok() {
                self.model.delete(id, &handle);
                // A copy that was moved in the meantime remains, so the message is not gone.
                if !self.model.has(&handle.history) {
                    deleted.push(handle.history);
                }
            }
        }
        self.submit(written, move |_| {
            deleted.iter().for_each(|history| history.confirm_deleted())
        });
        Ok(())
    }

    /// Whether a handle belongs to this queue.
    fn check_handle(&self, id: QueueId, handle: &Handle) -> Result<(), &'static str> {
        match self.model.queues.get(&id) {
            None => Err("QueueDoesNotExist"),
            Some(queue) if queue.incarnation == handle.incarnation => Ok(()),
            Some(_) => Err("ReceiptHandleIsInvalid"),
        }
    }

    /// Deletes by a handle that no client was given. Whatever the reply, nothing must happen.
    fn delete_with_invalid_handle(&mut self) -> CheckResult<()> {
        let Some((id, handle)) = self.handle() else {
            return Ok(());
        };
        let mut text = handle.text.into_bytes();
        let at = self.rng.index(text.len());
        match self.rng.below(3) {
            0 => text.truncate(at),
            1 => text.clear(),
            // After the queue's part and before the delivery's.
            _ => text[11 + at % 28] ^= 1 + (at % 3) as u8,
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        let (reply, written) = self.command(|sqs, tx| sqs.delete_message(id, &text, tx))?;
        self.note(|_| format!("delete invalid handle {text} from {id} -> {reply:?}"));
        ensure!(
            written.changes.is_empty(),
            "an invalid handle deletes something"
        );
        Ok(())
    }

    pub(crate) fn visibility(&mut self) -> CheckResult<()> {
        let Some((id, handle)) = self.handle() else {
            return Ok(());
        };
        let seconds = self.rng.pick(&[0, 0, 1, 10, 60, 43_199, 43_200, 43_201]);
        let given = i64::try_from(seconds).expect("a small number");
        let (reply, written) =
            self.command(|sqs, tx| sqs.change_visibility(id, &handle.text, given, tx))?;
        let now = self.now;
        let model = &mut self.model;
        let expected = match model.queues.get(&id) {
            None => Err("QueueDoesNotExist"),
            Some(_) if seconds > 43_200 => Err("InvalidParameterValueException"),
            Some(queue) if queue.incarnation != handle.incarnation => Err("ReceiptHandleIsInvalid"),
            Some(_) => model.change_visibility(id, &handle, seconds, now),
        };
        self.note(|_| {
            format!(
                "hide {} for {seconds} s -> {reply:?}",
                handle.history.name()
            )
        });
        self.check_error("ChangeMessageVisibility", &reply, &expected)?;
        let durable = expected == Ok(true);
        if durable {
            handle.history.begin_visibility_change(self.operation);
        }
        let (operation, until) = (self.operation, self.until(seconds));
        self.submit(written, move |_| {
            if durable {
                handle.history.confirm_hidden(operation, until);
            }
        });
        Ok(())
    }

    /// The lab time until which a message is hidden. 0 for a timeout of 0, which holds even if
    /// the clock goes back.
    fn until(&self, seconds: u64) -> u64 {
        match seconds {
            0 => 0,
            seconds => self.now.lab.0 + seconds * 1000,
        }
    }

    /// Whether a mapping holds a lease on the message in this queue.
    pub(crate) fn is_leased(&self, id: QueueId, history: &Rc<MessageHistory>) -> bool {
        self.model.queues.get(&id).is_some_and(|queue| {
            let mut messages = queue.messages.iter();
            messages.any(|message| {
                Rc::ptr_eq(&message.history, history)
                    && matches!(message.current.state, MessageState::Leased { .. })
            })
        })
    }
}
