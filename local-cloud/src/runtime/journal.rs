//! The journal: makes engines' changes durable, in order, many callers' at a time.

use std::future::Future;

use crate::storage::{Change, Collection, Entry, Storage, StorageError};

/// A handle to the thread that owns the storage. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Journal {}

impl Journal {
    /// Starts the writing thread. It waits for changes, gathers all that are waiting, applies
    /// them as one transaction and answers them all.
    pub fn start(storage: Box<dyn Storage>) -> Self {
        let _ = storage;
        unimplemented!()
    }

    /// All entries of a collection.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn load(&self, collection: Collection) -> Result<Vec<Entry>, StorageError> {
        let _ = collection;
        unimplemented!()
    }

    /// Hands over changes; their place in the order is taken when this returns. The future
    /// resolves when they are durable; with no changes, when all before them are.
    ///
    /// A write that fails is final: this and every later one report it, and the cloud stops,
    /// because memory then holds what the disk does not.
    pub fn submit(
        &self,
        changes: Vec<Change>,
    ) -> impl Future<Output = Result<(), StorageError>> + Send + 'static {
        let _ = changes;
        async { unimplemented!() }
    }

    /// Resolves when a write has failed.
    pub async fn failed(&self) -> StorageError {
        unimplemented!()
    }
}
