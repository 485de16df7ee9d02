//! The Lambda driver: functions, their execution environments (real processes), the Runtime API
//! that these talk to, asynchronous invocations, and the event source mappings' pollers.

mod asynchronous;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod invoke;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use hyper::HeaderMap;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::clock::{Clock, Now};
use crate::error::AwsError;
use crate::faults::FaultInjector;
use crate::iam::Identities;
use crate::iam::engine::evaluate::RequiredPermission;
use crate::ids::{Ids, SystemIds};
use crate::lambda::engine::{
    FUNCTIONS, Function, INVOCATIONS, Loaded, MAPPINGS, Registry, TransitionTimes,
};
use crate::logs::Logs;
use crate::protocol::http::Reply;
use crate::runtime_context::RuntimeContext;
use crate::sqs::Queues;
use crate::storage::journal::Journal;
use crate::storage::{Change, StorageError};

pub use invoke::Outcome;

use crate::lambda::code::CodeStore;
use crate::lambda::environment::{Pool, Spawner, pool, runtime_api};
use crate::lambda::logs::LogShipper;

/// The directory of execution environments' temporary files.
const ENVIRONMENTS: &str = "environments";

/// The directory of uploaded code.
const CODE: &str = "code";

/// The drivers that the Lambda driver works with.
#[derive(Debug, Clone)]
pub struct Dependencies {
    /// Roles and their credentials.
    pub identities: Arc<Identities>,
    /// Where what functions print goes.
    pub logs: Arc<Logs>,
    /// What the mappings read from.
    pub queues: Arc<Queues>,
}

/// Where functions run.
#[derive(Debug, Clone)]
pub struct Place {
    /// The directory for uploaded code and execution environments.
    pub home: PathBuf,
    /// The endpoint that handlers find in `AWS_ENDPOINT_URL`, for example `http://127.0.0.1:4567`.
    pub endpoint: String,
}

/// All functions and mappings. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Functions {
    pub(in crate::lambda) place: Place,
    pub(in crate::lambda) region: String,
    /// Host and port of the endpoint.
    pub(in crate::lambda) authority: String,
    pub(in crate::lambda) environments: PathBuf,
    pub(in crate::lambda) clock: Arc<Clock>,
    pub(in crate::lambda) journal: Journal,
    pub(in crate::lambda) faults: Arc<FaultInjector>,
    pub(in crate::lambda) identities: Arc<Identities>,
    pub(in crate::lambda) log_shipper: Arc<LogShipper>,
    pub(in crate::lambda) queues: Arc<Queues>,
    pub(in crate::lambda) code: Arc<CodeStore>,
    pub(in crate::lambda) pool: Arc<Pool>,
    pub(in crate::lambda) spawner: Spawner,
    pub(in crate::lambda) state: Mutex<State>,
    /// Rings when a function or a mapping has changed.
    pub(in crate::lambda) changed: watch::Sender<()>,
    /// Set when the cloud stops.
    pub(in crate::lambda) closing: watch::Sender<bool>,
    /// The mappings' pollers by UUID.
    pub(in crate::lambda) pollers: Mutex<HashMap<String, JoinHandle<()>>>,
    /// Runs asynchronous invocations.
    pub(in crate::lambda) dispatcher: Mutex<Option<JoinHandle<()>>>,
    pub(in crate::lambda) me: Weak<Self>,
}

#[derive(Debug)]
pub(in crate::lambda) struct State {
    registry: Registry,
    ids: SystemIds,
}

impl Functions {
    /// Loads functions and mappings, removes what an earlier run has left behind, and starts the
    /// enabled mappings' pollers. To be called within a Tokio runtime.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(
        context: &RuntimeContext,
        place: Place,
        dependencies: Dependencies,
    ) -> Result<Arc<Self>, StorageError> {
        let environments = place.home.join(ENVIRONMENTS);
        let failed = |problem: std::io::Error| StorageError::Io {
            path: place.home.display().to_string(),
            reason: problem.to_string(),
        };
        match std::fs::remove_dir_all(&environments) {
            Err(problem) if problem.kind() != std::io::ErrorKind::NotFound => {
                return Err(failed(problem));
            }
            _ => std::fs::create_dir_all(&environments).map_err(failed)?,
        }
        let registry = load_registry(context)?;
        let code = CodeStore::open(place.home.join(CODE)).map_err(failed)?;
        let used = registry
            .functions()
            .map(|function| function.code_sha256.clone());
        code.retain(&used.collect()).map_err(failed)?;
        let authority = place.endpoint.trim_start_matches("http://").to_owned();
        let log_shipper = LogShipper::new(
            dependencies.logs,
            Arc::clone(&dependencies.identities),
            Arc::clone(&context.clock),
            Arc::clone(&context.faults),
        );
        let functions = Arc::new_cyclic(|me| Self {
            authority,
            environments,
            region: context.location.region.clone(),
            clock: Arc::clone(&context.clock),
            journal: context.journal.clone(),
            faults: Arc::clone(&context.faults),
            identities: dependencies.identities,
            log_shipper,
            queues: dependencies.queues,
            code: Arc::new(code),
            pool: Pool::new(),
            spawner: Spawner::start(),
            state: Mutex::new(State {
                registry,
                ids: SystemIds,
            }),
            changed: watch::Sender::new(()),
            closing: watch::Sender::new(false),
            pollers: Mutex::default(),
            dispatcher: Mutex::default(),
            me: me.clone(),
            place,
        });
        functions.reconcile();
        let dispatcher = tokio::spawn(asynchronous::dispatch(Arc::clone(&functions)));
        *functions.dispatcher() = Some(dispatcher);
        Ok(functions)
    }

    /// Looks at the functions and mappings.
    pub fn read<T>(&self, look: impl FnOnce(&Registry) -> T) -> T {
        look(&self.lock().registry)
    }

    /// Runs a command and answers when it is durable; environments and pollers then follow.
    ///
    /// # Errors
    /// The command's, or `InternalFailure` when it could not be made durable.
    pub async fn change<T>(
        &self,
        command: impl FnOnce(&mut Registry, Now, &mut dyn Ids) -> Result<(T, Vec<Change>), AwsError>,
    ) -> Result<T, AwsError> {
        let (result, durable) = {
            let mut state = self.lock();
            let State { registry, ids } = &mut *state;
            registry.set_transition_times(TransitionTimes {
                function_ms: self.faults.delay(|delays| delays.function),
                mapping_ms: self.faults.delay(|delays| delays.mapping),
            });
            let (result, changes) = command(registry, self.clock.now(), ids)?;
            (result, self.journal.submit(changes))
        };
        durable
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        self.reconcile();
        Ok(result)
    }

    /// The functions' code.
    pub fn code(&self) -> &CodeStore {
        &self.code
    }

    /// Roles and their credentials.
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// Whether a request comes, by chance, to somebody who is behind.
    pub(crate) fn is_behind(&self) -> bool {
        self.faults.is_behind()
    }

    /// The queues that mappings read from.
    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    /// Answers one request of an execution environment to the Runtime API. `path` is what
    /// follows `/_runtime/`: the environment's secret token, then `/2018-06-01/runtime/…`. A GET
    /// of the next invocation blocks until there is one.
    pub async fn runtime_api(
        &self,
        method: &str,
        path: &str,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Reply {
        let (token, path) = path.split_once('/').unwrap_or((path, ""));
        match self.pool.by_token(token) {
            Some(environment) => {
                runtime_api::answer(&environment, method, path, headers, body).await
            }
            None => runtime_api::unknown_environment(),
        }
    }

    /// Stops the pollers, lets go of what they hold and ends all processes. Invocations in
    /// flight are ended; those for a queue's messages do not count as deliveries. What functions
    /// have printed is in their logs then.
    pub async fn shutdown(&self) {
        self.closing.send_replace(true);
        let mut tasks: Vec<_> = std::mem::take(&mut *self.pollers()).into_values().collect();
        tasks.extend(self.dispatcher().take());
        for task in tasks {
            if let Err(problem) = task.await {
                tracing::error!(%problem, "a poller or the dispatcher ended badly");
            }
        }
        self.pool.close().await;
        self.log_shipper.close();
    }

    pub(in crate::lambda) fn note_result(&self, uuid: &str, result: &str) {
        self.lock().registry.note_result(uuid, result);
    }

    /// A function that can be invoked.
    pub(in crate::lambda) fn invocable(&self, name: &str) -> Option<Function> {
        self.read(|registry| registry.invocable(name).ok().cloned())
    }

    /// The first of SQS's actions that a mapping needs and that the function's role may not do.
    pub fn missing_permission(&self, function: &Function, queue_arn: &str) -> Option<&'static str> {
        let needed = ["ReceiveMessage", "DeleteMessage", "GetQueueAttributes"];
        needed.into_iter().find(|action| {
            let right = RequiredPermission::new(format!("sqs:{action}"), queue_arn);
            !self.identities.role_may(function.role(), &right)
        })
    }

    pub(in crate::lambda) fn is_current(&self, function: &Function) -> bool {
        self.read(|registry| {
            registry
                .function(&function.name)
                .is_ok_and(|now| pool::same_environment(function, now))
        })
    }

    pub(in crate::lambda) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::lambda) fn dispatcher(&self) -> MutexGuard<'_, Option<JoinHandle<()>>> {
        self.dispatcher
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::lambda) fn pollers(&self) -> MutexGuard<'_, HashMap<String, JoinHandle<()>>> {
        self.pollers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn load_registry(context: &RuntimeContext) -> Result<Registry, StorageError> {
    let journal = &context.journal;
    let loaded = Loaded {
        functions: journal.load(FUNCTIONS)?,
        mappings: journal.load(MAPPINGS)?,
        invocations: journal.load(INVOCATIONS)?,
    };
    Registry::load(
        (&context.location.account, &context.location.region),
        loaded,
    )
    .map_err(|reason| StorageError::Damaged {
        path: "the cloud's state".to_owned(),
        reason,
    })
}

#[cfg(test)]
mod tests;
