//! The CloudWatch Logs driver.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::{Clock, Now, WallMs};
use crate::error::AwsError;
use crate::logs::engine::{EVENTS, GROUPS, Loaded, LogStore, Outcome, STREAMS};
use crate::runtime_context::RuntimeContext;
use crate::storage::StorageError;
use crate::storage::journal::Journal;

/// All log groups. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Logs {
    clock: Arc<Clock>,
    journal: Journal,
    store: Mutex<LogStore>,
}

impl Logs {
    /// Loads the log groups.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(context: &RuntimeContext) -> Result<Arc<Self>, StorageError> {
        let journal = context.journal.clone();
        let loaded = Loaded {
            groups: journal.load(GROUPS)?,
            streams: journal.load(STREAMS)?,
            events: journal.load(EVENTS)?,
        };
        let store = LogStore::load(&context.location.account, &context.location.region, loaded)
            .map_err(|reason| StorageError::Damaged {
                path: "the cloud's state".to_owned(),
                reason,
            })?;
        Ok(Arc::new(Self {
            clock: Arc::clone(&context.clock),
            journal,
            store: Mutex::new(store),
        }))
    }

    /// Appends events, each with its time and text, making group and stream where they are not
    /// there, as Lambda does. Returns without waiting for the disk.
    pub fn append(&self, group: &str, stream: &str, events: Vec<(WallMs, String)>) {
        let mut store = self.lock();
        match store.append(group, stream, events, self.clock.now()) {
            // Nobody waits: a failed write stops the cloud through the journal.
            Ok(((), changes)) => drop(self.journal.submit(changes)),
            Err(error) => tracing::warn!(group, stream, %error, "events could not be logged"),
        }
    }

    /// Looks at the groups.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&LogStore, Now) -> T) -> T {
        look(&self.lock(), self.clock.now())
    }

    /// Runs a command and answers when it is durable.
    ///
    /// # Errors
    /// The command's, or `InternalFailure` when it could not be made durable.
    pub(crate) async fn change<T>(
        &self,
        command: impl FnOnce(&mut LogStore, Now) -> Outcome<T>,
    ) -> Result<T, AwsError> {
        let (result, durable) = {
            let mut store = self.lock();
            let (result, changes) = command(&mut store, self.clock.now())?;
            (result, self.journal.submit(changes))
        };
        durable
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        Ok(result)
    }

    fn lock(&self) -> MutexGuard<'_, LogStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
