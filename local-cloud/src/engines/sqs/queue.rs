//! One queue: its messages and the order in which they are had.
//!
//! Every message is in exactly one place besides the map: `ready` when it is visible, `timers`
//! when time alone makes it visible, nowhere when a mapping holds it. Both are ordered, so
//! whatever a receive costs, it does not grow with what lies waiting.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::attributes::Attributes;
use super::message::{Content, Delivery, Message, State};
use super::stored;
use crate::clock::{LabMs, Now, WallMs};
use crate::storage::Change;

/// How many received messages a queue can have.
const IN_FLIGHT_LIMIT: usize = 120_000;

/// What is kept of a queue itself.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: u32,
    pub(super) name: String,
    pub(super) attributes: Attributes,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) created: WallMs,
    pub(super) modified: WallMs,
    pub(super) purged: Option<LabMs>,
}

/// A queue.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) record: Record,
    pub(super) arn: String,
    next: u64,
    messages: HashMap<u64, Message>,
    ready: BTreeSet<u64>,
    timers: BTreeSet<(LabMs, u64)>,
    /// By the time of sending, for retention.
    ages: BTreeSet<(WallMs, u64)>,
    delayed: usize,
    /// Leased messages by message id.
    leases: HashMap<String, u64>,
}

/// How a message is taken.
#[derive(Debug, Clone, Copy)]
pub(super) enum Taking {
    /// By `ReceiveMessage`: hidden until then.
    Receive(LabMs),
    /// By a mapping, to be settled.
    Lease(LabMs),
}

impl Queue {
    pub(super) fn new(record: Record, arn: String) -> Self {
        Self {
            record,
            arn,
            next: 0,
            messages: HashMap::new(),
            ready: BTreeSet::new(),
            timers: BTreeSet::new(),
            ages: BTreeSet::new(),
            delayed: 0,
            leases: HashMap::new(),
        }
    }

    /// Adds a message, new or moved here, and returns its sequence number.
    pub(super) fn add(
        &mut self,
        content: Content,
        delivery: Delivery,
        changes: &mut Vec<Change>,
    ) -> u64 {
        let sequence = self.next;
        changes.push(stored::content(self.record.id, sequence, &content));
        let message = Message::new(content, delivery);
        if delivery != Delivery::default() {
            changes.push(stored::delivery(
                self.record.id,
                sequence,
                &message.delivery(),
            ));
        }
        self.insert(sequence, message);
        sequence
    }

    /// Puts a message in, in its place; also for loading.
    pub(super) fn insert(&mut self, sequence: u64, message: Message) {
        self.next = self.next.max(sequence + 1);
        self.ages.insert((message.content.sent, sequence));
        self.enter(sequence, message.state);
        self.messages.insert(sequence, message);
    }

    /// Takes a message out of the queue altogether.
    pub(super) fn remove(&mut self, sequence: u64, changes: &mut Vec<Change>) -> Option<Message> {
        let message = self.messages.remove(&sequence)?;
        self.leave(sequence, message.state);
        if matches!(message.state, State::Leased(..)) {
            self.leases.remove(&message.content.id);
        }
        self.ages.remove(&(message.content.sent, sequence));
        changes.extend(stored::gone(self.record.id, sequence));
        Some(message)
    }

    /// Lets time pass: what was hidden long enough becomes visible, what is too old goes.
    pub(super) fn pass(&mut self, now: Now, changes: &mut Vec<Change>) {
        while let Some(&(until, sequence)) =
            self.timers.first().filter(|(until, _)| *until <= now.lab)
        {
            self.timers.remove(&(until, sequence));
            if let Some(message) = self.messages.get_mut(&sequence) {
                self.delayed -= usize::from(matches!(message.state, State::Delayed(_)));
                message.state = State::Visible;
                self.ready.insert(sequence);
            }
        }
        let retention = u64::from(self.record.attributes.retention) * 1000;
        let too_old = |sent: WallMs| sent.0.saturating_add(retention) <= now.wall.0;
        while let Some(&(_, sequence)) = self.ages.first().filter(|(sent, _)| too_old(*sent)) {
            self.remove(sequence, changes);
        }
    }

    /// The oldest visible message.
    pub(super) fn first_visible(&self) -> Option<u64> {
        self.ready.first().copied()
    }

    /// The leased message of this id.
    pub(super) fn leased(&self, id: &str) -> Option<u64> {
        self.leases.get(id).copied()
    }

    /// A message.
    pub(super) fn message(&self, sequence: u64) -> Option<&Message> {
        self.messages.get(&sequence)
    }

    /// Marks a visible message as received once more. A receive becomes durable; a lease does
    /// when it is settled.
    pub(super) fn take(
        &mut self,
        sequence: u64,
        taking: Taking,
        now: Now,
        changes: &mut Vec<Change>,
    ) {
        let before = self
            .messages
            .get(&sequence)
            .map_or(0, |message| message.receives);
        let state = match taking {
            Taking::Receive(until) => State::InFlight(now.lab, until),
            Taking::Lease(until) => State::Leased(until, before),
        };
        self.change(sequence, |message| {
            message.receives = before.saturating_add(1);
            message.first.get_or_insert(now.wall);
            message.state = state;
        });
        match taking {
            Taking::Receive(_) => self.store_delivery(sequence, changes),
            Taking::Lease(_) => {
                let id = self
                    .messages
                    .get(&sequence)
                    .map(|message| message.content.id.clone());
                self.leases.extend(id.map(|id| (id, sequence)));
            }
        }
    }

    /// Hides a message until then, or shows it, and makes that durable.
    pub(super) fn set_state(&mut self, sequence: u64, state: State, changes: &mut Vec<Change>) {
        self.change(sequence, |message| message.state = state);
        self.store_delivery(sequence, changes);
    }

    /// Ends a lease: the delivery counts and the message is hidden until the lease's time, or it
    /// does not count and the message is visible. What is no lease (any more) is left alone.
    pub(super) fn end_lease(
        &mut self,
        sequence: u64,
        counts: bool,
        now: Now,
        changes: &mut Vec<Change>,
    ) {
        let Some(State::Leased(until, before)) =
            self.messages.get(&sequence).map(|message| message.state)
        else {
            return;
        };
        let mut ended = None;
        self.change(sequence, |message| {
            ended = Some(message.content.id.clone());
            if !counts {
                message.receives = before;
            }
            message.state = if counts && until > now.lab {
                State::InFlight(now.lab, until)
            } else {
                State::Visible
            };
        });
        if let Some(id) = ended {
            self.leases.remove(&id);
        }
        if counts {
            self.store_delivery(sequence, changes);
        }
    }

    /// Removes every message.
    pub(super) fn clear(&mut self, changes: &mut Vec<Change>) {
        let mut sequences: Vec<u64> = self.messages.keys().copied().collect();
        sequences.sort_unstable();
        for sequence in sequences {
            self.remove(sequence, changes);
        }
    }

    /// How many messages are visible, in flight and delayed.
    pub(super) fn counts(&self) -> [usize; 3] {
        [self.ready.len(), self.in_flight(), self.delayed]
    }

    /// Whether no more messages may be received.
    pub(super) fn is_full(&self) -> bool {
        self.in_flight() >= IN_FLIGHT_LIMIT
    }

    /// When time alone makes a message visible.
    pub(super) fn next_deadline(&self) -> Option<LabMs> {
        self.timers.first().map(|(until, _)| *until)
    }

    /// The sequence number that the next message gets.
    pub(super) fn next_sequence(&self) -> u64 {
        self.next
    }

    fn in_flight(&self) -> usize {
        self.messages.len() - self.ready.len() - self.delayed
    }

    fn change(&mut self, sequence: u64, change: impl FnOnce(&mut Message)) {
        let Some(mut message) = self.messages.remove(&sequence) else {
            return;
        };
        self.leave(sequence, message.state);
        change(&mut message);
        self.enter(sequence, message.state);
        self.messages.insert(sequence, message);
    }

    fn store_delivery(&self, sequence: u64, changes: &mut Vec<Change>) {
        if let Some(message) = self.messages.get(&sequence) {
            changes.push(stored::delivery(
                self.record.id,
                sequence,
                &message.delivery(),
            ));
        }
    }

    fn enter(&mut self, sequence: u64, state: State) {
        match state {
            State::Visible => drop(self.ready.insert(sequence)),
            State::InFlight(_, until) => drop(self.timers.insert((until, sequence))),
            State::Delayed(until) => {
                self.delayed += 1;
                self.timers.insert((until, sequence));
            }
            State::Leased(..) => {}
        }
    }

    fn leave(&mut self, sequence: u64, state: State) {
        match state {
            State::Visible => drop(self.ready.remove(&sequence)),
            State::InFlight(_, until) => drop(self.timers.remove(&(until, sequence))),
            State::Delayed(until) => {
                self.delayed -= 1;
                self.timers.remove(&(until, sequence));
            }
            State::Leased(..) => {}
        }
    }
}
