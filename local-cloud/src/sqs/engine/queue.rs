//! One queue's messages and their indexes: visible messages by sequence number, the others by the
//! moment at which they become visible, all of them by age. Every step costs O(log n); nothing
//! scans.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::codec::{self, Reader, Writer};
use super::message::Message;
use super::settings::{Attributes, Settings};
use super::{DELIVERIES, MAX_IN_FLIGHT, MESSAGES, Transaction};
use crate::clock::{LabMs, Now, WallMs};
use crate::storage::Change;

/// A queue's id, which differs from that of an earlier queue of the same name.
pub type QueueId = u32;

/// The state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// Visible.
    Ready,
    /// Sent, and not visible before `until`.
    Delayed { until: LabMs },
    /// Received at `since`, and invisible before `until`.
    InFlight { since: LabMs, until: LabMs },
    /// Leased by an event source mapping at `since`, and invisible until it is settled; if it fails,
    /// until `until`.
    Leased { since: LabMs, until: LabMs },
}

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) message: Arc<Message>,
    pub(super) state: State,
    pub(super) receives: u32,
    pub(super) first_received: WallMs,
    /// Whether its delivery record is stored.
    pub(super) recorded: bool,
}

/// A queue.
#[derive(Debug)]
pub(super) struct Queue {
    pub(super) id: QueueId,
    pub(super) nonce: [u8; 8],
    pub(super) name: String,
    pub(super) created: WallMs,
    pub(super) modified: WallMs,
    pub(super) settings: Settings,
    pub(super) tags: Attributes,
    pub(super) purged: Option<LabMs>,
    pub(super) messages: BTreeMap<u64, Entry>,
    pub(super) ready: BTreeSet<u64>,
    timers: BTreeSet<(LabMs, u64)>,
    ages: BTreeSet<(WallMs, u64)>,
    pub(super) leases: BTreeMap<[u8; 16], u64>,
    pub(super) in_flight: usize,
    pub(super) delayed: usize,
}

/// The content of a receipt handle.
pub(super) struct Handle {
    pub(super) sequence: u64,
    pub(super) message: [u8; 16],
}

impl Queue {
    pub(super) fn new(
        id: QueueId,
        nonce: [u8; 8],
        name: String,
        settings: Settings,
        created: WallMs,
    ) -> Self {
        Self {
            id,
            nonce,
            name,
            created,
            modified: created,
            settings,
            tags: Attributes::new(),
            purged: None,
            messages: BTreeMap::new(),
            ready: BTreeSet::new(),
            timers: BTreeSet::new(),
            ages: BTreeSet::new(),
            leases: BTreeMap::new(),
            in_flight: 0,
            delayed: 0,
        }
    }

    /// Adds a message.
    pub(super) fn insert(&mut self, sequence: u64, entry: Entry) {
        self.enter(sequence, entry.state, entry.message.id);
        self.ages.insert((entry.message.sent, sequence));
        self.messages.insert(sequence, entry);
    }

    /// Removes a message from memory.
    pub(super) fn take(&mut self, sequence: u64) -> Option<Entry> {
        let entry = self.messages.remove(&sequence)?;
        self.leave(sequence, entry.state, entry.message.id);
        self.ages.remove(&(entry.message.sent, sequence));
        Some(entry)
    }

    /// Moves a message to another state.
    pub(super) fn set(&mut self, sequence: u64, state: State) {
        let Some(entry) = self.messages.get_mut(&sequence) else {
            return;
        };
        let (before, id) = (std::mem::replace(&mut entry.state, state), entry.message.id);
        self.leave(sequence, before, id);
        self.enter(sequence, state, id);
    }

    /// Removes a message from memory and from storage.
    pub(super) fn delete(&mut self, sequence: u64, changes: &mut Vec<Change>) -> Option<Entry> {
        let entry = self.take(sequence)?;
        let key = codec::key(self.id, sequence);
        if entry.recorded {
            changes.push(Change::delete(DELIVERIES, key.clone()));
        }
        changes.push(Change::delete(MESSAGES, key));
        Some(entry)
    }

    /// Deletes a processed message. Chaos may deliver it once more.
    pub(super) fn finish(&mut self, sequence: u64, tx: &mut Transaction<'_>) {
        if tx.repeats() {
            self.set(sequence, State::Ready);
            self.record(sequence, &mut tx.changes);
            tx.woken.insert(self.id);
        } else {
            self.delete(sequence, &mut tx.changes);
        }
    }

    /// The oldest visible message, or the one at about this position: 0 is the oldest, 1 the newest.
    pub(super) fn next_ready(&self, position: Option<f64>) -> Option<u64> {
        let (first, last) = (*self.ready.first()?, *self.ready.last()?);
        let Some(position) = position else {
            return Some(first);
        };
        let from = first + ((last - first) as f64 * position) as u64;
        self.ready.range(from..).next().copied()
    }

    /// Removes all messages from memory and from storage.
    pub(super) fn clear(&mut self, changes: &mut Vec<Change>) {
        while let Some((&sequence, _)) = self.messages.first_key_value() {
            self.delete(sequence, changes);
        }
    }

    /// Stores a message's delivery record: everything about it that changes.
    pub(super) fn record(&mut self, sequence: u64, changes: &mut Vec<Change>) {
        let Some(entry) = self.messages.get_mut(&sequence) else {
            return;
        };
        entry.recorded = true;
        let (since, until) = match entry.state {
            State::Ready => (LabMs(0), LabMs(0)),
            State::Delayed { until } => (LabMs(0), until),
            State::InFlight { since, until } | State::Leased { since, until } => (since, until),
        };
        let mut writer = Writer::new(28);
        writer.u64(since.0);
        writer.u64(until.0);
        writer.u64(entry.first_received.0);
        writer.u32(entry.receives);
        let key = codec::key(self.id, sequence);
        changes.push(Change::put(DELIVERIES, key, writer.done()));
    }

    /// Restores a message's state from its delivery record.
    pub(super) fn replay(&mut self, sequence: u64, record: &[u8]) -> Result<(), String> {
        let mut reader = Reader::new(record)?;
        let (since, until) = (LabMs(reader.u64()?), LabMs(reader.u64()?));
        let first_received = WallMs(reader.u64()?);
        let receives = reader.u32()?;
        let entry = self
            .messages
            .get_mut(&sequence)
            .ok_or("a delivery of a message that does not exist")?;
        entry.first_received = first_received;
        entry.receives = receives;
        entry.recorded = true;
        let state = match until {
            LabMs(0) => State::Ready,
            until => State::InFlight { since, until },
        };
        self.set(sequence, state);
        Ok(())
    }

    /// Makes due messages visible and removes those past their retention.
    pub(super) fn advance(&mut self, tx: &mut Transaction<'_>) {
        let was_deliverable = self.deliverable();
        while let Some(&(due, sequence)) = self.timers.first()
            && due <= tx.now.lab
        {
            self.set(sequence, State::Ready);
        }
        let kept = u64::from(self.settings.retention) * 1000;
        while let Some(&(sent, sequence)) = self.ages.first()
            && sent.0.saturating_add(kept) <= tx.now.wall.0
        {
            self.delete(sequence, &mut tx.changes);
        }
        if !was_deliverable && self.deliverable() {
            tx.woken.insert(self.id);
        }
    }

    /// Whether a receive would find a message.
    pub(super) fn deliverable(&self) -> bool {
        !self.ready.is_empty() && self.in_flight < MAX_IN_FLIGHT
    }

    /// When the next hidden or delayed message becomes visible.
    pub(super) fn next_due(&self) -> Option<LabMs> {
        self.timers.first().map(|(due, _)| *due)
    }

    /// A receipt handle for one delivery of a message.
    pub(super) fn handle(&self, sequence: u64, message: &Message, nonce: [u8; 4]) -> String {
        let mut writer = Writer::new(36);
        writer.raw(&self.nonce);
        writer.u64(sequence);
        writer.raw(&message.id);
        writer.raw(&nonce);
        BASE64.encode(writer.done())
    }

    /// Reads a receipt handle of this queue; `None` for any other text.
    pub(super) fn read_handle(&self, handle: &str) -> Option<Handle> {
        let bytes = BASE64.decode(handle).ok()?;
        let mut reader = Reader::new(&bytes).ok()?;
        let nonce: [u8; 8] = reader.take().ok()?;
        let read = Handle {
            sequence: reader.u64().ok()?,
            message: reader.take().ok()?,
        };
        reader.take::<4>().ok()?;
        (nonce == self.nonce && reader.is_at_end()).then_some(read)
    }

    /// The message of a receipt handle; `None` when it is gone.
    pub(super) fn find(&self, handle: &Handle) -> Option<&Entry> {
        let entry = self.messages.get(&handle.sequence)?;
        (entry.message.id == handle.message).then_some(entry)
    }

    fn enter(&mut self, sequence: u64, state: State, id: [u8; 16]) {
        match state {
            State::Ready => {
                self.ready.insert(sequence);
            }
            State::Delayed { until } => {
                self.delayed += 1;
                self.timers.insert((until, sequence));
            }
            State::InFlight { until, .. } => {
                self.in_flight += 1;
                self.timers.insert((until, sequence));
            }
            State::Leased { .. } => {
                self.in_flight += 1;
                self.leases.insert(id, sequence);
            }
        }
    }

    fn leave(&mut self, sequence: u64, state: State, id: [u8; 16]) {
        match state {
            State::Ready => {
                self.ready.remove(&sequence);
            }
            State::Delayed { until } => {
                self.delayed -= 1;
                self.timers.remove(&(until, sequence));
            }
            State::InFlight { until, .. } => {
                self.in_flight -= 1;
                self.timers.remove(&(until, sequence));
            }
            State::Leased { .. } => {
                self.in_flight -= 1;
                self.leases.remove(&id);
            }
        }
    }
}

impl State {
    /// In flight until `until`, or visible where that has passed.
    pub(super) fn hidden(since: LabMs, until: LabMs, now: Now) -> Self {
        if until <= now.lab {
            Self::Ready
        } else {
            Self::InFlight { since, until }
        }
    }
}
