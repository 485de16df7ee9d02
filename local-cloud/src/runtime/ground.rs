//! What every driver stands on.

use std::sync::Arc;

use crate::clock::Clock;
use crate::runtime::journal::Journal;
use crate::runtime::weather::Sky;
use crate::storage::StorageError;

/// Where the cloud is, its time, its memory and its weather. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Ground {
    /// The account id: 12 digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// Time.
    pub clock: Arc<Clock>,
    /// Durable state.
    pub journal: Journal,
    /// The weather.
    pub sky: Arc<Sky>,
}

impl Ground {
    /// A ground for tests: nothing is kept, the time runs as on AWS, the weather is calm.
    #[cfg(test)]
    pub(crate) fn of_tests(journal: &Journal) -> Self {
        let clock = Arc::new(Clock::start(1, None));
        Self::open("000000000000", "us-east-1", clock, journal.clone())
            .expect("a new journal can be read")
    }

    /// The ground of a cloud whose state is in the journal.
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
            sky: Arc::new(Sky::open(journal.clone())?),
            journal,
        })
    }
}
