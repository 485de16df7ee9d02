//! Files that only their owner reads.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use super::StorageError;

/// Opens the file for writing, as it is, or creates it with mode 0600, which the logs that SQLite
/// puts beside it get too.
///
/// # Errors
/// When it cannot be created or written.
pub(crate) fn open_private(path: &Path) -> Result<File, StorageError> {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|problem| StorageError::io(path, &problem))
}
