//! The model's operations on messages: send, deliver, delete, change visibility, settle.

use std::rc::Rc;

use local_cloud::clock::Now;
use local_cloud::sqs::engine::QueueId;

use super::history::{Handle, MessageHistory};
use super::model::{ARN, Expected, MessageState, Model, QueuedMessage, Snapshot};

/// The maximum visibility timeout of a delivery, in seconds.
const MAX_VISIBILITY_TIMEOUT: u64 = 43_200;

/// Hidden until `until`, or visible if that has passed.
fn hidden(since: u64, until: u64, now: Now) -> MessageState {
    match until <= now.lab.0 {
        true => MessageState::Visible,
        false => MessageState::Hidden { since, until },
    }
}

impl Model {
    /// Adds a message that was never received.
    pub(crate) fn put(&mut self, id: QueueId, history: Rc<MessageHistory>, delay: u64, now: Now) {
        let state = match delay {
            0 => MessageState::Visible,
            delay => MessageState::Delayed {
                until: now.lab.0 + delay * 1000,
            },
        };
        let snapshot = Snapshot {
            state,
            receives: 0,
            first_receive: 0,
        };
        let message = QueuedMessage {
            history,
            arrival: self.next_arrival(),
            sent: now.wall.0,
            origin: None,
            current: snapshot,
            durable: snapshot,
        };
        let queue = self.queue_mut(id);
        queue.totals.entered += 1;
        queue.messages.push(message);
    }

    /// Delivers the oldest visible messages, up to a number and a size in bytes. Moves those that
    /// were received too often to the dead-letter queue.
    pub(crate) fn deliver(
        &mut self,
        id: QueueId,
        (max, max_bytes): (usize, usize),
        state: MessageState,
        now: Now,
    ) -> Vec<Expected> {
        let policy = self.queues[&id].setup.redrive.clone();
        let redrive = policy.and_then(|(name, most)| Some((self.by_name(&name)?, most)));
        let (mut delivered, mut bytes) = (Vec::new(), 0);
        while delivered.len() < max {
            let queue = self.queue_mut(id);
            let visible = |message: &QueuedMessage| message.current.state == MessageState::Visible;
            let Some(index) = queue.messages.iter().position(visible) else {
                break;
            };
            if let Some((target, most)) = redrive
                && queue.messages[index].current.receives >= most
            {
                self.move_to_dlq(id, index, target);
                continue;
            }
            let incarnation = queue.incarnation;
            let message = &mut queue.messages[index];
            bytes += message.history.content.size;
            if bytes > max_bytes {
                break;
            }
            message.current.receives += 1;
            if message.current.receives == 1 {
                message.current.first_receive = now.wall.0;
            }
            message.current.state = state;
            delivered.push(Expected {
                message: message.clone(),
                queue: id,
                incarnation,
            });
        }
        delivered
    }

    fn move_to_dlq(&mut self, id: QueueId, index: usize, target: QueueId) {
        let arrival = self.next_arrival();
        let queue = self.queue_mut(id);
        let mut message = queue.messages.remove(index);
        queue.totals.moved += 1;
        message.origin = Some(format!("{ARN}{}", queue.name));
        message.arrival = arrival;
        message.durable = message.current;
        let target = self.queue_mut(target);
        target.totals.entered += 1;
        target.messages.push(message);
    }

    /// A client's receive, whose count is durable.
    pub(crate) fn receive(
        &mut self,
        id: QueueId,
        max: usize,
        timeout: u64,
        now: Now,
    ) -> Vec<Expected> {
        let since = now.lab.0;
        let until = since + timeout * 1000;
        let limits = (max, usize::MAX);
        let delivered = self.deliver(id, limits, MessageState::Hidden { since, until }, now);
        let queue = self.queue_mut(id);
        for one in &delivered {
            let mut messages = queue.messages.iter_mut();
            let message = messages
                .find(|message| message.arrival == one.message.arrival)
                .expect("it was just delivered");
            message.current.state = hidden(since, until, now);
            message.durable = message.current;
        }
        delivered
    }

    /// Deletes by handle; returns whether a message was deleted.
    pub(crate) fn delete(&mut self, id: QueueId, handle: &Handle) -> bool {
        let queue = self.queue_mut(id);
        let Some(index) = queue.find(handle) else {
            return false;
        };
        queue.messages.remove(index);
        queue.totals.deleted += 1;
        true
    }

    /// Changes visibility by handle; returns whether the change is durable.
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
        let message = &mut queue.messages[index];
        let until = now.lab.0 + seconds * 1000;
        let (since, state) = match message.current.state {
            MessageState::Hidden { since, .. } => (since, hidden(since, until, now)),
            MessageState::Leased { since, .. } => (since, MessageState::Leased { since, until }),
            MessageState::Visible | MessageState::Delayed { .. } => {
                return Err("MessageNotInflight");
            }
        };
        if seconds > MAX_VISIBILITY_TIMEOUT || until > since + MAX_VISIBILITY_TIMEOUT * 1000 {
            return Err(INVALID);
        }
        message.current.state = state;
        let durable = !matches!(state, MessageState::Leased { .. });
        if durable {
            message.durable = message.current;
        }
        Ok(durable)
    }

    /// A mapping deletes a message.
    pub(crate) fn settle_deleted(&mut self, id: QueueId, history: &Rc<MessageHistory>) {
        let queue = self.queue_mut(id);
        if let Some(index) = queue.leased(history) {
            queue.messages.remove(index);
            queue.totals.deleted += 1;
        }
    }

    /// The function failed, so the delivery counts. Returns until when the message is hidden, if
    /// it still is.
    pub(crate) fn settle_failed(
        &mut self,
        id: QueueId,
        history: &Rc<MessageHistory>,
        now: Now,
    ) -> Option<u64> {
        let queue = self.queue_mut(id);
        let index = queue.leased(history)?;
        let message = &mut queue.messages[index];
        let MessageState::Leased { since, until } = message.current.state else {
            return None;
        };
        message.current.state = hidden(since, until, now);
        message.durable = message.current;
        (message.current.state != MessageState::Visible).then_some(until)
    }

    /// The function did not run, so the delivery does not count.
    pub(crate) fn settle_released(&mut self, id: QueueId, history: &Rc<MessageHistory>) {
        let queue = self.queue_mut(id);
        if let Some(index) = queue.leased(history) {
            let message = &mut queue.messages[index];
            message.current.state = MessageState::Visible;
            message.current.receives -= 1;
        }
    }
}
