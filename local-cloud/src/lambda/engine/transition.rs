//! How long transitions take. On AWS a function is pending for seconds, and a mapping is created,
//! updated, disabled and deleted over seconds; here both arrive as soon as the driver has done
//! what there is to do, unless they are told to take their time.

use serde::{Deserialize, Serialize};

use super::{Function, Mapping, Registry};
use crate::clock::{LabMs, Now};

/// How long transitions take at least, in milliseconds of lab time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TransitionTimes {
    /// Creations and updates of functions.
    pub function_ms: u64,
    /// All transitions of mappings.
    pub mapping_ms: u64,
}

/// When a transition may end: a moment of lab time, or as soon as it can.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Due(Option<LabMs>);

impl Due {
    pub(super) fn after(now: Now, millis: u64) -> Self {
        let due = LabMs(now.lab.0.saturating_add(millis));
        Self((millis > 0).then_some(due))
    }

    pub(super) fn has_come(self, now: Now) -> bool {
        self.0.is_none_or(|due| due <= now.lab)
    }
}

impl Registry {
    /// What transitions take that begin from now on. Not stored: those under way keep their time.
    pub fn set_transition_times(&mut self, times: TransitionTimes) {
        self.times = times;
    }

    /// When the next transition may end, of those that may end later than `after`. The driver
    /// then settles what is due.
    pub fn next_transition(&self, after: LabMs) -> Option<LabMs> {
        let functions = self.functions.values().filter_map(|one| one.due.0);
        let mappings = self.mappings.values().filter_map(|one| one.due.0);
        functions.chain(mappings).filter(|due| *due > after).min()
    }

    /// The functions whose creation or update may end.
    pub fn functions_due(&self, now: Now) -> impl Iterator<Item = &Function> {
        let due = move |one: &&Function| !one.is_settled() && one.due.has_come(now);
        self.functions.values().filter(due)
    }

    /// Whether [`Registry::settle_states`] has something to do.
    pub fn has_mapping_due(&self, now: Now) -> bool {
        let due = |one: &Mapping| one.state.is_arriving() && one.due.has_come(now);
        self.mappings.values().any(due)
    }

    /// The mappings that are to have a poller: those that poll, and those that wait to be settled
    /// as switched off or deleted.
    pub fn polled_mappings(&self, now: Now) -> impl Iterator<Item = &Mapping> {
        let polled =
            move |one: &&Mapping| one.polls() || one.state.is_ending() && one.due.has_come(now);
        self.mappings.values().filter(polled)
    }
}
