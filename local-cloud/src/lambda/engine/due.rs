//! How long transitions take. On AWS a function is pending for seconds, and a mapping is created,
//! updated, disabled and deleted over seconds. Here both settle as soon as the driver has done its
//! work, unless they are given a time.

use serde::{Deserialize, Serialize};

use crate::clock::{LabMs, Now};

/// How long transitions take at least, in milliseconds of lab time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TransitionTimes {
    /// Creations and updates of functions.
    pub function_ms: u64,
    /// All transitions of mappings.
    pub mapping_ms: u64,
}

/// When a transition may end: at a moment of lab time, or as soon as possible.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Due(Option<LabMs>);

impl Due {
    pub(super) fn after(now: Now, millis: u64) -> Self {
        Self((millis > 0).then(|| now.lab.plus_ms(millis)))
    }

    pub(super) fn is_reached(self, now: Now) -> bool {
        self.0.is_none_or(|due| due <= now.lab)
    }

    pub(super) fn time(self) -> Option<LabMs> {
        self.0
    }
}
