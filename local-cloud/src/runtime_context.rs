//! What every driver stands on.

use std::sync::Arc;

use crate::clock::Clock;
use crate::faults::{FaultInjector, TagUpdates};
use crate::location::Location;
use crate::storage::StorageError;
use crate::storage::journal::Journal;

/// Where the cloud is, its time, its memory and its chaos. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RuntimeContext {
    /// The cloud's account and region.
    pub location: Location,
    /// Time.
    pub clock: Arc<Clock>,
    /// Durable state.
    pub journal: Journal,
    /// The chaos.
    pub faults: Arc<FaultInjector>,
    /// Changes of tags on their way to the tagging API.
    pub tag_updates: Arc<TagUpdates>,
}

impl RuntimeContext {
    /// A context for tests: nothing is kept, the time runs as on AWS, the chaos is off.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(crate) fn for_tests(journal: &Journal) -> Self {
        let clock = Arc::new(Clock::start(1, None));
        Self::open("000000000000", "us-east-1", clock, journal.clone())
            .expect("a new journal can be read")
    }

    /// The context of a cloud whose state is in the journal.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(
        account: &str,
        region: &str,
        clock: Arc<Clock>,
        journal: Journal,
    ) -> Result<Self, StorageError> {
        let faults = Arc::new(FaultInjector::open(journal.clone())?);
        Ok(Self {
            location: Location::new(account, region),
            tag_updates: Arc::new(TagUpdates::new(Arc::clone(&clock), Arc::clone(&faults))),
            clock,
            faults,
            journal,
        })
    }
}
