//! Approximate counts. AWS gathers them from many machines, so they lag behind.

use super::engine::{Attributes, QueueId};
use crate::clock::LabMs;
use crate::faults::Lagging;

/// What the names of all counts begin with.
const COUNT: &str = "ApproximateNumberOfMessages";

/// The counts that are still given out though they have changed.
#[derive(Debug, Default)]
pub(super) struct StaleCounts(Lagging<(QueueId, String), String>);

impl StaleCounts {
    /// A queue's attributes with counts that may be up to `delay_ms` milliseconds of lab time old.
    pub(super) fn stale(
        &mut self,
        queue: QueueId,
        mut attributes: Attributes,
        delay_ms: u64,
        now: LabMs,
    ) -> Attributes {
        if delay_ms == 0 {
            return attributes;
        }
        for (name, count) in &mut attributes {
            if name.starts_with(COUNT) {
                let key = (queue, name.clone());
                let held = self.0.hold(key, count.clone(), delay_ms, now);
                count.clone_from(held);
            }
        }
        attributes
    }
}
