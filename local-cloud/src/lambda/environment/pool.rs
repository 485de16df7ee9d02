//! Which execution environments there are: found by their token, reused most recently used
//! first, counted, and ended when they have been idle for long.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::process::Environment;
use crate::clock::WallMs;
use crate::error::AwsError;
use crate::lambda::engine::Function;

/// How many invocations run at a time, of all functions together. AWS gives an account 1,000
/// and refuses more; here more wait, because one machine's processes are what they take.
const SIMULTANEOUS: usize = 64;

/// How many environments are kept, idle ones counted: beyond it the one that has been idle the
/// longest ends when a new one is made.
const KEPT: usize = SIMULTANEOUS;

/// How long an environment is kept for the next invocation. AWS does not say; it is minutes.
const IDLE: Duration = Duration::from_secs(5 * 60);

/// Credentials must be good for this much longer than an invocation can take.
const CREDENTIAL_MARGIN_MS: u64 = 60_000;

/// How long ended processes are waited for when the cloud stops.
const CLOSING: Duration = Duration::from_secs(5);

/// The environments of all functions. Shared behind an [`Arc`].
#[derive(Debug)]
pub(crate) struct Pool {
    places: Arc<Semaphore>,
    state: Mutex<State>,
    /// Rings when an environment has ended.
    ended: Notify,
}

#[derive(Debug, Default)]
struct State {
    by_token: HashMap<String, Arc<Environment>>,
    /// The most recently used last.
    idle: Vec<Idle>,
    /// How many invocations of each function run or wait for a place.
    running: HashMap<String, u32>,
    /// How many of them are of functions without reserved concurrency.
    unreserved: u32,
    sweeping: bool,
    closed: bool,
}

#[derive(Debug)]
struct Idle {
    environment: Arc<Environment>,
    since: Instant,
}

/// The right to run one invocation; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Slot {
    pool: Arc<Pool>,
    function: String,
    /// Whether it is counted among those of functions without reserved concurrency.
    unreserved: bool,
    _place: Option<OwnedSemaphorePermit>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        state.unreserved -= u32::from(self.unreserved);
        if let Some(count) = state.running.get_mut(&self.function) {
            *count -= 1;
            if *count == 0 {
                state.running.remove(&self.function);
            }
        }
    }
}

/// An environment in use. Dropped without being handed back, its process is ended: whoever
/// used it has gone away, and nobody knows what it is doing.
#[derive(Debug)]
pub(crate) struct Busy(Option<Arc<Environment>>);

impl Busy {
    /// Takes an environment into use.
    pub(crate) fn new(environment: Arc<Environment>) -> Self {
        Self(Some(environment))
    }

    /// The environment.
    pub(crate) fn environment(&self) -> &Arc<Environment> {
        self.0
            .as_ref()
            .expect("it is there until it is handed back")
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        if let Some(environment) = self.0.take() {
            environment.kill();
        }
    }
}

impl Pool {
    /// An empty pool.
    pub(crate) fn new() -> Arc<Self> {
        Arc::new(Self {
            places: Arc::new(Semaphore::new(SIMULTANEOUS)),
            state: Mutex::default(),
            ended: Notify::new(),
        })
    }

    /// Takes the right to run one invocation, waiting where the machine is full. `unreserved` is
    /// what the functions without reserved concurrency share.
    ///
    /// # Errors
    /// `TooManyRequestsException` beyond the function's reserved concurrency or the shared one,
    /// and `ServiceException` when the cloud is stopping.
    pub(crate) async fn slot(
        self: &Arc<Self>,
        function: &Function,
        unreserved: u32,
    ) -> Result<Slot, AwsError> {
        let mut slot = self.count(function, unreserved)?;
        let place = Arc::clone(&self.places).acquire_owned().await;
        slot._place = Some(place.map_err(|_| stopping())?);
        Ok(slot)
    }

    fn count(self: &Arc<Self>, function: &Function, unreserved: u32) -> Result<Slot, AwsError> {
        let mut state = self.lock();
        if state.closed {
            return Err(stopping());
        }
        let running = state.running.get(&function.name).copied().unwrap_or(0);
        match function.reserved_concurrency {
            Some(most) if running >= most => {
                return Err(throttled(
                    "ReservedFunctionConcurrentInvocationLimitExceeded",
                ));
            }
            None if state.unreserved >= unreserved => {
                return Err(throttled("ConcurrentInvocationLimitExceeded"));
            }
            _ => {}
        }
        let shares = function.reserved_concurrency.is_none();
        state.unreserved += u32::from(shares);
        *state.running.entry(function.name.clone()).or_default() += 1;
        Ok(Slot {
            pool: Arc::clone(self),
            function: function.name.clone(),
            unreserved: shares,
            _place: None,
        })
    }

    /// Makes an environment known to the Runtime API. Where many are kept already, the one that
    /// was idle the longest ends.
    pub(crate) fn add(&self, environment: &Arc<Environment>) {
        let mut state = self.lock();
        if state.by_token.len() >= KEPT && !state.idle.is_empty() {
            state.idle.remove(0).environment.kill();
        }
        if state.closed {
            environment.kill();
        }
        let token = environment.token.clone();
        state.by_token.insert(token, Arc::clone(environment));
    }

    /// An environment's process has ended.
    pub(crate) fn remove(&self, environment: &Environment) {
        let mut state = self.lock();
        state.by_token.remove(&environment.token);
        state
            .idle
            .retain(|idle| idle.environment.token != environment.token);
        self.ended.notify_waiters();
    }

    /// The environment with this token.
    pub(crate) fn by_token(&self, token: &str) -> Option<Arc<Environment>> {
        self.lock().by_token.get(token).cloned()
    }

    /// The most recently used idle environment of the function as it is now, whose credentials
    /// last for an invocation.
    pub(crate) fn take(&self, function: &Function, now: WallMs) -> Option<Busy> {
        let needed = u64::from(function.timeout_seconds) * 1000 + CREDENTIAL_MARGIN_MS;
        let mut state = self.lock();
        loop {
            let of_function = |idle: &Idle| idle.environment.function.name == function.name;
            let found = state.idle.iter().rposition(of_function)?;
            let environment = state.idle.remove(found).environment;
            let fresh = environment.expires.0 > now.0.saturating_add(needed);
            if fresh && same_environment(&environment.function, function) {
                return Some(Busy::new(environment));
            }
            environment.kill();
        }
    }

    /// Hands back an environment that asks for its next event.
    pub(crate) fn give_back(self: &Arc<Self>, mut busy: Busy) {
        let mut state = self.lock();
        // An ended one is no longer known.
        let known = |busy: &Busy| state.by_token.contains_key(&busy.environment().token);
        if state.closed || !known(&busy) {
            return;
        }
        if let Some(environment) = busy.0.take() {
            let since = Instant::now();
            state.idle.push(Idle { environment, since });
        }
        if !state.sweeping {
            state.sweeping = true;
            tokio::spawn(sweep(Arc::clone(self)));
        }
    }

    /// Ends the idle environments whose function is not `current` any more.
    pub(crate) fn retire(&self, current: impl Fn(&Function) -> bool) {
        self.lock().idle.retain(|idle| {
            let keep = current(&idle.environment.function);
            if !keep {
                idle.environment.kill();
            }
            keep
        });
    }

    /// Ends all environments and waits until they have ended.
    pub(crate) async fn close(&self) {
        self.places.close();
        {
            let mut state = self.lock();
            state.closed = true;
            state.idle.clear();
            for environment in state.by_token.values() {
                environment.kill();
            }
        }
        let all = async {
            loop {
                let ended = self.ended.notified();
                if self.lock().by_token.is_empty() {
                    break;
                }
                // Registered late or not: a look a little later finds it.
                let _ = tokio::time::timeout(Duration::from_millis(50), ended).await;
            }
        };
        if tokio::time::timeout(CLOSING, all).await.is_err() {
            tracing::warn!("some execution environments have not ended");
        }
    }

    /// Ends what has been idle for long; answers when to look again, or `None` when nothing is
    /// idle.
    fn sweep(&self) -> Option<Instant> {
        let mut state = self.lock();
        let now = Instant::now();
        state.idle.retain(|idle| {
            let keep = now.duration_since(idle.since) < IDLE;
            if !keep {
                idle.environment.kill();
            }
            keep
        });
        let oldest = state.idle.iter().map(|idle| idle.since).min();
        state.sweeping = oldest.is_some();
        Some(oldest? + IDLE)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs only while something is idle.
async fn sweep(pool: Arc<Pool>) {
    while let Some(next) = pool.sweep() {
        tokio::time::sleep_until(next).await;
    }
}

/// Whether an environment made for one function's state serves for the other's. What an
/// invocation reads anew (the timeout, the reserved concurrency) does not count.
pub(crate) fn same_environment(a: &Function, b: &Function) -> bool {
    a.name == b.name
        && a.code_sha256 == b.code_sha256
        && a.memory_mb == b.memory_mb
        && a.environment == b.environment
        && a.handler == b.handler
        && a.architecture == b.architecture
        && a.role_arn == b.role_arn
        && a.role_id == b.role_id
        && a.log_group == b.log_group
        && a.log_json == b.log_json
}

fn throttled(reason: &str) -> AwsError {
    AwsError::new("TooManyRequestsException", 429, "Rate Exceeded.")
        .with_member("Reason", reason.into())
}

fn stopping() -> AwsError {
    AwsError::new("ServiceException", 500, "The local cloud is stopping.")
}

#[cfg(test)]
mod tests;
