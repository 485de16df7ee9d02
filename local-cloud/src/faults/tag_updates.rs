//! Changes of tags on their way to the tagging API, which lists all services' resources and hears
//! of a change later than the service that made it.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::{FaultInjector, Lagging};
use crate::clock::Clock;

/// A resource's tags.
pub type Tags = BTreeMap<String, String>;

/// The tags of resources before the changes that the tagging API has not heard of everywhere.
#[derive(Debug)]
pub struct TagUpdates {
    clock: Arc<Clock>,
    faults: Arc<FaultInjector>,
    earlier: Mutex<Lagging<String, Tags>>,
}

impl TagUpdates {
    /// No change is on its way.
    pub fn new(clock: Arc<Clock>, faults: Arc<FaultInjector>) -> Self {
        Self {
            clock,
            faults,
            earlier: Mutex::default(),
        }
    }

    /// Records that the tags of a resource have changed, or that it was made or deleted; `earlier`
    /// is what they were, empty for a new resource.
    pub fn record(&self, arn: String, earlier: Tags) {
        let delay_ms = self.faults.delay(|delays| delays.tags);
        if delay_ms > 0 {
            let now = self.clock.now().lab;
            self.lock().record(arn, earlier, delay_ms, now);
        }
    }

    /// The tags that one request to the tagging API sees otherwise than they are, by ARN; empty for
    /// a resource that it does not see at all.
    pub fn stale_view(&self) -> HashMap<String, Tags> {
        let now = self.clock.now().lab;
        let mut earlier = self.lock();
        let stale = earlier.stale_for(now, || self.faults.is_behind());
        stale
            .map(|(arn, tags)| (arn.clone(), tags.clone()))
            .collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Lagging<String, Tags>> {
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
