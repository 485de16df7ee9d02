//! The journal: makes the engines' changes durable, in order, for many callers at a time.
//!
//! Callers queue their changes and wait. A caller that finds nobody writing writes for all that
//! wait: one caller alone pays for one write and no change of threads, and concurrent callers share
//! the cost of a write. A thread runs compactions, and writes for callers that went away.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError, mpsc};
use std::task::{Context, Poll};

use tokio::sync::{oneshot, watch};

use crate::storage::{Change, Collection, Compaction, Entry, Storage, StorageError};

/// How many bytes of keys and values one transaction gathers, and at most one caller's changes
/// more: enough to share a write among thousands, small enough that nobody waits long.
const GROUP_BYTES: usize = 8 << 20;

/// How many transactions one caller writes before it leaves the rest to the thread.
const GROUPS: usize = 4;

/// A handle to the storage and its queue of callers. Cheap to clone.
#[derive(Clone)]
pub struct Journal(Arc<Shared>);

struct Shared {
    queue: Mutex<Queue>,
    /// Held by the caller that writes; `None` once the journal is closed.
    storage: Mutex<Option<Box<dyn Storage>>>,
    failed: watch::Sender<Option<StorageError>>,
    jobs: mpsc::Sender<Job>,
}

#[derive(Default)]
struct Queue {
    entries: VecDeque<Submission>,
    closed: bool,
}

struct Submission {
    changes: Vec<Change>,
    done: Done,
}

type Done = oneshot::Sender<Result<(), StorageError>>;

/// What the thread does next.
enum Job {
    /// Write what is queued.
    Write,
    /// Run a compaction.
    Compact(Compaction),
    /// End.
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
    /// When the system cannot start a thread.
    pub fn start(storage: Box<dyn Storage>) -> Self {
        let (jobs, received) = mpsc::channel();
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            storage: Mutex::new(Some(storage)),
            failed: watch::Sender::new(None),
            jobs,
        });
        let weak = Arc::downgrade(&shared);
        std::thread::Builder::new()
            .name("journal".to_owned())
            .spawn(move || {
                while let Ok(job) = received.recv() {
                    let Some(shared) = weak.upgrade() else { return };
                    match job {
                        Job::Write => shared.write(),
                        Job::Compact(compact) => shared.record_result(compact()),
                        Job::End => return,
                    }
                }
            })
            .expect("a starting process can have one more thread");
        Self(shared)
    }

    /// All entries of a collection. Blocks the thread, so it is for the start, before requests come
    /// in.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn load(&self, collection: Collection) -> Result<Vec<Entry>, StorageError> {
        match &mut *lock(&self.0.storage) {
            Some(storage) => storage.load(collection),
            None => Err(self.0.closed()),
        }
    }

    /// Queues changes; their place in the order is fixed when this returns. The future resolves when
    /// they are durable, or, without changes, when all before them are. Dropping the future does not
    /// take the changes back.
    ///
    /// A write that fails is final: this and every later one report it, and the cloud stops,
    /// because memory then holds what the disk does not.
    pub fn submit(
        &self,
        changes: Vec<Change>,
    ) -> impl Future<Output = Result<(), StorageError>> + Send + use<> {
        let (done, answer) = oneshot::channel();
        let mut queue = lock(&self.0.queue);
        // On a closed journal the sender is dropped, which tells the caller.
        if !queue.closed {
            queue.entries.push_back(Submission { changes, done });
        }
        Written {
            shared: Arc::clone(&self.0),
            answer,
            started: false,
        }
    }

    /// Reports that state outside of the journal could not be written, which is as final as a failed
    /// write of its own.
    pub fn fail(&self, reason: StorageError) {
        self.0.record_result(Err(reason));
    }

    /// Resolves with the reason when a write has failed.
    pub async fn failed(&self) -> StorageError {
        let mut failure = self.0.failed.subscribe();
        match failure.wait_for(Option::is_some).await {
            Ok(reason) => reason.clone().unwrap_or_else(closed),
            Err(_) => std::future::pending().await,
        }
    }

    /// Writes what is queued and closes the storage. Later calls report that it is closed.
    pub async fn close(&self) {
        lock(&self.0.queue).closed = true;
        let shared = Arc::clone(&self.0);
        let close = move || {
            let mut storage = lock(&shared.storage);
            shared.write_up_to(&mut storage, usize::MAX);
            *storage = None;
            let _ = shared.jobs.send(Job::End);
        };
        // It may wait for a write, which would block a worker of the runtime.
        let _ = tokio::task::spawn_blocking(close).await;
    }
}

impl Shared {
    /// Writes for all that wait, unless somebody is writing, who then writes for this caller too.
    fn write(&self) {
        loop {
            let mut storage = match self.storage.try_lock() {
                Ok(storage) => storage,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => return,
            };
            let is_done = self.write_up_to(&mut storage, GROUPS);
            drop(storage);
            if !is_done {
                // The thread does the rest, so that this caller can go on.
                let _ = self.jobs.send(Job::Write);
                return;
            }
            // A caller that came after the queue was empty found the storage locked and relies on
            // this one.
            if lock(&self.queue).entries.is_empty() {
                return;
            }
        }
    }

    /// Writes at most so many transactions; returns whether the queue is empty.
    fn write_up_to(&self, storage: &mut Option<Box<dyn Storage>>, groups: usize) -> bool {
        for _ in 0..groups {
            let Some((changes, callers)) = self.group() else {
                return true;
            };
            let result = match storage {
                Some(storage) => self.apply(storage.as_mut(), &changes),
                None => Err(self.closed()),
            };
            for caller in callers {
                // A caller whose client hung up does not wait any more.
                let _ = caller.send(result.clone());
            }
        }
        lock(&self.queue).entries.is_empty()
    }

    /// The changes of the next transaction, and the callers that wait for them.
    fn group(&self) -> Option<(Vec<Change>, Vec<Done>)> {
        let mut queue = lock(&self.queue);
        let first = queue.entries.pop_front()?;
        let (mut changes, mut callers) = (first.changes, vec![first.done]);
        let mut bytes = size(&changes);
        while bytes < GROUP_BYTES
            && let Some(next) = queue.entries.pop_front()
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
        let result = storage
            .apply(changes)
            .and_then(|()| storage.compaction())
            .map(|due| {
                if let Some(compact) = due {
                    let _ = self.jobs.send(Job::Compact(compact));
                }
            });
        self.record_result(result.clone());
        result
    }

    /// Records a failure, which is final.
    fn record_result(&self, result: Result<(), StorageError>) {
        if let Err(reason) = result {
            tracing::error!(%reason, "the state could not be written");
            self.failed.send_replace(Some(reason));
        }
    }

    fn closed(&self) -> StorageError {
        self.failed.borrow().clone().unwrap_or_else(closed)
    }
}

/// Resolves when submitted changes are durable.
struct Written {
    shared: Arc<Shared>,
    answer: oneshot::Receiver<Result<(), StorageError>>,
    /// Whether this caller has tried to write.
    started: bool,
}

impl Future for Written {
    type Output = Result<(), StorageError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if !self.started {
            self.started = true;
            self.shared.write();
        }
        Pin::new(&mut self.answer)
            .poll(context)
            .map(|answer| answer.unwrap_or_else(|_| Err(self.shared.closed())))
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        if !self.started {
            let _ = self.shared.jobs.send(Job::Write);
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
