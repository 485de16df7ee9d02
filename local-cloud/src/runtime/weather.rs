//! The weather driver: what is set, and the draws, kept over restarts.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::clock::COLLECTION;
use crate::engines::weather::{Delays, Deliveries, Mishap, Span, Weather, draw};
use crate::error::AwsError;
use crate::ids::SeededIds;
use crate::runtime::journal::Journal;
use crate::storage::{Change, StorageError};

/// The weather's key beside the clock's.
const KEY: &[u8] = b"weather";

/// The weather over the whole cloud. Shared behind an [`Arc`](std::sync::Arc).
#[derive(Debug)]
pub struct Sky {
    journal: Journal,
    /// So that calm weather costs nothing.
    calm: AtomicBool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    weather: Weather,
    draws: SeededIds,
}

impl Sky {
    /// The weather as it was.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(journal: Journal) -> Result<Self, StorageError> {
        let stored = journal.load(COLLECTION)?;
        let stored = stored.iter().find(|(key, _)| key == KEY);
        let weather = match stored {
            None => Weather::preset("calm", 0),
            Some((_, bytes)) => serde_json::from_slice(bytes).ok(),
        };
        let weather = weather.ok_or_else(|| StorageError::Damaged {
            path: "the cloud's state".to_owned(),
            reason: "the weather in it cannot be read".to_owned(),
        })?;
        Ok(Self {
            journal,
            calm: AtomicBool::new(weather.is_calm()),
            state: Mutex::new(State {
                draws: SeededIds(weather.seed),
                weather,
            }),
        })
    }

    /// The weather as it is set.
    pub(crate) fn weather(&self) -> Weather {
        self.lock().weather.clone()
    }

    /// Sets the weather; its draws begin anew.
    ///
    /// # Errors
    /// `InternalFailure` when it could not be made durable.
    pub(crate) async fn set(&self, weather: Weather) -> Result<(), AwsError> {
        let bytes = serde_json::to_vec(&weather)
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        let durable = {
            let mut state = self.lock();
            state.draws = SeededIds(weather.seed);
            self.calm.store(weather.is_calm(), Ordering::Relaxed);
            state.weather = weather;
            self.journal
                .submit(vec![Change::put(COLLECTION, KEY, bytes)])
        };
        durable
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))
    }

    /// What happens to a request; `action` is asked for only when something may.
    pub(crate) fn mishap(&self, action: impl FnOnce() -> String) -> Mishap {
        if self.is_calm() {
            return Mishap::default();
        }
        let action = action();
        let State { weather, draws } = &mut *self.lock();
        weather.mishap(&action, draws)
    }

    /// One of the delays, in milliseconds of lab time.
    pub(crate) fn delay(&self, of: impl FnOnce(&Delays) -> Span) -> u64 {
        if self.is_calm() {
            return 0;
        }
        let State { weather, draws } = &mut *self.lock();
        of(&weather.delays).draw(draws)
    }

    /// Which of two answers is given while a change is on its way: whether the one that asks comes
    /// to a machine that does not know of it yet. Each request comes to one by chance, so answers
    /// alternate.
    pub(crate) fn is_behind(&self) -> bool {
        draw(&mut self.lock().draws) < 0.5
    }

    /// What may happen to messages, and a source to draw it from; `None` in calm weather.
    pub(crate) fn deliveries(&self) -> Option<(Deliveries, SeededIds)> {
        if self.is_calm() {
            return None;
        }
        let State { weather, draws } = &mut *self.lock();
        // The next draws are the command's own.
        let mut own = [0; 8];
        crate::ids::Ids::fill(draws, &mut own);
        Some((weather.deliveries, SeededIds(u64::from_le_bytes(own))))
    }

    /// Whether nothing ever happens.
    pub(crate) fn is_calm(&self) -> bool {
        self.calm.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
