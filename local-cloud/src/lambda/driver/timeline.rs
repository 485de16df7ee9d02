//! What is due in functions and mappings, for those who move time ahead.

use super::Functions;
use crate::clock::{LabMs, Now};
use crate::lambda::engine::Mapping;
use crate::lambda::event_source_mapping::may_read;

impl Functions {
    /// Whether work is under way, or about to begin, that does not wait for a later moment.
    pub(crate) fn is_busy(&self, now: Now) -> bool {
        // What is about to begin is looked at first: it is found there or among what has begun.
        let is_due = self.read(|registry| {
            let next = registry.next_async_due();
            next.is_some_and(|due| due <= now.lab)
        });
        is_due || self.has_message_to_lease() || self.activity.is_busy(now.lab)
    }

    /// When something is due next that is later than `now`.
    pub(crate) fn next_due(&self, now: Now) -> Option<LabMs> {
        let (invocation, transition) = self.read(|registry| {
            let transition = registry.next_transition(now.lab);
            (registry.next_async_due(), transition)
        });
        let due = [invocation, transition, self.activity.next_due()];
        due.into_iter().flatten().min()
    }

    /// Whether a mapping will lease a message that is visible.
    fn has_message_to_lease(&self) -> bool {
        let polling: Vec<Mapping> = self.read(|registry| {
            let mappings = registry.mappings();
            mappings.filter(|one| one.is_polling()).cloned().collect()
        });
        polling.iter().any(|mapping| {
            let arn = &mapping.queue_arn;
            let function = self.registry.invocable(&mapping.function_name);
            let may_poll = function.is_some_and(|one| may_read(&self.identities, &one, arn));
            may_poll && self.queues.has_visible(arn)
        })
    }
}
