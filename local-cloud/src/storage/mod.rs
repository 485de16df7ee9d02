//! What survives a kill: ordered key-value collections behind one trait.
//!
//! Engines describe what must become durable as [`Change`]s. The [`journal`] applies them in the
//! order in which the engines made them and reports when they are durable. Nothing here knows what a
//! queue is.

mod error;
pub(crate) mod identity;
pub mod journal;
mod logged;
mod memory;
mod private_file;
mod sqlite;

pub use error::StorageError;
pub use logged::LoggedStorage;
pub use memory::MemoryStorage;
pub(crate) use private_file::open_private;
pub use sqlite::SqliteStorage;

/// The name of a collection, for example `sqs_message`: lower-case letters and underscores.
pub type Collection = &'static str;

/// One key's new value, or its removal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The collection that the key is in.
    pub collection: Collection,
    /// The key; collections are loaded in the order of their keys' bytes.
    pub key: Vec<u8>,
    /// The new value, or `None` to remove the key.
    pub value: Option<Vec<u8>>,
}

impl Change {
    /// Sets `key` to `value`.
    pub fn put(collection: Collection, key: impl Into<Vec<u8>>, value: impl Into<Vec<u8>>) -> Self {
        Self {
            collection,
            key: key.into(),
            value: Some(value.into()),
        }
    }

    /// Removes `key`.
    pub fn delete(collection: Collection, key: impl Into<Vec<u8>>) -> Self {
        Self {
            collection,
            key: key.into(),
            value: None,
        }
    }
}

/// The bytes of a key and of its value.
pub type Entry = (Vec<u8>, Vec<u8>);

/// The number that follows a stored one. Numbers are given out one by one, so one that is so large
/// that counting might overflow is damage.
///
/// # Errors
/// Says which number it is.
pub(crate) fn next_after<T: TryFrom<u64> + Into<u64>>(number: T) -> Result<T, String> {
    let number = number.into();
    let twice = number
        .checked_mul(2)
        .and_then(|twice| T::try_from(twice).ok());
    twice
        .and_then(|_| T::try_from(number + 1).ok())
        .ok_or_else(|| format!("an entry's number is {number}"))
}

/// Durable collections.
pub trait Storage: Send {
    /// All entries of a collection in the order of their keys; empty where there are none.
    ///
    /// # Errors
    /// When the state cannot be read.
    fn load(&mut self, collection: Collection) -> Result<Vec<Entry>, StorageError>;

    /// Applies the changes in order and atomically. When this returns, they survive the kill of
    /// the process (not a power cut).
    ///
    /// # Errors
    /// When they could not be written; then none of them was.
    fn apply(&mut self, changes: &[Change]) -> Result<(), StorageError>;

    /// Compaction that is due, to be run on another thread while changes are applied here.
    ///
    /// # Errors
    /// When it could not be prepared.
    fn compaction(&mut self) -> Result<Option<Compaction>, StorageError> {
        Ok(None)
    }
}

/// Work that makes a storage smaller while others write.
pub type Compaction = Box<dyn FnOnce() -> Result<(), StorageError> + Send>;
