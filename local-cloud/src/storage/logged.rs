//! Storage for many small writes: a log in front of the SQLite file.
//!
//! A transaction is one append to a log, which costs a few microseconds. When the log has grown,
//! the next one is begun, and the old one is folded into the tables by [`Upkeep`], beside the
//! writing: of all changes to a key the last one counts, so what came and went in between never
//! reaches the tables at all. What a kill leaves in logs is folded at the next start; folding a
//! log twice changes nothing.

mod frame;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Change, Collection, Entry, SqliteStorage, Storage, StorageError, Upkeep};

/// How many bytes a log takes before it is folded.
const LOG_BYTES: u64 = 16 << 20;

/// Tables in a SQLite file, and the logs of what is not in them yet.
#[derive(Debug)]
pub struct LoggedStorage {
    tables: Arc<Mutex<SqliteStorage>>,
    base: PathBuf,
    log: Log,
    /// Whether an older log is being folded.
    folding: Arc<AtomicBool>,
    /// The transaction being written; kept for its room.
    buffer: Vec<u8>,
}

#[derive(Debug)]
struct Log {
    file: File,
    path: PathBuf,
    number: u64,
    bytes: u64,
}

impl LoggedStorage {
    /// Opens the file and folds the logs beside it, which a kill has left.
    ///
    /// # Errors
    /// When one of them is damaged, of another layout, in use by another process, or cannot be
    /// used.
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        // The file's lock keeps others from the logs too.
        let mut tables = SqliteStorage::open(path)?;
        let mut logs = logs_of(path)?;
        let last = logs.pop_last();
        for log in logs.values() {
            fold(log, &mut tables, End::Whole)?;
        }
        if let Some((_, log)) = &last {
            fold(log, &mut tables, End::MayBeTorn)?;
        }
        let number = last.map_or(1, |(number, _)| number + 1);
        Ok(Self {
            tables: Arc::new(Mutex::new(tables)),
            log: Log::begin(path, number)?,
            base: path.to_owned(),
            folding: Arc::default(),
            buffer: Vec::new(),
        })
    }

    fn tables(&self) -> MutexGuard<'_, SqliteStorage> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for LoggedStorage {
    /// What is still in the log is not found: collections are loaded before the first change.
    fn load(&mut self, collection: Collection) -> Result<Vec<Entry>, StorageError> {
        self.tables().load(collection)
    }

    fn apply(&mut self, changes: &[Change]) -> Result<(), StorageError> {
        self.buffer.clear();
        frame::write(&mut self.buffer, changes);
        let written = self.log.file.write_all(&self.buffer);
        written.map_err(|problem| io(&self.log.path, &problem))?;
        self.log.bytes += self.buffer.len() as u64;
        Ok(())
    }

    fn upkeep(&mut self) -> Result<Option<Upkeep>, StorageError> {
        if self.log.bytes < LOG_BYTES || self.folding.swap(true, Ordering::AcqRel) {
            return Ok(None);
        }
        let next = Log::begin(&self.base, self.log.number + 1)?;
        let full = std::mem::replace(&mut self.log, next);
        let (tables, folding) = (Arc::clone(&self.tables), Arc::clone(&self.folding));
        Ok(Some(Box::new(move || {
            let mut tables = tables.lock().unwrap_or_else(PoisonError::into_inner);
            let folded = fold(&full.path, &mut tables, End::Whole);
            folding.store(false, Ordering::Release);
            folded
        })))
    }
}

impl Log {
    fn begin(base: &Path, number: u64) -> Result<Self, StorageError> {
        let path = log_path(base, number);
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(|problem| io(&path, &problem))?;
        Ok(Self {
            file,
            path,
            number,
            bytes: 0,
        })
    }
}

/// How a log may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// Others follow it, so it was written whole.
    Whole,
    /// The kill may have come in the middle of a transaction, which nobody was told of.
    MayBeTorn,
}

/// Brings a log's changes into the tables and removes it.
fn fold(path: &Path, tables: &mut SqliteStorage, end: End) -> Result<(), StorageError> {
    let damaged = |reason: &str| StorageError::Damaged {
        path: path.display().to_string(),
        reason: reason.to_owned(),
    };
    let bytes = std::fs::read(path).map_err(|problem| io(path, &problem))?;
    let mut last = BTreeMap::new();
    let mut rest = &bytes[..];
    while !rest.is_empty() {
        let transaction = match frame::next(&mut rest) {
            Ok(transaction) => transaction,
            Err(frame::Broken::Short) if end == End::MayBeTorn => break,
            Err(broken) => return Err(damaged(broken.words())),
        };
        for change in transaction {
            let change = change.map_err(|broken| damaged(broken.words()))?;
            last.insert((change.collection, change.key), change.value);
        }
    }
    let changes = last
        .into_iter()
        .map(|((collection, key), value)| (collection, key, value));
    tables.write(changes)?;
    std::fs::remove_file(path).map_err(|problem| io(path, &problem))
}

/// The logs beside a file, by their numbers.
fn logs_of(base: &Path) -> Result<BTreeMap<u64, PathBuf>, StorageError> {
    let directory = base.parent().unwrap_or(base);
    let prefix = base.file_name().unwrap_or_default().to_string_lossy();
    let mut logs = BTreeMap::new();
    for entry in std::fs::read_dir(directory).map_err(|problem| io(directory, &problem))? {
        let entry = entry.map_err(|problem| io(directory, &problem))?;
        let name = entry.file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_prefix(&*prefix)?.strip_prefix(".log."))
            .and_then(|number| number.parse().ok());
        logs.extend(number.map(|number: u64| (number, entry.path())));
    }
    Ok(logs)
}

fn log_path(base: &Path, number: u64) -> PathBuf {
    let mut path = base.as_os_str().to_owned();
    path.push(format!(".log.{number}"));
    path.into()
}

fn io(path: &Path, problem: &std::io::Error) -> StorageError {
    StorageError::Io {
        path: path.display().to_string(),
        reason: problem.to_string(),
    }
}

#[cfg(test)]
mod tests;
