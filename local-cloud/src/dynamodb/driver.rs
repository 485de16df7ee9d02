//! The DynamoDB driver: dynoxide in process, its tables in a file.
//!
//! Dynoxide carries out one command at a time behind a lock. Reads of many items have a connection
//! of their own, so that no write waits for them: SQLite's write-ahead log lets them see what was
//! committed before. Dynoxide has no timers: an item whose time to live has passed stays until it is
//! deleted. (AWS promises no more than "within a few days".)

mod file;
mod segments;
mod tables;
mod worker;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use dynoxide::{Database, DynoxideError};

use super::arns::Arns;
use super::schemas::Schemas;
use super::shard_iterators::ShardIterators;
use super::stale_tags::StaleTags;
use super::statement_parser::StatementParser;
use super::transitions::Transitions;
use crate::faults::TagUpdates;
use crate::runtime_context::RuntimeContext;
use crate::storage::StorageError;
use crate::storage::journal::Journal;
use segments::Segments;
use worker::Worker;

/// All tables. Shared behind an [`Arc`]. What a command's result acknowledges survives a kill of
/// the process.
#[derive(Debug)]
pub struct Tables {
    /// The file; `None` for tables in memory.
    path: Option<PathBuf>,
    writer: Worker,
    reader: Worker,
    segments: Segments,
    journal: Journal,
    arns: Arns,
    schemas: Schemas,
    shard_iterators: ShardIterators,
    statement_parser: StatementParser,
    transitions: Transitions,
    stale_tags: StaleTags,
    tag_updates: Arc<TagUpdates>,
}

impl Tables {
    /// Opens the tables' file, which is created where it does not exist, readable by its owner
    /// alone, and starts the threads that serve it.
    ///
    /// # Errors
    /// When the file cannot be used.
    ///
    /// # Panics
    /// When the system has no thread to give.
    pub fn open(path: &Path, context: &RuntimeContext) -> Result<Arc<Self>, StorageError> {
        let writer = file::open(path)?;
        let reader = file::connect(path)?;
        Ok(Self::around(Some(path), writer, reader, context))
    }

    /// Tables that are kept in memory, for tests.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn in_memory(context: &RuntimeContext) -> Arc<Self> {
        let database = Database::memory().expect("there is memory");
        Self::around(None, database.clone(), database, context)
    }

    fn around(
        path: Option<&Path>,
        writer: Database,
        reader: Database,
        context: &RuntimeContext,
    ) -> Arc<Self> {
        let schemas = Schemas::default();
        tables::load_schemas(&writer, &schemas);
        Arc::new(Self {
            path: path.map(Path::to_owned),
            writer: Worker::start("tables", writer),
            reader: Worker::start("tables-reader", reader),
            segments: Segments::default(),
            journal: context.journal.clone(),
            arns: Arns::new(&context.location),
            schemas,
            shard_iterators: ShardIterators::new(),
            statement_parser: StatementParser::default(),
            transitions: Transitions::new(context),
            stale_tags: StaleTags::new(context),
            tag_updates: Arc::clone(&context.tag_updates),
        })
    }

    /// The ARNs of the tables.
    pub(super) fn arns(&self) -> &Arns {
        &self.arns
    }

    /// The tables' partition keys and tags.
    pub(super) fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// What signs shard iterators.
    pub(super) fn shard_iterators(&self) -> &ShardIterators {
        &self.shard_iterators
    }

    /// What finds the tables in statements.
    pub(super) fn statement_parser(&self) -> &StatementParser {
        &self.statement_parser
    }

    /// Which tables are in transition.
    pub(super) fn transitions(&self) -> &Transitions {
        &self.transitions
    }

    /// Runs a command that may write.
    ///
    /// # Errors
    /// Those of the command.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        command: impl FnOnce(&Database) -> Result<T, DynoxideError> + Send + 'static,
    ) -> Result<T, DynoxideError> {
        let result = self.writer.run(command).await;
        self.check(result)
    }

    /// Runs a command about one item. It takes less time than a change of threads, so it runs at
    /// once where no other command does.
    ///
    /// # Errors
    /// Those of the command.
    pub(super) async fn run_on_item<T: Send + 'static>(
        &self,
        command: impl FnOnce(&Database) -> Result<T, DynoxideError> + Send + 'static,
    ) -> Result<T, DynoxideError> {
        let result = self.writer.run_briefly(command).await;
        self.check(result)
    }

    /// Runs a command that only reads.
    ///
    /// # Errors
    /// Those of the command.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        command: impl FnOnce(&Database) -> Result<T, DynoxideError> + Send + 'static,
    ) -> Result<T, DynoxideError> {
        self.reader.run(command).await
    }

    /// Stops the cloud when the file cannot be written: otherwise functions would fail for it, and
    /// the messages that they were given would be dead-lettered.
    fn check<T>(&self, result: Result<T, DynoxideError>) -> Result<T, DynoxideError> {
        if let (Err(problem), Some(path)) = (&result, &self.path)
            && let Some(failure) = file::failure(path, problem)
        {
            self.journal.fail(failure);
        }
        result
    }

    /// Runs a command that changes what tables there are or how they are described. A connection of
    /// dynoxide remembers that, so the one that reads is opened again.
    ///
    /// # Errors
    /// Those of the command.
    async fn change_tables<T: Send + 'static>(
        &self,
        command: impl FnOnce(&Database) -> Result<T, DynoxideError> + Send + 'static,
    ) -> Result<T, DynoxideError> {
        let (path, reader) = (self.path.clone(), self.reader.connection().clone());
        self.run(move |database| {
            // Nothing is read between the change and the new connection.
            let mut reader = reader.lock();
            let result = command(database);
            if let Some(path) = path {
                // One connection for both is slower, and right as well.
                *reader = file::connect(&path).unwrap_or_else(|_| database.clone());
            }
            result
        })
        .await
    }
}
