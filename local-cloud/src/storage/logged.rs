//! Storage for many small writes: a log in front of the SQLite file.
//!
//! A transaction is one append to a log, which takes a few microseconds. When the log is full, the
//! next one is started, and [`Compaction`] moves the full one into the tables while others write: of
//! all changes to a key only the last one gets there, so a message that came and went never touches
//! the tables. Logs that a kill leaves behind are moved at the next start; moving a log twice
//! changes nothing.

mod frame;

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Change, Collection, Compaction, Entry, SqliteStorage, Storage, StorageError};

/// How many bytes a log takes before it is full.
const LOG_BYTES: u64 = 16 << 20;

/// Tables in a SQLite file, and logs of the changes that are not in them yet.
#[derive(Debug)]
pub struct LoggedStorage {
    tables: Arc<Mutex<SqliteStorage>>,
    base: PathBuf,
    log: Log,
    /// Whether an older log is being moved into the tables.
    compacting: Arc<AtomicBool>,
    /// The transaction being written; kept for its capacity.
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
    /// Opens the file and moves the logs beside it, which a kill has left, into the tables.
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
            compact(log, &mut tables, End::Whole)?;
        }
        if let Some((_, log)) = &last {
            compact(log, &mut tables, End::MayBeTorn)?;
        }
        let number = last.map_or(1, |(number, _)| number + 1);
        Ok(Self {
            tables: Arc::new(Mutex::new(tables)),
            log: Log::create(path, number)?,
            base: path.to_owned(),
            compacting: Arc::default(),
            buffer: Vec::new(),
        })
    }

    fn tables(&self) -> MutexGuard<'_, SqliteStorage> {
        self.tables.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Storage for LoggedStorage {
    fn load(&mut self, collection: Collection) -> Result<Vec<Entry>, StorageError> {
        // While the tables are locked no log is moved into them.
        let mut tables = self.tables();
        let mut entries: BTreeMap<_, _> = tables.load(collection)?.into_iter().collect();
        for log in logs_of(&self.base)?.values() {
            for_each_change(&read(log)?, log, End::MayBeTorn, |change| {
                if change.collection == collection {
                    match change.value {
                        Some(value) => entries.insert(change.key.to_vec(), value.to_vec()),
                        None => entries.remove(change.key),
                    };
                }
            })?;
        }
        Ok(entries.into_iter().collect())
    }

    fn apply(&mut self, changes: &[Change]) -> Result<(), StorageError> {
        self.buffer.clear();
        frame::write(&mut self.buffer, changes);
        let written = self.log.file.write_all(&self.buffer);
        written.map_err(|problem| StorageError::io(&self.log.path, &problem))?;
        self.log.bytes += self.buffer.len() as u64;
        Ok(())
    }

    fn compaction(&mut self) -> Result<Option<Compaction>, StorageError> {
        if self.log.bytes < LOG_BYTES || self.compacting.swap(true, Ordering::AcqRel) {
            return Ok(None);
        }
        let next = Log::create(&self.base, self.log.number + 1)?;
        let full = std::mem::replace(&mut self.log, next);
        let (tables, compacting) = (Arc::clone(&self.tables), Arc::clone(&self.compacting));
        Ok(Some(Box::new(move || {
            let mut tables = tables.lock().unwrap_or_else(PoisonError::into_inner);
            let compacted = compact(&full.path, &mut tables, End::Whole);
            compacting.store(false, Ordering::Release);
            compacted
        })))
    }
}

impl Log {
    fn create(base: &Path, number: u64) -> Result<Self, StorageError> {
        let path = log_path(base, number);
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)
            .map_err(|problem| StorageError::io(&path, &problem))?;
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
    /// Others follow it, so it was completed.
    Whole,
    /// A kill may have come in the middle of a transaction, which was then never acknowledged.
    MayBeTorn,
}

/// Moves a log's changes into the tables and removes it.
fn compact(path: &Path, tables: &mut SqliteStorage, end: End) -> Result<(), StorageError> {
    let bytes = read(path)?;
    let mut last = BTreeMap::new();
    for_each_change(&bytes, path, end, |change| {
        last.insert((change.collection, change.key), change.value);
    })?;
    let changes = last
        .into_iter()
        .map(|((collection, key), value)| (collection, key, value));
    tables.write(changes)?;
    std::fs::remove_file(path).map_err(|problem| StorageError::io(path, &problem))
}

fn read(path: &Path) -> Result<Vec<u8>, StorageError> {
    std::fs::read(path).map_err(|problem| StorageError::io(path, &problem))
}

/// Hands every change in a log's bytes to `each`, in the order in which they were written.
fn for_each_change<'a>(
    bytes: &'a [u8],
    path: &Path,
    end: End,
    mut each: impl FnMut(frame::Written<'a>),
) -> Result<(), StorageError> {
    let damaged = |broken: frame::Broken| StorageError::Damaged {
        path: path.display().to_string(),
        reason: broken.reason().to_owned(),
    };
    let mut rest = bytes;
    while !rest.is_empty() {
        let transaction = match frame::next(&mut rest) {
            Ok(transaction) => transaction,
            Err(frame::Broken::Short) if end == End::MayBeTorn => break,
            Err(broken) => return Err(damaged(broken)),
        };
        for change in transaction {
            each(change.map_err(damaged)?);
        }
    }
    Ok(())
}

/// The logs beside a file, by their numbers.
fn logs_of(base: &Path) -> Result<BTreeMap<u64, PathBuf>, StorageError> {
    let directory = base.parent().unwrap_or(base);
    let prefix = base.file_name().unwrap_or_default().to_string_lossy();
    let mut logs = BTreeMap::new();
    for entry in
        std::fs::read_dir(directory).map_err(|problem| StorageError::io(directory, &problem))?
    {
        let entry = entry.map_err(|problem| StorageError::io(directory, &problem))?;
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

#[cfg(test)]
mod tests;
