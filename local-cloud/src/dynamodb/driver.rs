//! The DynamoDB driver: dynoxide in process, its tables in a file.
//!
//! Dynoxide carries out one command at a time behind a lock, so one thread is as quick as many. It
//! has no timers: an item whose time to live has passed stays until it is deleted. (AWS promises
//! no more than "within a few days".)

mod file;
mod tables;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use dynoxide::{Database, DynoxideError};
use tokio::sync::oneshot;

use super::arns::Arns;
use super::schemas::Schemas;
use super::shard_iterators::ShardIterators;
use super::stale_tags::StaleTags;
use super::statement_parser::StatementParser;
use super::transitions::Transitions;
use crate::faults::TagUpdates;
use crate::runtime_context::RuntimeContext;
use crate::storage::StorageError;

/// All tables. Shared behind an [`Arc`]. What a command's result acknowledges survives a kill of
/// the process.
#[derive(Debug)]
pub struct Tables {
    database: SharedDatabase,
    jobs: mpsc::Sender<Job>,
    arns: Arns,
    schemas: Schemas,
    shard_iterators: ShardIterators,
    statement_parser: StatementParser,
    transitions: Transitions,
    stale_tags: StaleTags,
    tag_updates: Arc<TagUpdates>,
}

/// A command for the tables' thread.
type Job = Box<dyn FnOnce(&Database) + Send>;

/// Dynoxide, for one command at a time.
#[derive(Clone)]
struct SharedDatabase(Arc<Mutex<Database>>);

impl std::fmt::Debug for SharedDatabase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedDatabase").finish_non_exhaustive()
    }
}

impl Tables {
    /// Opens the tables' file, which is created where it does not exist, readable by its owner
    /// alone, and starts the thread that serves it.
    ///
    /// # Errors
    /// When the file cannot be used.
    ///
    /// # Panics
    /// When the system has no thread to give.
    pub fn open(path: &Path, context: &RuntimeContext) -> Result<Arc<Self>, StorageError> {
        Ok(Self::around(file::open(path)?, context))
    }

    /// Tables that are kept in memory, for tests.
    #[cfg(any(test, feature = "fuzzing"))]
    pub(super) fn in_memory(context: &RuntimeContext) -> Arc<Self> {
        let database = Database::memory().expect("there is memory");
        Self::around(database, context)
    }

    fn around(database: Database, context: &RuntimeContext) -> Arc<Self> {
        let schemas = Schemas::default();
        tables::load_schemas(&database, &schemas);
        let database = SharedDatabase(Arc::new(Mutex::new(database)));
        let (jobs, pending) = mpsc::channel::<Job>();
        let served = database.clone();
        std::thread::Builder::new()
            .name("tables".to_owned())
            .spawn(move || {
                while let Ok(job) = pending.recv() {
                    job(&served.0.lock().unwrap_or_else(PoisonError::into_inner));
                }
            })
            .expect("a starting process can have one more thread");
        Arc::new(Self {
            database,
            jobs,
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

    /// Runs a command on the tables' thread, for it may take long.
    ///
    /// # Errors
    /// Those of the command.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        command: impl FnOnce(&Database) -> Result<T, DynoxideError> + Send + 'static,
    ) -> Result<T, DynoxideError> {
        let (reply, answer) = oneshot::channel();
        let job = move |database: &Database| {
            // Nobody waits for the reply when the client has hung up.
            let _ = reply.send(catch(database, command));
        };
        // If the thread were gone, job and sender would be dropped, which ends the wait.
        let _ = self.jobs.send(Box::new(job));
        answer.await.unwrap_or_else(|_| {
            let message = "The tables' thread has ended.".to_owned();
            Err(DynoxideError::InternalServerError(message))
        })
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
        if let Ok(database) = self.database.0.try_lock() {
            return catch(&database, command);
        }
        self.run(command).await
    }
}

/// Runs a command; its panic becomes an error.
fn catch<T>(
    database: &Database,
    command: impl FnOnce(&Database) -> Result<T, DynoxideError>,
) -> Result<T, DynoxideError> {
    catch_unwind(AssertUnwindSafe(|| command(database))).unwrap_or_else(|_| {
        tracing::error!("a DynamoDB command panicked");
        let message = "The local cloud failed.".to_owned();
        Err(DynoxideError::InternalServerError(message))
    })
}
