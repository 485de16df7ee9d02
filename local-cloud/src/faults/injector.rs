//! The fault injector: the chaos profile that is set, kept over restarts, and the random draws that
//! decide what happens to a request or a message.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::profile::{ChaosProfile, Delays, Deliveries, InjectedFault, Span, draw};
use crate::clock::COLLECTION;
use crate::error::AwsError;
use crate::ids::{Ids as _, SeededIds};
use crate::storage::journal::Journal;
use crate::storage::{Change, StorageError};

/// The profile's key in the clock's collection.
const KEY: &[u8] = b"chaos";

/// Decides what goes wrong in the whole cloud. Shared behind an [`Arc`](std::sync::Arc).
#[derive(Debug)]
pub struct FaultInjector {
    journal: Journal,
    /// Whether nothing ever goes wrong, so that this costs no lock.
    is_off: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    profile: ChaosProfile,
    draws: SeededIds,
}

impl FaultInjector {
    /// The injector with the profile that was set last; chaos is off in a new cloud.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(journal: Journal) -> Result<Self, StorageError> {
        let entries = journal.load(COLLECTION)?;
        let profile = match entries.iter().find(|(key, _)| key == KEY) {
            None => ChaosProfile::named("off", 0),
            Some((_, bytes)) => serde_json::from_slice(bytes).ok(),
        }
        .ok_or_else(|| StorageError::Damaged {
            path: "the cloud's state".to_owned(),
            reason: "the chaos profile in it cannot be read".to_owned(),
        })?;
        Ok(Self {
            journal,
            is_off: AtomicBool::new(profile.is_off()),
            state: Mutex::new(State {
                draws: SeededIds(profile.seed),
                profile,
            }),
        })
    }

    /// The profile that is set.
    pub(crate) fn profile(&self) -> ChaosProfile {
        self.lock().profile.clone()
    }

    /// Sets the profile and restarts the draws from its seed.
    ///
    /// # Errors
    /// `InternalFailure` when it could not be made durable.
    pub(crate) async fn set(&self, profile: ChaosProfile) -> Result<(), AwsError> {
        let bytes = serde_json::to_vec(&profile)
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        let durable = {
            let mut state = self.lock();
            state.draws = SeededIds(profile.seed);
            self.is_off.store(profile.is_off(), Ordering::Relaxed);
            state.profile = profile;
            self.journal
                .submit(vec![Change::put(COLLECTION, KEY, bytes)])
        };
        durable
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))
    }

    /// What happens to a request for an action; `action` is evaluated only when something may.
    pub(crate) fn draw_fault(&self, action: impl FnOnce() -> String) -> InjectedFault {
        if self.is_off() {
            return InjectedFault::default();
        }
        let action = action();
        let State { profile, draws } = &mut *self.lock();
        profile.draw_fault(&action, draws)
    }

    /// One of the delays, in milliseconds of lab time.
    pub(crate) fn delay(&self, of: impl FnOnce(&Delays) -> Span) -> u64 {
        if self.is_off() {
            return 0;
        }
        let State { profile, draws } = &mut *self.lock();
        of(&profile.delays).draw(draws)
    }

    /// Whether a request comes to a machine that a change on its way has not reached. Each request
    /// comes to one machine by chance, so answers alternate.
    pub(crate) fn is_behind(&self) -> bool {
        draw(&mut self.lock().draws) < 0.5
    }

    /// What may happen to messages, and a source to draw it from; `None` while chaos is off.
    pub(crate) fn deliveries(&self) -> Option<(Deliveries, SeededIds)> {
        if self.is_off() {
            return None;
        }
        let State { profile, draws } = &mut *self.lock();
        // The command makes its own draws, from a seed drawn here.
        let mut seed = [0; 8];
        draws.fill(&mut seed);
        Some((profile.deliveries, SeededIds(u64::from_le_bytes(seed))))
    }

    /// Whether nothing ever goes wrong.
    pub(crate) fn is_off(&self) -> bool {
        self.is_off.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
