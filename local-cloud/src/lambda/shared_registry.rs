//! The registry for all tasks of the driver: behind a lock, with the time, ids and the journal.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::engine::{
    AsyncInvocation, FUNCTIONS, Function, INVOCATIONS, Loaded, MAPPINGS, Mapping, Outcome,
    Registry, TransitionTimes,
};
use crate::clock::{Clock, Now};
use crate::error::AwsError;
use crate::faults::{FaultInjector, TagUpdates};
use crate::ids::{Ids, SystemIds};
use crate::runtime_context::RuntimeContext;
use crate::storage::StorageError;
use crate::storage::journal::Journal;

/// The registry. Shared behind an [`Arc`].
#[derive(Debug)]
pub(crate) struct SharedRegistry {
    clock: Arc<Clock>,
    journal: Journal,
    faults: Arc<FaultInjector>,
    tag_updates: Arc<TagUpdates>,
    state: Mutex<State>,
    /// Notifies of every durable change.
    changed: watch::Sender<()>,
}

#[derive(Debug)]
struct State {
    registry: Registry,
    ids: SystemIds,
}

impl SharedRegistry {
    /// Loads the registry.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub(crate) fn open(context: &RuntimeContext) -> Result<Arc<Self>, StorageError> {
        let RuntimeContext {
            location,
            clock,
            journal,
            faults,
            tag_updates,
        } = context.clone();
        let loaded = Loaded {
            functions: journal.load(FUNCTIONS)?,
            mappings: journal.load(MAPPINGS)?,
            invocations: journal.load(INVOCATIONS)?,
        };
        let registry =
            Registry::load((&location.account, &location.region), loaded).map_err(|reason| {
                StorageError::Damaged {
                    path: "the cloud's state".to_owned(),
                    reason,
                }
            })?;
        Ok(Arc::new(Self {
            clock,
            journal,
            faults,
            tag_updates,
            state: Mutex::new(State {
                registry,
                ids: SystemIds,
            }),
            changed: watch::Sender::new(()),
        }))
    }

    /// Reads the registry.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Registry) -> T) -> T {
        read(&self.lock().registry)
    }

    /// Runs a command and answers when its changes are durable.
    ///
    /// # Errors
    /// The command's, or `InternalFailure` when its changes could not be made durable.
    pub(crate) async fn change<T>(
        &self,
        command: impl FnOnce(&mut Registry, Now, &mut dyn Ids) -> Outcome<T>,
    ) -> Result<T, AwsError> {
        let (result, durable) = {
            let mut state = self.lock();
            let State { registry, ids } = &mut *state;
            registry.set_transition_times(TransitionTimes {
                function_ms: self.faults.delay(|delays| delays.function),
                mapping_ms: self.faults.delay(|delays| delays.mapping),
            });
            let (result, changes) = command(registry, self.clock.now(), ids)?;
            for (arn, earlier_tags) in changes.tagged {
                self.tag_updates.record(arn, earlier_tags);
            }
            (result, self.journal.submit(changes.stored))
        };
        durable
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        self.changed.send_replace(());
        Ok(result)
    }

    /// Receives a notification after each change.
    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// A function that can be invoked.
    pub(crate) fn invocable(&self, name: &str) -> Option<Function> {
        self.read(|registry| registry.invocable(name).ok().cloned())
    }

    /// Whether an execution environment that was started for this state of a function can run the
    /// function as it is now.
    pub(crate) fn is_current(&self, function: &Function) -> bool {
        self.read(|registry| {
            let current = registry.function(&function.name);
            current.is_ok_and(|current| current.shares_environments_with(function))
        })
    }

    /// The mapping, if it polls.
    pub(crate) fn polling_mapping(&self, uuid: &str) -> Option<Mapping> {
        self.read(|registry| {
            let mapping = registry.mapping(uuid).ok();
            mapping.filter(|mapping| mapping.is_polling()).cloned()
        })
    }

    /// Sets a mapping's `LastProcessingResult`, which is not stored.
    pub(crate) fn set_processing_result(&self, uuid: &str, result: &str) {
        self.lock().registry.set_processing_result(uuid, result);
    }

    /// The oldest asynchronous invocation that may run now. It counts as running.
    pub(crate) fn next_async(&self) -> Option<AsyncInvocation> {
        self.lock().registry.next_async(self.clock.now())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
