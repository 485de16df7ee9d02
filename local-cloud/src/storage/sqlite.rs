//! Storage in one SQLite file.
//!
//! Each collection is a table `WITHOUT ROWID`: keys are written mostly in order and values are
//! small, so a put touches one b-tree and a load is one scan. The file is locked exclusively, which
//! saves the shared-memory index and keeps a second cloud out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, params};

use super::{Change, Collection, Entry, Storage, StorageError, open_private};

/// The layout that this version reads and writes; kept in SQLite's `user_version`.
const LAYOUT: u32 = 1;

/// After how many pages of 4 KiB the log is copied into the file. SQLite's own 1000 makes a busy
/// cloud sync every few thousand requests; this takes 16 MiB of disk for a quarter of that.
const CHECKPOINT_PAGES: u32 = 4000;

/// How many prepared statements are kept: more than two for each collection.
const STATEMENTS: usize = 64;

/// Collections as tables of one SQLite file, in write-ahead-log mode: a commit survives the kill
/// of the process.
#[derive(Debug)]
pub struct SqliteStorage {
    connection: Connection,
    path: PathBuf,
    tables: HashMap<String, Statements>,
}

/// The SQL of one collection's writes, composed once.
#[derive(Debug)]
struct Statements {
    put: String,
    delete: String,
}

impl SqliteStorage {
    /// Opens the file. A missing one is created, readable by its owner alone.
    ///
    /// # Errors
    /// It is damaged, has another layout, is in use by another process, or cannot be used.
    pub fn open(path: &Path) -> Result<Self, StorageError> {
        prepare_file(path)?;
        let sql = |problem: rusqlite::Error| StorageError::sqlite(path, &problem);
        let connection = connect(path).map_err(sql)?;
        check(&connection, path)?;
        // From here on the file is sound, so closing it may copy the log into it.
        connection
            .set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, false)
            .map_err(sql)?;
        Ok(Self {
            connection,
            path: path.to_owned(),
            tables: HashMap::new(),
        })
    }

    fn ensure_table(&mut self, collection: &str) -> rusqlite::Result<()> {
        if self.tables.contains_key(collection) {
            return Ok(());
        }
        self.connection.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS \"{collection}\" \
             (key BLOB PRIMARY KEY NOT NULL, value BLOB NOT NULL) WITHOUT ROWID"
        ))?;
        let statements = Statements {
            put: format!("INSERT OR REPLACE INTO \"{collection}\" (key, value) VALUES (?1, ?2)"),
            delete: format!("DELETE FROM \"{collection}\" WHERE key = ?1"),
        };
        self.tables.insert(collection.to_owned(), statements);
        Ok(())
    }

    fn read(&mut self, collection: Collection) -> rusqlite::Result<Vec<Entry>> {
        self.ensure_table(collection)?;
        self.connection
            .prepare(&format!(
                "SELECT key, value FROM \"{collection}\" ORDER BY key"
            ))?
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect()
    }

    /// Applies changes (collection, key, value or removal) in order and atomically.
    ///
    /// # Errors
    /// They could not be written; then none of them was.
    pub fn write<'a>(
        &mut self,
        changes: impl IntoIterator<Item = (&'a str, &'a [u8], Option<&'a [u8]>)>,
    ) -> Result<(), StorageError> {
        self.write_all(changes)
            .map_err(|problem| StorageError::sqlite(&self.path, &problem))
    }

    fn write_all<'a>(
        &mut self,
        changes: impl IntoIterator<Item = (&'a str, &'a [u8], Option<&'a [u8]>)>,
    ) -> rusqlite::Result<()> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let written = changes
            .into_iter()
            .try_for_each(|change| self.write_one(change));
        let end = if written.is_ok() {
            "COMMIT"
        } else {
            "ROLLBACK"
        };
        let ended = self.connection.execute_batch(end);
        written.and(ended)
    }

    fn write_one(
        &mut self,
        (collection, key, value): (&str, &[u8], Option<&[u8]>),
    ) -> rusqlite::Result<()> {
        self.ensure_table(collection)?;
        let statements = &self.tables[collection];
        match value {
            Some(value) => self
                .connection
                .prepare_cached(&statements.put)?
                .execute(params![key, value])?,
            None => self
                .connection
                .prepare_cached(&statements.delete)?
                .execute(params![key])?,
        };
        Ok(())
    }
}

impl Storage for SqliteStorage {
    fn load(&mut self, collection: Collection) -> Result<Vec<Entry>, StorageError> {
        self.read(collection)
            .map_err(|problem| StorageError::sqlite(&self.path, &problem))
    }

    fn apply(&mut self, changes: &[Change]) -> Result<(), StorageError> {
        self.write(changes.iter().map(|change| {
            let value = change.value.as_deref();
            (change.collection, change.key.as_slice(), value)
        }))
    }
}

/// Creates the file with its mode, which SQLite's log gets too. An empty file beside a log is
/// damage: SQLite would take it for new and discard the log.
fn prepare_file(path: &Path) -> Result<(), StorageError> {
    let io = |problem: std::io::Error| StorageError::io(path, &problem);
    let file = open_private(path)?;
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let log_bytes = PathBuf::from(log).metadata().map_or(0, |log| log.len());
    if file.metadata().map_err(io)?.len() == 0 && log_bytes > 0 {
        return Err(StorageError::Damaged {
            path: path.display().to_string(),
            reason: "the file is empty but its write-ahead log is not".to_owned(),
        });
    }
    Ok(())
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // Until the file is known to be sound nothing is copied into it, not even by closing it.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.busy_timeout(std::time::Duration::ZERO)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(()))?;
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", CHECKPOINT_PAGES)?;
    Ok(connection)
}

/// Checks the layout and the whole file; gives a new file its layout number.
fn check(connection: &Connection, path: &Path) -> Result<(), StorageError> {
    let sql = |problem: rusqlite::Error| StorageError::sqlite(path, &problem);
    let found: u32 = connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(sql)?;
    let tables: u32 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(sql)?;
    if found == 0 && tables == 0 {
        // Writing takes the lock that keeps a second cloud out.
        return connection
            .pragma_update(None, "user_version", LAYOUT)
            .map_err(sql);
    }
    if found != LAYOUT {
        return Err(StorageError::Layout {
            path: path.display().to_string(),
            found,
            expected: LAYOUT,
        });
    }
    let verdict: String = connection
        .pragma_query_value(None, "quick_check", |row| row.get(0))
        .map_err(sql)?;
    if verdict != "ok" {
        return Err(StorageError::Damaged {
            path: path.display().to_string(),
            reason: verdict,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
