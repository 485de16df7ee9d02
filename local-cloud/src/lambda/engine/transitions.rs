//! Which transitions may end, and when.

use super::due::TransitionTimes;
use super::function::Function;
use super::mapping::Mapping;
use super::registry::Registry;
use crate::clock::{LabMs, Now};

impl Registry {
    /// Sets how long transitions take that begin from now on. Not stored: those under way keep
    /// their time.
    pub fn set_transition_times(&mut self, times: TransitionTimes) {
        self.times = times;
    }

    /// When the next transition may end, of those that may end later than `after`. The driver
    /// then settles what is due.
    pub fn next_transition(&self, after: LabMs) -> Option<LabMs> {
        let functions = self.functions.values().filter_map(|one| one.due.time());
        let mappings = self.mappings.values().filter_map(|one| one.due.time());
        functions.chain(mappings).filter(|due| *due > after).min()
    }

    /// The functions whose creation or update may end.
    pub fn functions_due(&self, now: Now) -> impl Iterator<Item = &Function> {
        let is_due = move |one: &&Function| !one.is_settled() && one.due.is_reached(now);
        self.functions.values().filter(is_due)
    }

    /// Whether [`Registry::settle_mappings`] has something to do.
    pub fn has_mapping_due(&self, now: Now) -> bool {
        let is_due = |one: &Mapping| one.state.is_starting() && one.due.is_reached(now);
        self.mappings.values().any(is_due)
    }

    /// The mappings that need a poller: those that poll, and those that wait to be disabled or
    /// deleted once their poller has ended.
    pub fn mappings_to_poll(&self, now: Now) -> impl Iterator<Item = &Mapping> {
        let needs_poller = move |one: &&Mapping| {
            one.is_polling() || one.state.is_stopping() && one.due.is_reached(now)
        };
        self.mappings.values().filter(needs_poller)
    }
}
