//! The chaos driver: what is set, and the draws, kept over restarts.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::COLLECTION;
use crate::error::AwsError;
use crate::faults::{ChaosProfile, Delays, Deliveries, InjectedFault, Span, draw};
use crate::ids::SeededIds;
use crate::storage::journal::Journal;
use crate::storage::{Change, StorageError};

/// The chaos's key beside the clock's.
const KEY: &[u8] = b"chaos";

/// The chaos over the whole cloud. Shared behind an [`Arc`](std::sync::Arc).
#[derive(Debug)]
pub struct FaultInjector {
    journal: Journal,
    /// So that off chaos costs nothing.
    off: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    chaos: ChaosProfile,
    draws: SeededIds,
}

impl FaultInjector {
    /// The chaos as it was.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(journal: Journal) -> Result<Self, StorageError> {
        let stored = journal.load(COLLECTION)?;
        let stored = stored.iter().find(|(key, _)| key == KEY);
        let chaos = match stored {
            None => ChaosProfile::preset("off", 0),
            Some((_, bytes)) => serde_json::from_slice(bytes).ok(),
        };
        let chaos = chaos.ok_or_else(|| StorageError::Damaged {
            path: "the cloud's state".to_owned(),
            reason: "the chaos in it cannot be read".to_owned(),
        })?;
        Ok(Self {
            journal,
            off: AtomicBool::new(chaos.is_off()),
            state: Mutex::new(State {
                draws: SeededIds(chaos.seed),
                chaos,
            }),
        })
    }

    /// The chaos as it is set.
    pub(crate) fn chaos(&self) -> ChaosProfile {
        self.lock().chaos.clone()
    }

    /// Sets the chaos; its draws begin anew.
    ///
    /// # Errors
    /// `InternalFailure` when it could not be made durable.
    pub(crate) async fn set(&self, chaos: ChaosProfile) -> Result<(), AwsError> {
        let bytes = serde_json::to_vec(&chaos)
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        let durable = {
            let mut state = self.lock();
            state.draws = SeededIds(chaos.seed);
            self.off.store(chaos.is_off(), Ordering::Relaxed);
            state.chaos = chaos;
            self.journal
                .submit(vec![Change::put(COLLECTION, KEY, bytes)])
        };
        durable
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))
    }

    /// What happens to a request; `action` is asked for only when something may.
    pub(crate) fn fault(&self, action: impl FnOnce() -> String) -> InjectedFault {
        if self.is_off() {
            return InjectedFault::default();
        }
        let action = action();
        let State { chaos, draws } = &mut *self.lock();
        chaos.fault(&action, draws)
    }

    /// One of the delays, in milliseconds of lab time.
    pub(crate) fn delay(&self, of: impl FnOnce(&Delays) -> Span) -> u64 {
        if self.is_off() {
            return 0;
        }
        let State { chaos, draws } = &mut *self.lock();
        of(&chaos.delays).draw(draws)
    }

    /// Which of two answers is given while a change is on its way: whether the one that asks comes
    /// to a machine that does not know of it yet. Each request comes to one by chance, so answers
    /// alternate.
    pub(crate) fn is_behind(&self) -> bool {
        draw(&mut self.lock().draws) < 0.5
    }

    /// What may happen to messages, and a source to draw it from; `None` in off chaos.
    pub(crate) fn deliveries(&self) -> Option<(Deliveries, SeededIds)> {
        if self.is_off() {
            return None;
        }
        let State { chaos, draws } = &mut *self.lock();
        // The next draws are the command's own.
        let mut own = [0; 8];
        crate::ids::Ids::fill(draws, &mut own);
        Some((chaos.deliveries, SeededIds(u64::from_le_bytes(own))))
    }

    /// Whether nothing ever happens.
    pub(crate) fn is_off(&self) -> bool {
        self.off.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
