//! Operations on messages: what clients do with them.

use std::rc::Rc;
use std::sync::Arc;

use local_cloud::sqs::engine::{Attribute, Draft, QueueId, Received, Value};

use super::ledger::{Content, Handle, Ident};
use super::model::{Expected, Place};
use super::{Outcome, World, ensure};

/// How many handles clients remember.
const REMEMBERED: usize = 80;

impl World {
    pub(crate) fn send(&mut self) -> Outcome<()> {
        let Some(id) = self.any_queue() else {
            return self.create();
        };
        let several = self.chance.one_in(3);
        let count = if several {
            self.chance.between(1, 10)
        } else {
            1
        };
        let drafts: Vec<Draft> = (0..count).map(|_| self.draft()).collect();
        let sent = drafts.clone();
        let (replies, written) = self.command(|sqs, tx| {
            let send = |draft| sqs.send(id, draft, tx);
            sent.into_iter().map(send).collect::<Vec<_>>()
        })?;
        let own = self.model.queues[&id].setup.delay;
        for (draft, reply) in drafts.into_iter().zip(replies) {
            self.agree("SendMessage", &reply, &Ok(()))?;
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
            let ident = Ident::new(content, Some(text.clone()));
            let delay = given.unwrap_or(own);
            self.note(|_| format!("send {} to {id}, delay {delay}", ident.name()));
            self.model.put(id, Rc::clone(&ident), delay, self.now);
            let before = self.known.insert(text, ident);
            ensure!(before.is_none(), "a message id is drawn twice");
        }
        self.submit(written, |_| {});
        Ok(())
    }

    fn draft(&mut self) -> Draft {
        self.lineages += 1;
        let chance = &mut self.chance;
        let length = chance.below(self.profile.longest_body + 1);
        let length = usize::try_from(length).expect("a short body");
        let body = format!("m{}", self.lineages);
        let body = format!("{body:.<length$}");
        let attribute = |number| Attribute {
            name: format!("name-{number}").into(),
            data_type: if number == 0 { "String" } else { "Binary" }.into(),
            value: match number {
                0 => Value::Text(body.clone().into()),
                _ => Value::Binary(body.clone().into_bytes().into()),
            },
        };
        let attributes = 0..chance.below(6).saturating_sub(3);
        let delay_seconds = match chance.below(4) {
            0 => Some(chance.pick(&[0, 1, 7, 900])),
            _ => None,
        };
        Draft {
            attributes: attributes.map(attribute).collect(),
            delay_seconds,
            group: chance.one_in(8).then(|| "group".into()),
            trace: chance.one_in(8).then(|| "Root=1".into()),
            sender: Arc::from("sender"),
            body: body.into(),
        }
    }

    pub(crate) fn receive(&mut self) -> Outcome<()> {
        let Some(id) = self.any_queue() else {
            return Ok(());
        };
        let max = self.chance.pick(&[1, 2, 3, 10, 10]);
        let timeout = match self.chance.below(3) {
            0 => Some(self.chance.pick(&[0, 0, 1, 30, 43_200])),
            _ => None,
        };
        self.receive_from(id, max, timeout)
    }

    pub(crate) fn receive_from(
        &mut self,
        id: QueueId,
        max: usize,
        timeout: Option<u32>,
    ) -> Outcome<()> {
        let (reply, written) = self.command(|sqs, tx| sqs.receive(id, max, timeout, tx))?;
        self.agree("ReceiveMessage", &reply, &Ok(()))?;
        let received = reply.map_err(|error| error.to_string())?;
        let own = self.model.queues[&id].setup.visibility;
        let timeout = timeout.map_or(own, u64::from);
        let expected = self.model.receive(id, max, timeout, self.now);
        self.note(|_| {
            let names: Vec<_> = received.iter().map(|one| &*one.message.body).collect();
            format!("receive {max} from {id} for {timeout} s -> {names:?}")
        });
        let handles = self.delivered(&received, &expected, false)?;
        let (operation, until) = (self.operation, self.until(timeout));
        self.submit(written, move |world| {
            for handle in handles {
                handle.ident.counts();
                handle.ident.hides(operation, until);
                world.remember(handle);
            }
        });
        Ok(())
    }

    /// Compares a delivery with what was expected and with what was promised.
    pub(crate) fn delivered(
        &mut self,
        received: &[Received],
        expected: &[Expected],
        lease: bool,
    ) -> Outcome<Vec<Handle>> {
        let got = received.iter().map(|one| &*one.message.body);
        let wanted = expected.iter().map(|one| &*one.letter.ident.content.body);
        ensure!(
            got.clone().eq(wanted.clone()),
            "delivered are {:?}, should be {:?}",
            got.collect::<Vec<_>>(),
            wanted.collect::<Vec<_>>()
        );
        let both = received.iter().zip(expected);
        both.map(|(received, expected)| self.one_delivered(received, expected, lease))
            .collect()
    }

    fn one_delivered(
        &mut self,
        received: &Received,
        expected: &Expected,
        lease: bool,
    ) -> Outcome<Handle> {
        self.done.deliveries += 1;
        let (message, letter) = (&received.message, &expected.letter);
        let (ident, content) = (&letter.ident, &letter.ident.content);
        let id = message.id();
        match (self.known.get(&id), ident.id.get()) {
            (Some(known), _) => ensure!(Rc::ptr_eq(known, ident), "{id} is two messages"),
            (None, Some(own)) => return Err(format!("{} was {own}, now is {id}", ident.name())),
            (None, None) => {
                ident.id.get_or_init(|| id.clone());
                self.known.insert(id, Rc::clone(ident));
            }
        }
        let same = message.attributes() == content.attributes
            && message.group == content.group
            && message.trace == content.trace
            && &*message.sender == "sender";
        ensure!(same, "{} was altered: {message:?}", ident.name());
        let origin = message.dead_letter_source.as_deref();
        ensure!(
            message.sent.0 == letter.sent && origin == letter.origin.as_deref(),
            "{} was sent at {} and is from {:?}, says {message:?}",
            ident.name(),
            letter.sent,
            letter.origin
        );
        ensure!(
            received.receives == letter.now.receives
                && received.first_received.0 == letter.now.first,
            "{} was received {} times, first at {}, says {received:?}",
            ident.name(),
            letter.now.receives,
            letter.now.first
        );
        ident.deliver(received.receives, self.now.lab.0, self.life, lease)?;
        Ok(Handle {
            queue: expected.queue,
            incarnation: expected.incarnation,
            arrival: letter.arrival,
            life: self.life,
            ident: Rc::clone(ident),
            text: received.receipt_handle.clone(),
        })
    }

    /// A client learns of a handle.
    pub(crate) fn remember(&mut self, handle: Handle) {
        if self.handles.len() >= REMEMBERED {
            let index = self.chance.index(self.handles.len());
            self.handles.remove(index);
        }
        self.handles.push(handle);
    }

    /// A handle, rather a new one, and the queue to use it on, rather the right one.
    fn handle(&mut self) -> Option<(QueueId, Handle)> {
        let length = self.handles.len();
        if length == 0 {
            return None;
        }
        let back = match self.chance.one_in(3) {
            true => self.chance.index(length),
            false => self.chance.index(length.min(6)),
        };
        let handle = self.handles[length - 1 - back].clone();
        if handle.life < self.life && self.model.moved_again(&handle) {
            return None;
        }
        let other = self.chance.one_in(20).then(|| self.any_queue()).flatten();
        Some((other.unwrap_or(handle.queue), handle))
    }

    pub(crate) fn delete(&mut self) -> Outcome<()> {
        if self.chance.one_in(12) {
            return self.bogus();
        }
        let count = self.chance.pick(&[1, 1, 1, 5, 10]);
        let chosen: Vec<_> = (0..count).filter_map(|_| self.handle()).collect();
        let (replies, written) = self.command(|sqs, tx| {
            let delete = |(id, handle): &(_, Handle)| sqs.delete_message(*id, &handle.text, tx);
            chosen.iter().map(delete).collect::<Vec<_>>()
        })?;
        let mut gone = Vec::new();
        for ((id, handle), reply) in chosen.into_iter().zip(replies) {
            let expected = self.usable(id, &handle);
            self.note(|_| format!("delete {} from {id} -> {reply:?}", handle.ident.name()));
            self.agree("DeleteMessage", &reply, &expected)?;
            if expected.is_ok() {
                self.model.delete(id, &handle);
                // A copy that was moved meanwhile stays, so nothing is promised then.
                if !self.model.has(&handle.ident) {
                    gone.push(handle.ident);
                }
            }
        }
        self.submit(written, move |_| {
            gone.iter().for_each(|ident| ident.is_gone())
        });
        Ok(())
    }

    /// Whether a handle is one of this queue's.
    fn usable(&self, id: QueueId, handle: &Handle) -> Result<(), &'static str> {
        match self.model.queues.get(&id) {
            None => Err("QueueDoesNotExist"),
            Some(queue) if queue.incarnation == handle.incarnation => Ok(()),
            Some(_) => Err("ReceiptHandleIsInvalid"),
        }
    }

    /// Deletes by a handle that nobody was given: nothing happens, whatever is answered.
    fn bogus(&mut self) -> Outcome<()> {
        let Some((id, handle)) = self.handle() else {
            return Ok(());
        };
        let mut text = handle.text.into_bytes();
        let at = self.chance.index(text.len());
        match self.chance.below(3) {
            0 => text.truncate(at),
            1 => text.clear(),
            // Behind the queue's own part and before the delivery's.
            _ => text[11 + at % 28] ^= 1 + (at % 3) as u8,
        }
        let text = String::from_utf8_lossy(&text).into_owned();
        let (reply, written) = self.command(|sqs, tx| sqs.delete_message(id, &text, tx))?;
        self.note(|_| format!("delete bogus {text} from {id} -> {reply:?}"));
        ensure!(
            written.changes.is_empty(),
            "a handle made up deletes something"
        );
        Ok(())
    }

    pub(crate) fn visibility(&mut self) -> Outcome<()> {
        let Some((id, handle)) = self.handle() else {
            return Ok(());
        };
        let seconds = self.chance.pick(&[0, 0, 1, 10, 60, 43_199, 43_200, 43_201]);
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
        self.note(|_| format!("hide {} for {seconds} s -> {reply:?}", handle.ident.name()));
        self.agree("ChangeMessageVisibility", &reply, &expected)?;
        let lasting = expected == Ok(true);
        if lasting {
            handle.ident.doubt(self.operation);
        }
        let (operation, until) = (self.operation, self.until(seconds));
        self.submit(written, move |_| {
            if lasting {
                handle.ident.hides(operation, until);
            }
        });
        Ok(())
    }

    /// Until when something is hidden for this long; nothing is for no time at all, whatever
    /// the clock says afterwards.
    fn until(&self, seconds: u64) -> u64 {
        match seconds {
            0 => 0,
            seconds => self.now.lab.0 + seconds * 1000,
        }
    }

    /// Whether a letter stands in a queue that a mapping reads, held by it.
    pub(crate) fn is_leased(&self, id: QueueId, ident: &Rc<Ident>) -> bool {
        self.model.queues.get(&id).is_some_and(|queue| {
            let mut letters = queue.letters.iter();
            letters.any(|letter| {
                Rc::ptr_eq(&letter.ident, ident) && matches!(letter.now.place, Place::Leased { .. })
            })
        })
    }
}
