//! Scans in segments. Dynoxide keeps the hash that decides an item's segment in a column without an
//! index, so a page of a segment would sort the whole table.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use dynoxide::DynoxideError;
use rusqlite::Connection;

use super::Tables;
use crate::dynamodb::transitions::bare_name;

/// The tables whose hashes have an index.
#[derive(Debug, Default)]
pub(super) struct Segments(Mutex<HashSet<String>>);

impl Segments {
    /// Forgets a table, which is deleted with its index.
    pub(super) fn forget(&self, table: &str) {
        self.lock().remove(bare_name(table));
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tables {
    /// Prepares a table for scans in segments. The first time that takes a second or two for a
    /// million items, in which nothing is written. Tables that are never scanned so have no index,
    /// which would slow down every write.
    ///
    /// # Errors
    /// When the writer's thread has ended.
    pub(in crate::dynamodb) async fn prepare_segments(
        &self,
        table: &str,
    ) -> Result<(), DynoxideError> {
        let name = bare_name(table).to_owned();
        let Some(path) = self
            .path
            .clone()
            .filter(|_| !self.segments.lock().contains(&name))
        else {
            return Ok(());
        };
        let table = name.clone();
        // On the writer's thread, because SQLite has one writer at a time.
        let create = move |_: &dynoxide::Database| Ok(create_index(&path, &table));
        match self.run(create).await? {
            Ok(()) => {
                self.segments.lock().insert(name);
            }
            // The scan says what is wrong, or does without.
            Err(problem) => tracing::debug!(%problem, table = name, "no index for segments"),
        }
        Ok(())
    }
}

fn create_index(path: &Path, table: &str) -> rusqlite::Result<()> {
    let quoted = table.replace('"', "\"\"");
    Connection::open(path)?.execute_batch(&format!(
        "CREATE INDEX IF NOT EXISTS \"{quoted}::hash_prefix\" ON \"{quoted}\" (hash_prefix)"
    ))
}
