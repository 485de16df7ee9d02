//! The CloudWatch Logs driver.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::{Clock, Now, WallMs};
use crate::error::AwsError;
use crate::faults::TagUpdates;
use crate::logs::engine::{EVENTS, GROUPS, Loaded, LogStore, Outcome, Retagged, STREAMS};
use crate::runtime_context::RuntimeContext;
use crate::storage::StorageError;
use crate::storage::journal::Journal;

/// All log groups. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Logs {
    clock: Arc<Clock>,
    journal: Journal,
    tag_updates: Arc<TagUpdates>,
    store: Mutex<LogStore>,
}

impl Logs {
    /// Loads the log groups from the journal.
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
            tag_updates: Arc::clone(&context.tag_updates),
            store: Mutex::new(store),
        }))
    }

    /// Appends events, each with its time and text. Group and stream are created where they do not
    /// exist, as Lambda does. Returns without waiting for the disk.
    pub fn append(&self, group: &str, stream: &str, events: Vec<(WallMs, String)>) {
        let mut store = self.lock();
        match store.append(group, stream, events, self.clock.now()) {
            // Nobody waits: a failed write stops the cloud through the journal.
            Ok(applied) => drop(self.journal.submit(applied.changes)),
            Err(error) => tracing::warn!(group, stream, %error, "events could not be logged"),
        }
    }

    /// Reads from the groups.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&LogStore, Now) -> T) -> T {
        read(&self.lock(), self.clock.now())
    }

    /// Runs a command and answers when it is durable.
    ///
    /// # Errors
    /// The command's, or `InternalFailure` when it could not be made durable.
    pub(crate) async fn change<T>(
        &self,
        command: impl FnOnce(&mut LogStore, Now) -> Outcome<T>,
    ) -> Result<T, AwsError> {
        let (reply, durable) = {
            let mut store = self.lock();
            let applied = command(&mut store, self.clock.now())?;
            if let Some(Retagged { arn, earlier }) = applied.retagged {
                self.tag_updates.record(arn, earlier);
            }
            (applied.reply, self.journal.submit(applied.changes))
        };
        durable
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        Ok(reply)
    }

    fn lock(&self) -> MutexGuard<'_, LogStore> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
