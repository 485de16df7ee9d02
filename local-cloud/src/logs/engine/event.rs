//! One event, and its position in its group.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::clock::WallMs;

/// The position of an event in its group: by time, then in the order of arrival.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The time of the event.
    pub time: WallMs,
    /// The number of the event, which is unique in the cloud.
    pub sequence: u64,
}

impl Position {
    /// The position before all events of this time.
    pub fn at(time: WallMs) -> Self {
        Self { time, sequence: 0 }
    }

    /// The position right after this event.
    #[must_use]
    pub fn after(self) -> Self {
        Self {
            sequence: self.sequence.saturating_add(1),
            ..self
        }
    }
}

/// An event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The name of its stream.
    pub stream: Arc<str>,
    /// When it was received.
    pub ingested: WallMs,
    /// The logged text.
    pub message: String,
    pub(super) stream_id: u64,
}

/// The positions of a stream's events.
pub(super) type Positions = BTreeSet<Position>;
