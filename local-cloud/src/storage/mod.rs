//! What survives a kill: ordered key-value collections behind one trait.
//!
//! Engines describe what must become durable as [`Change`]s; the runtime's journal applies them
//! in the order in which the engines made them and answers when they are safe. Nothing here
//! knows what a queue is.

pub mod journal;
mod logged;
mod memory;
mod sqlite;

pub use logged::LoggedStorage;
pub use memory::MemoryStorage;
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

/// Why the state could not be read or written.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StorageError {
    /// The file is there but is not what it should be; it is left as it is.
    #[error("the state in {path} is damaged: {reason}")]
    Damaged {
        /// The file.
        path: String,
        /// What was found.
        reason: String,
    },
    /// The file was written by a version with another layout.
    #[error("the state in {path} has layout {found}, this version reads layout {expected}")]
    Layout {
        /// The file.
        path: String,
        /// The layout found.
        found: u32,
        /// The layout that this version reads.
        expected: u32,
    },
    /// Reading or writing failed: no room, no right, a broken disk.
    #[error("cannot use the state in {path}: {reason}")]
    Io {
        /// The file.
        path: String,
        /// The system's words.
        reason: String,
    },
}

/// A key's bytes and its value's.
pub type Entry = (Vec<u8>, Vec<u8>);

/// The number that comes after a stored one. They are given out one by one, so one so great that
/// counting on might overflow is damage.
///
/// # Errors
/// What is wrong, when it is.
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

    /// Work that is due, to be done on another thread while changes are applied here.
    ///
    /// # Errors
    /// When it could not be prepared.
    fn upkeep(&mut self) -> Result<Option<Upkeep>, StorageError> {
        Ok(None)
    }
}

/// Work that a storage does beside the writing.
pub type Upkeep = Box<dyn FnOnce() -> Result<(), StorageError> + Send>;
