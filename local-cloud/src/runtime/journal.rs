//! The journal: makes engines' changes durable, in order, many callers' at a time.
//!
//! One thread owns the storage. While it writes one transaction, the next callers queue up; it
//! then takes all of them into the next one, so the cost of a commit is shared by whoever waits.

use std::future::Future;
use std::sync::mpsc;

use tokio::sync::{oneshot, watch};

use crate::storage::{Change, Collection, Entry, Storage, StorageError};

/// How many bytes of keys and values one transaction gathers at most (it may end above by one
/// caller's): enough to share a commit among thousands, small enough that nobody waits long.
const GROUP_BYTES: usize = 8 << 20;

/// A handle to the thread that owns the storage. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Journal {
    commands: mpsc::Sender<Command>,
    failure: watch::Receiver<Option<StorageError>>,
}

type Done = oneshot::Sender<Result<(), StorageError>>;

enum Command {
    Load(
        Collection,
        mpsc::SyncSender<Result<Vec<Entry>, StorageError>>,
    ),
    Write(Vec<Change>, Done),
    Close(oneshot::Sender<()>),
}

impl Journal {
    /// Starts the writing thread. It waits for changes, gathers all that are waiting, applies
    /// them as one transaction and answers them all. It ends with the last handle, or at
    /// [`Journal::close`].
    ///
    /// # Panics
    /// When the system has no thread to give.
    pub fn start(storage: Box<dyn Storage>) -> Self {
        let (commands, waiting) = mpsc::channel();
        let (failed, failure) = watch::channel(None);
        let writer = Writer {
            storage,
            waiting,
            failed,
        };
        std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || writer.run())
            .expect("a starting process can have one more thread");
        Self { commands, failure }
    }

    /// All entries of a collection. Blocks the thread: for the start, before requests come in.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn load(&self, collection: Collection) -> Result<Vec<Entry>, StorageError> {
        let (reply, answer) = mpsc::sync_channel(1);
        self.send(Command::Load(collection, reply));
        answer.recv().unwrap_or_else(|_| Err(self.closed()))
    }

    /// Hands over changes; their place in the order is taken when this returns. The future
    /// resolves when they are durable; with no changes, when all before them are. Dropping the
    /// future does not take the changes back.
    ///
    /// A write that fails is final: this and every later one report it, and the cloud stops,
    /// because memory then holds what the disk does not.
    pub fn submit(
        &self,
        changes: Vec<Change>,
    ) -> impl Future<Output = Result<(), StorageError>> + Send + use<> {
        let (done, answer) = oneshot::channel();
        self.send(Command::Write(changes, done));
        let failure = self.failure.clone();
        async move {
            let answer = answer.await;
            answer.unwrap_or_else(|_| Err(failure.borrow().clone().unwrap_or_else(closed)))
        }
    }

    /// Resolves when a write has failed.
    pub async fn failed(&self) -> StorageError {
        let mut failure = self.failure.clone();
        match failure.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or_else(closed),
            // The thread ended without a failure: it was closed, so nothing can fail any more.
            Err(_) => std::future::pending().await,
        }
    }

    /// Writes what was handed over so far and closes the storage. Later calls report that it is
    /// closed.
    pub async fn close(&self) {
        let (done, closed) = oneshot::channel();
        self.send(Command::Close(done));
        // An error means that it was closed already.
        let _ = closed.await;
    }

    fn send(&self, command: Command) {
        // Where the thread is gone the command is dropped, and with it the sender on which the
        // caller waits: that is how the caller learns of it.
        let _ = self.commands.send(command);
    }

    fn closed(&self) -> StorageError {
        self.failure.borrow().clone().unwrap_or_else(closed)
    }
}

fn closed() -> StorageError {
    StorageError::Io {
        path: "the journal".to_owned(),
        reason: "it is closed".to_owned(),
    }
}

struct Writer {
    storage: Box<dyn Storage>,
    waiting: mpsc::Receiver<Command>,
    failed: watch::Sender<Option<StorageError>>,
}

impl Writer {
    fn run(mut self) {
        while let Ok(command) = self.waiting.recv() {
            let mut next = Some(command);
            while let Some(command) = next.take() {
                match command {
                    Command::Load(collection, reply) => {
                        let _ = reply.send(self.storage.load(collection));
                    }
                    Command::Write(changes, done) => next = self.write_group(changes, done),
                    Command::Close(done) => {
                        drop(self);
                        let _ = done.send(());
                        return;
                    }
                }
            }
        }
    }

    /// Writes these changes and all others that wait behind them; gives back the command at
    /// which the group ended, if one did.
    fn write_group(&mut self, mut changes: Vec<Change>, done: Done) -> Option<Command> {
        let mut callers = vec![done];
        let mut bytes = size(&changes);
        let mut after = None;
        while bytes < GROUP_BYTES {
            match self.waiting.try_recv() {
                Ok(Command::Write(more, done)) => {
                    bytes += size(&more);
                    changes.extend(more);
                    callers.push(done);
                }
                Ok(other) => {
                    after = Some(other);
                    break;
                }
                Err(_) => break,
            }
        }
        let result = self.apply(&changes);
        for caller in callers {
            // A caller that no longer waits (its client hung up) misses nothing.
            let _ = caller.send(result.clone());
        }
        after
    }

    fn apply(&mut self, changes: &[Change]) -> Result<(), StorageError> {
        if let Some(reason) = &*self.failed.borrow() {
            return Err(reason.clone());
        }
        if changes.is_empty() {
            return Ok(());
        }
        self.storage.apply(changes).inspect_err(|reason| {
            tracing::error!(%reason, "the state could not be written");
            self.failed.send_replace(Some(reason.clone()));
        })
    }
}

fn size(changes: &[Change]) -> usize {
    let one = |change: &Change| change.key.len() + change.value.as_ref().map_or(0, Vec::len);
    changes.iter().map(one).sum()
}

#[cfg(test)]
mod tests;
