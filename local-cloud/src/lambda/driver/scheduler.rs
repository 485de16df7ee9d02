//! What runs when its time has come or something has changed: asynchronous invocations, pollers,
//! the ends of transitions, and the removal of what nothing needs any more.

use std::collections::HashSet;
use std::io;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

use crate::clock::{Clock, LabMs, Now};
use crate::lambda::activity::Activity;
use crate::lambda::code::CodeStore;
use crate::lambda::engine::{AsyncInvocation, AsyncOutcome};
use crate::lambda::environment::Pool;
use crate::lambda::event_source_mapping::{MappingContext, MappingRunner};
use crate::lambda::invocation::Invoker;
use crate::lambda::shared_registry::SharedRegistry;
use crate::lambda::shutdown::Shutdown;

/// How many asynchronous invocations run at the same time, so that synchronous ones find room.
const MAX_ATTEMPTS: usize = 16;

/// One task runs everything, until the cloud stops.
#[derive(Debug)]
pub(super) struct Scheduler {
    clock: Arc<Clock>,
    registry: Arc<SharedRegistry>,
    code: Arc<CodeStore>,
    pool: Arc<Pool>,
    invoker: Arc<Invoker>,
    mappings: MappingRunner,
    /// The work under way.
    activity: Arc<Activity>,
    /// Attempts at asynchronous invocations.
    attempts: JoinSet<()>,
    /// Notifies of changes to functions and mappings.
    changed: watch::Receiver<()>,
    /// Notifies when an environment does not use its code any more.
    environment_ended: Arc<Notify>,
    shutdown: Shutdown,
}

impl Scheduler {
    /// A scheduler for these functions and mappings.
    pub(super) fn new(context: MappingContext) -> Self {
        let invoker = Arc::clone(&context.invoker);
        Self {
            clock: Arc::clone(&context.clock),
            registry: Arc::clone(&context.registry),
            code: Arc::clone(&invoker.code),
            pool: Arc::clone(&invoker.pool),
            activity: Arc::clone(&context.activity),
            attempts: JoinSet::new(),
            changed: context.registry.subscribe(),
            environment_ended: Arc::clone(invoker.starter.ended()),
            shutdown: context.shutdown.clone(),
            mappings: MappingRunner::new(Arc::new(context)),
            invoker,
        }
    }

    /// Runs until the cloud stops, and the last batch of each mapping has ended. Asynchronous
    /// invocations under way end; because nothing was stored, they run again after the next start.
    pub(super) async fn run(mut self) {
        while !self.shutdown.is_requested() {
            self.changed.mark_unchanged();
            let now = self.clock.now();
            self.reconcile(now);
            self.start_attempts();
            self.wait(now).await;
        }
        drop(self.attempts);
        self.mappings.join().await;
    }

    /// Waits until something is to be done that was not at `now`.
    async fn wait(&mut self, now: Now) {
        let next_attempt = self
            .registry
            .read(|registry| registry.next_async_due())
            .filter(|_| self.attempts.len() < MAX_ATTEMPTS);
        let transition = self
            .registry
            .read(|registry| registry.next_transition(now.lab));
        let due = next_attempt.into_iter().chain(transition).min();
        tokio::select! {
            () = sleep_until(&self.clock, due) => {}
            Some(_) = self.attempts.join_next() => {}
            () = self.mappings.ended() => {}
            () = self.environment_ended.notified() => {}
            _ = self.changed.changed() => {}
            () = self.shutdown.requested() => {}
        }
    }

    /// Ends environments that are out of date, ends transitions that are due, removes unused code
    /// and starts pollers. Environments and pollers in use learn of changes by themselves.
    fn reconcile(&mut self, now: Now) {
        self.pool
            .retire(|function| self.registry.is_current(function));
        self.settle_functions(now);
        self.settle_mappings(now);
        self.remove_unused_code();
        let to_poll = self.registry.read(|registry| {
            let mappings = registry.mappings_to_poll(now);
            mappings.map(|mapping| mapping.uuid.clone()).collect()
        });
        self.mappings.start(to_poll);
    }

    /// Ends the transitions of functions that are due, once their code is unpacked.
    fn settle_functions(&self, now: Now) {
        let functions: Vec<_> = self.registry.read(|registry| {
            let functions = registry.functions_due(now);
            functions
                .map(|one| (one.name.clone(), one.code_sha256.clone()))
                .collect()
        });
        for (name, hash) in functions {
            let (registry, code) = (Arc::clone(&self.registry), Arc::clone(&self.code));
            tokio::spawn(async move {
                // If it cannot be unpacked, that is found and reported again when it is to run.
                let unpack = move || {
                    code.directory(&hash)?;
                    code.confirm(&hash);
                    Ok::<_, io::Error>(())
                };
                if let Ok(Err(problem)) = tokio::task::spawn_blocking(unpack).await {
                    tracing::warn!(function = name, %problem, "code could not be unpacked");
                }
                let settle =
                    registry.change(|registry, now, ids| registry.settle_function(&name, now, ids));
                if let Err(problem) = settle.await {
                    tracing::warn!(function = name, %problem, "a function could not be settled");
                }
            });
        }
    }

    /// Ends the transitions of mappings that are due, except those that wait for their pollers.
    fn settle_mappings(&self, now: Now) {
        if !self.registry.read(|registry| registry.has_mapping_due(now)) {
            return;
        }
        let registry = Arc::clone(&self.registry);
        tokio::spawn(async move {
            let settle = registry.change(|registry, now, _| registry.settle_mappings(now));
            if let Err(problem) = settle.await {
                tracing::warn!(%problem, "mappings could not be settled");
            }
        });
    }

    /// Removes the code that no function has, none is about to get and no environment runs.
    fn remove_unused_code(&self) {
        if unused_code(&self.registry, &self.code).is_empty() {
            return;
        }
        let (registry, code) = (Arc::clone(&self.registry), Arc::clone(&self.code));
        tokio::task::spawn_blocking(move || {
            if let Err(problem) = code.remove(|| unused_code(&registry, &code)) {
                tracing::warn!(%problem, "unused code could not be removed");
            }
        });
    }

    fn start_attempts(&mut self) {
        while self.attempts.len() < MAX_ATTEMPTS {
            // Begun before the invocation counts as running, so that there is always one of both.
            let working = self.activity.begin();
            let Some(next) = self.registry.next_async() else {
                break;
            };
            let (registry, invoker) = (Arc::clone(&self.registry), Arc::clone(&self.invoker));
            self.attempts.spawn(async move {
                attempt(registry, invoker, next).await;
                drop(working);
            });
        }
    }
}

/// Sleeps until a moment of lab time; forever if there is none.
async fn sleep_until(clock: &Clock, due: Option<LabMs>) {
    match due {
        Some(due) => clock.sleep_until(due).await,
        None => std::future::pending().await,
    }
}

/// Runs an asynchronous invocation once.
async fn attempt(
    registry: Arc<SharedRegistry>,
    invoker: Arc<Invoker>,
    invocation: AsyncInvocation,
) {
    let sequence = invocation.sequence;
    let payload = Bytes::from(invocation.payload);
    let invoke = invoker.invoke_as(&invocation.function, payload, invocation.request_id);
    let outcome = match invoke.await {
        Ok(output) if output.failed => AsyncOutcome::Failed,
        Ok(_) => AsyncOutcome::Done,
        // All errors may be transient, like throttling.
        Err(_) => AsyncOutcome::Throttled,
    };
    let finish = registry.change(|registry, now, _| registry.finish_async(sequence, outcome, now));
    if let Err(problem) = finish.await {
        tracing::warn!(%problem, "the end of an asynchronous invocation could not be stored");
    }
}

/// The hashes of unused code. Code of a function is pinned under the registry's lock, so that none
/// is taken for unused in between.
fn unused_code(registry: &SharedRegistry, code: &CodeStore) -> Vec<String> {
    registry.read(|registry| {
        let used = registry.functions().map(|one| one.code_sha256.as_str());
        code.unused(&used.collect::<HashSet<_>>())
    })
}
