//! A thread with a connection to the tables' file.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};

use dynoxide::{Database, DynoxideError};
use tokio::sync::oneshot;

/// A command for the thread.
type Job = Box<dyn FnOnce(&Database) + Send>;

/// Runs commands on one connection, one at a time.
#[derive(Debug)]
pub(super) struct Worker {
    connection: Connection,
    jobs: mpsc::Sender<Job>,
}

/// A connection, for one command at a time.
#[derive(Clone)]
pub(super) struct Connection(Arc<Mutex<Database>>);

impl std::fmt::Debug for Connection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Connection").finish_non_exhaustive()
    }
}

impl Connection {
    /// Waits until no command runs.
    pub(super) fn lock(&self) -> MutexGuard<'_, Database> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Worker {
    /// Starts the thread.
    ///
    /// # Panics
    /// When the system has no thread to give.
    pub(super) fn start(name: &str, database: Database) -> Self {
        let connection = Connection(Arc::new(Mutex::new(database)));
        let (jobs, pending) = mpsc::channel::<Job>();
        let served = connection.clone();
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                while let Ok(job) = pending.recv() {
                    job(&served.lock());
                }
            })
            .expect("a starting process can have one more thread");
        Self { connection, jobs }
    }

    /// The connection.
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Runs a command on the thread, for it may take long.
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

    /// Runs a command that takes less time than a change of threads, at once where no other runs.
    ///
    /// # Errors
    /// Those of the command.
    pub(super) async fn run_briefly<T: Send + 'static>(
        &self,
        command: impl FnOnce(&Database) -> Result<T, DynoxideError> + Send + 'static,
    ) -> Result<T, DynoxideError> {
        if let Ok(database) = self.connection.0.try_lock() {
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
