//! Storage in one SQLite file.

use std::path::Path;

use super::{Change, Collection, Entry, Storage, StorageError};

/// Collections as tables of one SQLite file, in write-ahead-log mode: a commit survives the kill
/// of the process.
#[derive(Debug)]
pub struct SqliteStorage {}

impl SqliteStorage {
    /// Opens the file, making it where it is not there.
    ///
    /// # Errors
    /// When it is damaged, of another layout, or cannot be used.
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        let _ = path;
        unimplemented!()
    }
}

impl Storage for SqliteStorage {
    fn load(&mut self, collection: Collection) -> Result<Vec<Entry>, StorageError> {
        let _ = collection;
        unimplemented!()
    }

    fn apply(&mut self, changes: &[Change]) -> Result<(), StorageError> {
        let _ = changes;
        unimplemented!()
    }
}
