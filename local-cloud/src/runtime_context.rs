//! What every driver stands on.

use std::sync::Arc;

use crate::clock::Clock;
use crate::faults::FaultInjector;
use crate::storage::StorageError;
use crate::storage::journal::Journal;

/// Where the cloud is, its time, its memory and its chaos. Cheap to clone.
#[derive(Debug, Clone)]
pub struct RuntimeContext {
    /// The account id: 12 digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// Time.
    pub clock: Arc<Clock>,
    /// Durable state.
    pub journal: Journal,
    /// The chaos.
    pub faults: Arc<FaultInjector>,
}

impl RuntimeContext {
    /// A context for tests: nothing is kept, the time runs as on AWS, the chaos is off.
    #[cfg(test)]
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
        Ok(Self {
            account: account.to_owned(),
            region: region.to_owned(),
            clock,
            faults: Arc::new(FaultInjector::open(journal.clone())?),
            journal,
        })
    }
}
