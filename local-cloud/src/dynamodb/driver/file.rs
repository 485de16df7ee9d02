//! The file that holds the tables.

use std::io;
use std::path::Path;

use dynoxide::{Database, DynoxideError};

use crate::storage::{StorageError, open_private};

/// Opens the file, which is created where it does not exist. To be called before anything else in
/// this process has the file open, because closing a file ends SQLite's locks on it.
///
/// # Errors
/// When it cannot be read or written, and when it is not a database.
pub(super) fn open(path: &Path) -> Result<Database, StorageError> {
    open_private(path)?;
    let database = connect(path)?;
    // Dynoxide opens its file so that each commit is synced to the disk. Ending bulk loading sets
    // SQLite's `synchronous` to NORMAL: commits then survive a kill of the process, which is what
    // this cloud promises, at a quarter of the cost.
    database
        .enable_bulk_loading()
        .and_then(|()| database.disable_bulk_loading())
        .map_err(|problem| explain(path, &problem))?;
    Ok(database)
}

/// One more connection to the file.
///
/// # Errors
/// As those of [`open`].
pub(super) fn connect(path: &Path) -> Result<Database, StorageError> {
    let text = path.to_str().ok_or_else(|| {
        let problem = io::Error::other("its path is not UTF-8");
        StorageError::io(path, &problem)
    })?;
    Database::new(text).map_err(|problem| explain(path, &problem))
}

/// Why the file could not be opened.
fn explain(path: &Path, problem: &DynoxideError) -> StorageError {
    failure(path, problem)
        .unwrap_or_else(|| StorageError::io(path, &io::Error::other(problem.to_string())))
}

/// The failure of the storage in an error of dynoxide, if it is one. Some of these errors have only
/// the text of SQLite's.
pub(super) fn failure(path: &Path, problem: &DynoxideError) -> Option<StorageError> {
    let reason = match problem {
        DynoxideError::SqliteError(problem) => {
            let failure = StorageError::sqlite(path, problem);
            return Some(failure).filter(StorageError::is_failure);
        }
        DynoxideError::InternalServerError(reason) => reason,
        _ => return None,
    };
    let shown = path.display().to_string();
    let has = |words: &[&str]| words.iter().any(|words| reason.contains(words));
    if has(&["not a valid SQLite database", "malformed", "not a database"]) {
        let reason = reason.clone();
        return Some(StorageError::Damaged {
            path: shown,
            reason,
        });
    }
    if has(&["database or disk is full"]) {
        return Some(StorageError::DiskFull { path: shown });
    }
    if has(&["readonly database"]) {
        return Some(StorageError::ReadOnly { path: shown });
    }
    let is_io = has(&["I/O error", "unable to open database file"]);
    is_io.then(|| StorageError::io(path, &io::Error::other(reason.clone())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_of_the_storage_are_known_by_their_texts() {
        let of = |text: &str| {
            let problem = DynoxideError::InternalServerError(text.to_owned());
            failure(Path::new("tables.db"), &problem)
        };
        let path = "tables.db".to_owned();
        let full = of("backend: database or disk is full");
        assert_eq!(full, Some(StorageError::DiskFull { path: path.clone() }));
        let read_only = of("backend: attempt to write a readonly database");
        assert_eq!(read_only, Some(StorageError::ReadOnly { path }));
        let malformed = of("backend: database disk image is malformed");
        assert!(matches!(malformed, Some(StorageError::Damaged { .. })));
        let io = of("backend: I/O error: disk I/O error");
        assert!(matches!(io, Some(StorageError::Io { .. })), "{io:?}");
        assert_eq!(of("backend: no such table: orders"), None);
        let refused = DynoxideError::ValidationException("disk I/O error".to_owned());
        assert_eq!(failure(Path::new("tables.db"), &refused), None);
    }
}
