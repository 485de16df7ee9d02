//! The file that holds the tables.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use dynoxide::Database;

use crate::storage::StorageError;

/// Opens the file, which is created where it does not exist.
///
/// # Errors
/// When it cannot be read or written, and when it is not a database.
pub(super) fn open(path: &Path) -> Result<Database, StorageError> {
    let name = path.display().to_string();
    let io = |reason: String| StorageError::Io {
        path: name.clone(),
        reason,
    };
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|problem| io(problem.to_string()))?;
    let text = path
        .to_str()
        .ok_or_else(|| io("its path is not UTF-8".to_owned()))?;
    let database = Database::new(text).map_err(|problem| {
        let reason = problem.to_string();
        let damaged = ["not a valid SQLite database", "malformed", "not a database"];
        if damaged.iter().any(|words| reason.contains(words)) {
            StorageError::Damaged {
                path: name.clone(),
                reason,
            }
        } else {
            io(reason)
        }
    })?;
    // Dynoxide opens its file so that each commit is synced to the disk. Ending bulk loading sets
    // SQLite's `synchronous` to NORMAL: commits then survive a kill of the process, which is what
    // this cloud promises, at a quarter of the cost.
    database
        .enable_bulk_loading()
        .and_then(|()| database.disable_bulk_loading())
        .map_err(|problem| io(problem.to_string()))?;
    Ok(database)
}
