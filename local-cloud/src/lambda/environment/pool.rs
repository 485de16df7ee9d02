//! The execution environments: found by their token, reused most recently used first, counted,
//! and ended when they have been idle for long.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use super::process::Environment;
use crate::clock::WallMs;
use crate::error::AwsError;
use crate::lambda::engine::Function;

/// How many invocations of all functions run at the same time. AWS gives an account 1,000 and
/// throttles more; here more wait, because processes take the resources of one machine.
const MAX_INVOCATIONS: usize = 64;

/// How many environments are kept, including idle ones. Beyond it, the one that has been idle for
/// the longest ends when a new one is added.
const MAX_ENVIRONMENTS: usize = MAX_INVOCATIONS;

/// How long an idle environment is kept. AWS does not document it; it is minutes.
const IDLE_TIMEOUT: Duration = Duration::from_secs(5 * 60);

/// How much longer than an invocation can take credentials must be valid, in milliseconds.
const CREDENTIAL_MARGIN_MS: u64 = 60_000;

/// How long killed processes are waited for when the cloud stops.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(5);

/// The environments of all functions. Shared behind an [`Arc`].
#[derive(Debug)]
pub(crate) struct Pool {
    permits: Arc<Semaphore>,
    state: Mutex<State>,
    /// Notifies when an environment has ended.
    ended: Notify,
}

#[derive(Debug, Default)]
struct State {
    by_token: HashMap<String, Arc<Environment>>,
    /// The most recently used last.
    idle: Vec<Idle>,
    /// How many invocations of each function run or wait for a permit.
    running: HashMap<String, u32>,
    /// How many of them are of functions without reserved concurrency.
    unreserved: u32,
    is_sweeping: bool,
    is_closed: bool,
}

#[derive(Debug)]
struct Idle {
    environment: Arc<Environment>,
    since: Instant,
}

/// The permission to run one invocation, until it is dropped.
#[derive(Debug)]
pub(crate) struct Slot {
    pool: Arc<Pool>,
    function: String,
    /// Whether it counts among those of functions without reserved concurrency.
    is_unreserved: bool,
    _permit: Option<OwnedSemaphorePermit>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut state = self.pool.lock();
        state.unreserved -= u32::from(self.is_unreserved);
        if let Some(count) = state.running.get_mut(&self.function) {
            *count -= 1;
            if *count == 0 {
                state.running.remove(&self.function);
            }
        }
    }
}

/// An environment in use. If it is dropped without being given back, its process is killed: its
/// user is gone, and the state of the process is unknown.
#[derive(Debug)]
pub(crate) struct Busy(Option<Arc<Environment>>);

impl Busy {
    /// Takes an environment into use.
    pub(crate) fn new(environment: Arc<Environment>) -> Self {
        Self(Some(environment))
    }

    /// The environment.
    pub(crate) fn environment(&self) -> &Arc<Environment> {
        self.0.as_ref().expect("it is there until it is given back")
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
            permits: Arc::new(Semaphore::new(MAX_INVOCATIONS)),
            state: Mutex::default(),
            ended: Notify::new(),
        })
    }

    /// Takes the permission to run one invocation, waiting while the machine is fully used.
    /// `unreserved` is the concurrency that functions without reserved concurrency share.
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
        let permit = Arc::clone(&self.permits).acquire_owned().await;
        slot._permit = Some(permit.map_err(|_| stopping())?);
        Ok(slot)
    }

    fn count(self: &Arc<Self>, function: &Function, unreserved: u32) -> Result<Slot, AwsError> {
        let mut state = self.lock();
        if state.is_closed {
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
        let is_unreserved = function.reserved_concurrency.is_none();
        state.unreserved += u32::from(is_unreserved);
        *state.running.entry(function.name.clone()).or_default() += 1;
        Ok(Slot {
            pool: Arc::clone(self),
            function: function.name.clone(),
            is_unreserved,
            _permit: None,
        })
    }

    /// Adds an environment, which the Runtime API then finds by its token.
    pub(crate) fn add(&self, environment: &Arc<Environment>) {
        let mut state = self.lock();
        if state.by_token.len() >= MAX_ENVIRONMENTS && !state.idle.is_empty() {
            state.idle.remove(0).environment.kill();
        }
        if state.is_closed {
            environment.kill();
        }
        let token = environment.token.clone();
        state.by_token.insert(token, Arc::clone(environment));
    }

    /// Removes an environment whose process has ended.
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

    /// The most recently used idle environment that can run the function, with credentials that
    /// are valid for an invocation. Others that are found are killed.
    pub(crate) fn take(&self, function: &Function, now: WallMs) -> Option<Busy> {
        let needed = u64::from(function.timeout_seconds) * 1000 + CREDENTIAL_MARGIN_MS;
        let mut state = self.lock();
        loop {
            let is_of_function = |idle: &Idle| idle.environment.function.name == function.name;
            let found = state.idle.iter().rposition(is_of_function)?;
            let environment = state.idle.remove(found).environment;
            let has_time = environment.expires.0 > now.0.saturating_add(needed);
            if has_time && function.shares_environments_with(&environment.function) {
                return Some(Busy::new(environment));
            }
            environment.kill();
        }
    }

    /// Takes back an environment that asks for its next event.
    pub(crate) fn give_back(self: &Arc<Self>, mut busy: Busy) {
        let mut state = self.lock();
        // One that has ended was removed.
        let is_known = |busy: &Busy| state.by_token.contains_key(&busy.environment().token);
        if state.is_closed || !is_known(&busy) {
            return;
        }
        if let Some(environment) = busy.0.take() {
            let since = Instant::now();
            state.idle.push(Idle { environment, since });
        }
        if !state.is_sweeping {
            state.is_sweeping = true;
            tokio::spawn(sweep(Arc::clone(self)));
        }
    }

    /// Ends the idle environments that cannot run their function any more.
    pub(crate) fn retire(&self, is_current: impl Fn(&Function) -> bool) {
        self.lock().idle.retain(|idle| {
            let is_kept = is_current(&idle.environment.function);
            if !is_kept {
                idle.environment.kill();
            }
            is_kept
        });
    }

    /// Ends all environments and waits until they have ended.
    pub(crate) async fn close(&self) {
        self.permits.close();
        {
            let mut state = self.lock();
            state.is_closed = true;
            state.idle.clear();
            for environment in state.by_token.values() {
                environment.kill();
            }
        }
        let all_ended = async {
            loop {
                let ended = self.ended.notified();
                if self.lock().by_token.is_empty() {
                    break;
                }
                // The timeout covers an end between the check and the wait.
                let _ = tokio::time::timeout(Duration::from_millis(50), ended).await;
            }
        };
        if tokio::time::timeout(CLOSE_TIMEOUT, all_ended)
            .await
            .is_err()
        {
            tracing::warn!("some execution environments have not ended");
        }
    }

    /// Ends what has been idle for long. Returns when to do so again, or `None` when nothing is
    /// idle.
    fn sweep(&self) -> Option<Instant> {
        let mut state = self.lock();
        let now = Instant::now();
        state.idle.retain(|idle| {
            let is_kept = now.duration_since(idle.since) < IDLE_TIMEOUT;
            if !is_kept {
                idle.environment.kill();
            }
            is_kept
        });
        let oldest = state.idle.iter().map(|idle| idle.since).min();
        state.is_sweeping = oldest.is_some();
        oldest.map(|since| since + IDLE_TIMEOUT)
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

fn throttled(reason: &str) -> AwsError {
    AwsError::new("TooManyRequestsException", 429, "Rate Exceeded.")
        .with_member("Reason", reason.into())
}

fn stopping() -> AwsError {
    AwsError::new("ServiceException", 500, "The local cloud is stopping.")
}

#[cfg(test)]
mod tests;
