//! The journal: makes engines' changes durable, in order, many callers' at a time.
//!
//! Callers queue up their changes and wait. Whoever finds nobody writing writes for all that
//! wait, so a caller alone pays for one write and no change of threads, and the cost of a write
//! is shared by whoever comes meanwhile. A thread keeps house: it folds what has been written, and
//! writes for callers that went away.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, mpsc};
use std::task::{Context, Poll};

use tokio::sync::{oneshot, watch};

use crate::storage::{Change, Collection, Entry, Storage, StorageError, Upkeep};

/// How many bytes of keys and values one transaction gathers at most (it may end above by one
/// caller's): enough to share a write among thousands, small enough that nobody waits long.
const GROUP_BYTES: usize = 8 << 20;

/// How many transactions one caller writes for others before the thread goes on.
const GROUPS: usize = 4;

/// A handle to the storage and to whoever waits for it. Cheap to clone.
#[derive(Clone)]
pub struct Journal(Arc<Shared>);

struct Shared {
    waiting: Mutex<Waiting>,
    /// Held by whoever writes; `None` once the journal is closed.
    storage: Mutex<Option<Box<dyn Storage>>>,
    failed: watch::Sender<Option<StorageError>>,
    errands: mpsc::Sender<Job>,
}

#[derive(Default)]
struct Waiting {
    callers: VecDeque<Caller>,
    closed: bool,
}

struct Caller {
    changes: Vec<Change>,
    done: Done,
}

type Done = oneshot::Sender<Result<(), StorageError>>;

/// What the thread is to do.
enum Job {
    /// To write for whoever waits.
    Write,
    /// To keep house.
    Upkeep(Upkeep),
    /// To end.
    End,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Journal").finish_non_exhaustive()
    }
}

impl Journal {
    /// A journal over this storage, with its thread, which ends with the last handle or at
    /// [`Journal::close`].
    ///
    /// # Panics
    /// When the system has no thread to give.
    pub fn start(storage: Box<dyn Storage>) -> Self {
        let (errands, todo) = mpsc::channel();
        let shared = Arc::new(Shared {
            waiting: Mutex::default(),
            storage: Mutex::new(Some(storage)),
            failed: watch::Sender::new(None),
            errands,
        });
        let weak = Arc::downgrade(&shared);
        std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                while let Ok(job) = todo.recv() {
                    let Some(shared) = weak.upgrade() else { return };
                    match job {
                        Job::Write => shared.write(),
                        Job::Upkeep(upkeep) => shared.note(upkeep()),
                        Job::End => return,
                    }
                }
            })
            .expect("a starting process can have one more thread");
        Self(shared)
    }

    /// All entries of a collection. Blocks the thread: for the start, before requests come in.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn load(&self, collection: Collection) -> Result<Vec<Entry>, StorageError> {
        match &mut *lock(&self.0.storage) {
            Some(storage) => storage.load(collection),
            None => Err(self.0.closed()),
        }
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
        let mut waiting = lock(&self.0.waiting);
        // Where it is closed the sender is dropped, which is how the caller learns of it.
        if !waiting.closed {
            waiting.callers.push_back(Caller { changes, done });
        }
        Written {
            shared: Arc::clone(&self.0),
            answer,
            asked: false,
        }
    }

    /// Resolves when a write has failed.
    pub async fn failed(&self) -> StorageError {
        let mut failure = self.0.failed.subscribe();
        match failure.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or_else(closed),
            Err(_) => std::future::pending().await,
        }
    }

    /// Writes what was handed over so far and closes the storage. Later calls report that it is
    /// closed.
    pub async fn close(&self) {
        lock(&self.0.waiting).closed = true;
        let shared = Arc::clone(&self.0);
        let close = move || {
            let mut storage = lock(&shared.storage);
            shared.write_for(&mut storage, usize::MAX);
            *storage = None;
            let _ = shared.errands.send(Job::End);
        };
        // It may wait for a write, which is no affair of a worker's.
        let _ = tokio::task::spawn_blocking(close).await;
    }
}

impl Shared {
    /// Writes for all that wait, unless somebody does already: then that one does.
    fn write(&self) {
        loop {
            let mut storage = match self.storage.try_lock() {
                Ok(storage) => storage,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => return,
            };
            let is_done = self.write_for(&mut storage, GROUPS);
            drop(storage);
            if !is_done {
                // The rest is for the thread: a caller has its own answer to give.
                let _ = self.errands.send(Job::Write);
                return;
            }
            // Who came after the last look found the storage taken, and relies on this one.
            if lock(&self.waiting).callers.is_empty() {
                return;
            }
        }
    }

    /// Writes so many transactions at most; answers whether nobody waits any more.
    fn write_for(&self, storage: &mut Option<Box<dyn Storage>>, groups: usize) -> bool {
        for _ in 0..groups {
            let Some((changes, callers)) = self.group() else {
                return true;
            };
            let result = match storage {
                Some(storage) => self.apply(storage.as_mut(), &changes),
                None => Err(self.closed()),
            };
            for caller in callers {
                // A caller that no longer waits (its client hung up) misses nothing.
                let _ = caller.send(result.clone());
            }
        }
        lock(&self.waiting).callers.is_empty()
    }

    /// The changes of the next transaction, and who waits for them.
    fn group(&self) -> Option<(Vec<Change>, Vec<Done>)> {
        let mut waiting = lock(&self.waiting);
        let first = waiting.callers.pop_front()?;
        let (mut changes, mut callers) = (first.changes, vec![first.done]);
        let mut bytes = size(&changes);
        while bytes < GROUP_BYTES
            && let Some(next) = waiting.callers.pop_front()
        {
            bytes += size(&next.changes);
            changes.extend(next.changes);
            callers.push(next.done);
        }
        Some((changes, callers))
    }

    fn apply(&self, storage: &mut dyn Storage, changes: &[Change]) -> Result<(), StorageError> {
        if let Some(reason) = &*self.failed.borrow() {
            return Err(reason.clone());
        }
        if changes.is_empty() {
            return Ok(());
        }
        let applied = storage.apply(changes).and_then(|()| storage.upkeep());
        let applied = applied.map(|upkeep| {
            if let Some(upkeep) = upkeep {
                let _ = self.errands.send(Job::Upkeep(upkeep));
            }
        });
        self.note(applied.clone());
        applied
    }

    /// The first failure is final.
    fn note(&self, result: Result<(), StorageError>) {
        if let Err(reason) = result {
            tracing::error!(%reason, "the state could not be written");
            self.failed.send_replace(Some(reason));
        }
    }

    fn closed(&self) -> StorageError {
        self.failed.borrow().clone().unwrap_or_else(closed)
    }
}

/// The answer to handed-over changes.
struct Written {
    shared: Arc<Shared>,
    answer: oneshot::Receiver<Result<(), StorageError>>,
    /// Whether somebody was found to write.
    asked: bool,
}

impl Future for Written {
    type Output = Result<(), StorageError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if !self.asked {
            self.asked = true;
            self.shared.write();
        }
        Pin::new(&mut self.answer)
            .poll(context)
            .map(|answer| answer.unwrap_or_else(|_| Err(self.shared.closed())))
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if !self.asked {
            let _ = self.shared.errands.send(Job::Write);
        }
    }
}

fn closed() -> StorageError {
    StorageError::Io {
        path: "the journal".to_owned(),
        reason: "it is closed".to_owned(),
    }
}

fn size(changes: &[Change]) -> usize {
    let one = |change: &Change| change.key.len() + change.value.as_ref().map_or(0, Vec::len);
    changes.iter().map(one).sum()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
