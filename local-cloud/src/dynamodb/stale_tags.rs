//! Tags on their way. DynamoDB's tags are eventually consistent, so `ListTagsOfResource` may answer
//! for a while as before a change.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use dynoxide::types::Tag;

use crate::clock::Clock;
use crate::faults::{FaultInjector, Lagging};
use crate::runtime_context::RuntimeContext;

/// The earlier tags of tables, by their ARNs.
#[derive(Debug)]
pub(super) struct StaleTags {
    clock: Arc<Clock>,
    faults: Arc<FaultInjector>,
    earlier: Mutex<Lagging<String, Vec<Tag>>>,
}

impl StaleTags {
    /// No change is on its way.
    pub(super) fn new(context: &RuntimeContext) -> Self {
        Self {
            clock: Arc::clone(&context.clock),
            faults: Arc::clone(&context.faults),
            earlier: Mutex::default(),
        }
    }

    /// Records that the tags of a table have changed, which had been `earlier`.
    pub(super) fn record(&self, table_arn: String, earlier: Vec<Tag>) {
        let delay_ms = self.faults.delay(|delays| delays.tags);
        let now = self.clock.now().lab;
        self.lock().record(table_arn, earlier, delay_ms, now);
    }

    /// Forgets what the tags of a deleted table were.
    pub(super) fn forget(&self, table_arn: &str) {
        self.lock().forget(&table_arn.to_owned());
    }

    /// The earlier tags of a table, for a request that comes to a machine that is behind.
    pub(super) fn stale(&self, table_arn: &str) -> Option<Vec<Tag>> {
        let now = self.clock.now().lab;
        let earlier = self.lock().get(&table_arn.to_owned(), now).cloned()?;
        self.faults.is_behind().then_some(earlier)
    }

    fn lock(&self) -> MutexGuard<'_, Lagging<String, Vec<Tag>>> {
        self.earlier.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
