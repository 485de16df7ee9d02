//! What keeps the two files of a cloud together: a number in both.
//!
//! A file that is missing or empty looks like that of a new cloud, and one that was copied from
//! elsewhere like any other. Both would leave half a cloud, with queues but no tables, or tables
//! but no queues. The number is SQLite's `application_id`, which nothing else here uses.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use super::{StorageError, open_private};
use crate::ids::{Ids as _, SystemIds};

/// How long to wait for a process that is ending and has a file open.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// Checks that both files belong to the same cloud, or makes them the files of a new one. To be
/// called before either is opened.
///
/// # Errors
/// [`StorageError::Incomplete`] where one of them is missing, empty, or of another cloud, and any
/// other where one cannot be used.
pub(crate) fn ensure_together(state: &Path, tables: &Path) -> Result<(), StorageError> {
    let (found_state, found_tables) = (look(state)?, look(tables)?);
    let ids = found_state.id.zip(found_tables.id);
    if ids.is_some_and(|(one, other)| one == other) {
        return Ok(());
    }
    match (found_state.is_new, found_tables.is_new) {
        (true, false) => Err(lost(state, tables)),
        (false, true) => Err(lost(tables, state)),
        (true, true) if has_logs(state) => Err(StorageError::Incomplete {
            reason: format!(
                "{} is {}, but its logs are not",
                state.display(),
                how_lost(state)
            ),
        }),
        (false, false) if ids.is_some() => Err(StorageError::Incomplete {
            reason: format!(
                "{} and {} belong to different clouds",
                state.display(),
                tables.display()
            ),
        }),
        // Both are new, or a version wrote them that did not know this number yet.
        _ => {
            let known = found_state.id.or(found_tables.id);
            let id = known.unwrap_or_else(new_id);
            assign(tables, id)?;
            assign(state, id)
        }
    }
}

/// What is in a file.
struct Found {
    /// Whether there is nothing in it, or no file.
    is_new: bool,
    id: Option<i32>,
}

fn look(path: &Path) -> Result<Found, StorageError> {
    let nothing = Found {
        is_new: true,
        id: None,
    };
    let size = match path.metadata() {
        Ok(metadata) => metadata.len(),
        Err(problem) if problem.kind() == std::io::ErrorKind::NotFound => return Ok(nothing),
        Err(problem) => return Err(StorageError::io(path, &problem)),
    };
    if size == 0 {
        // SQLite would take it for new, and discard the log.
        let wal = beside(path, "-wal");
        if wal.metadata().is_ok_and(|log| log.len() > 0) {
            return Err(StorageError::Incomplete {
                reason: format!(
                    "{} is empty, but its write-ahead log is not",
                    path.display()
                ),
            });
        }
        return Ok(nothing);
    }
    let sql = |problem: rusqlite::Error| StorageError::sqlite(path, &problem);
    let connection = connect(path).map_err(sql)?;
    let id: i32 = connection
        .pragma_query_value(None, "application_id", |row| row.get(0))
        .map_err(sql)?;
    let contents: u32 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(sql)?;
    Ok(Found {
        is_new: contents == 0,
        id: Some(id).filter(|id| *id != 0),
    })
}

fn assign(path: &Path, id: i32) -> Result<(), StorageError> {
    open_private(path)?;
    let sql = |problem: rusqlite::Error| StorageError::sqlite(path, &problem);
    let connection = connect(path).map_err(sql)?;
    connection
        .pragma_update(None, "application_id", id)
        .map_err(sql)
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // Whether the file is sound is found later. Until then nothing is moved into it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    Ok(connection)
}

/// A random number other than 0, which means that there is none.
fn new_id() -> i32 {
    let mut bytes = [0; 4];
    SystemIds.fill(&mut bytes);
    i32::from_le_bytes(bytes) | 1
}

/// The error for a file that is gone while the other one is there.
fn lost(gone: &Path, there: &Path) -> StorageError {
    StorageError::Incomplete {
        reason: format!(
            "{} is {}, but {}, which belongs to it, is not",
            gone.display(),
            how_lost(gone),
            there.display()
        ),
    }
}

fn how_lost(path: &Path) -> &'static str {
    if path.exists() { "empty" } else { "missing" }
}

/// Whether a storage's logs are beside a file that is not there, or empty.
fn has_logs(state: &Path) -> bool {
    let prefix = beside(state, ".log.");
    let prefix = prefix
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let entries = state.parent().and_then(|parent| parent.read_dir().ok());
    entries.into_iter().flatten().flatten().any(|entry| {
        entry.file_name().to_string_lossy().starts_with(&prefix)
            && entry.metadata().is_ok_and(|log| log.len() > 0)
    })
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(suffix);
    path.into()
}

#[cfg(test)]
mod tests;
