//! All functions and mappings, and what they need to run.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use hyper::HeaderMap;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::scheduler::Scheduler;
use crate::clock::Now;
use crate::error::AwsError;
use crate::faults::FaultInjector;
use crate::iam::Identities;
use crate::ids::Ids;
use crate::lambda::activity::Activity;
use crate::lambda::code::CodeStore;
use crate::lambda::engine::{Function, Outcome, Registry};
use crate::lambda::environment::{
    EnvironmentStarter, Pool, Settings, handle_runtime_api, unknown_environment,
};
use crate::lambda::event_source_mapping::{MappingContext, missing_permission};
use crate::lambda::invocation::{InvokeOutput, Invoker};
use crate::lambda::logs::LogShipper;
use crate::lambda::shared_registry::SharedRegistry;
use crate::lambda::shutdown::Shutdown;
use crate::logs::Logs;
use crate::protocol::http::Reply;
use crate::runtime_context::RuntimeContext;
use crate::sqs::Queues;
use crate::storage::StorageError;

/// The directory of execution environments' temporary files.
const ENVIRONMENTS: &str = "environments";

/// The directory of unpacked code.
const CODE: &str = "code";

/// The drivers that the Lambda driver works with.
#[derive(Debug, Clone)]
pub struct Dependencies {
    /// Roles and their credentials.
    pub identities: Arc<Identities>,
    /// Where the output of functions goes.
    pub logs: Arc<Logs>,
    /// The queues that mappings poll.
    pub queues: Arc<Queues>,
}

/// Where functions run.
#[derive(Debug, Clone)]
pub struct FunctionsConfig {
    /// The directory for unpacked code and execution environments. Nothing in it is state.
    pub home: PathBuf,
    /// The directory for uploaded code, which is state.
    pub packages: PathBuf,
    /// The endpoint that functions find in `AWS_ENDPOINT_URL`, for example
    /// `http://127.0.0.1:4567`.
    pub endpoint: String,
}

/// All functions and mappings. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Functions {
    faults: Arc<FaultInjector>,
    pub(super) identities: Arc<Identities>,
    pub(super) queues: Arc<Queues>,
    log_shipper: Arc<LogShipper>,
    code: Arc<CodeStore>,
    pool: Arc<Pool>,
    pub(super) registry: Arc<SharedRegistry>,
    invoker: Arc<Invoker>,
    /// The work under way.
    pub(super) activity: Arc<Activity>,
    /// Set when the cloud stops.
    stop: watch::Sender<bool>,
    /// Runs what is due.
    scheduler: Mutex<Option<JoinHandle<()>>>,
}

impl Functions {
    /// Loads functions and mappings, removes what an earlier run has left behind, and starts the
    /// enabled mappings' pollers. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(
        context: &RuntimeContext,
        config: FunctionsConfig,
        dependencies: Dependencies,
    ) -> Result<Arc<Self>, StorageError> {
        let failed = |problem: io::Error| StorageError::io(&config.home, &problem);
        let Dependencies {
            identities,
            logs,
            queues,
        } = dependencies;
        let environments = config.home.join(ENVIRONMENTS);
        empty_directory(&environments).map_err(failed)?;
        let registry = SharedRegistry::open(context)?;
        let code = CodeStore::open(&config.packages, config.home.join(CODE));
        let code = code.and_then(|code| only_used(code, &registry));
        let code = code.map_err(|problem| StorageError::io(&config.packages, &problem))?;
        let pool = Pool::new();
        let log_shipper = LogShipper::new(
            logs,
            Arc::clone(&identities),
            Arc::clone(&context.clock),
            Arc::clone(&context.faults),
        );
        let settings = Settings {
            directory: environments,
            endpoint: config.endpoint,
            region: context.location.region.clone(),
        };
        let starter = EnvironmentStarter::new(
            settings,
            Arc::clone(&identities),
            Arc::clone(&code),
            Arc::clone(&pool),
        );
        let invoker = Arc::new(Invoker {
            region: context.location.region.clone(),
            clock: Arc::clone(&context.clock),
            registry: Arc::clone(&registry),
            code: Arc::clone(&code),
            pool: Arc::clone(&pool),
            starter,
            log_shipper: Arc::clone(&log_shipper),
        });
        let functions = Arc::new(Self {
            faults: Arc::clone(&context.faults),
            identities,
            queues,
            log_shipper,
            code,
            pool,
            registry,
            invoker,
            activity: Arc::default(),
            stop: watch::Sender::new(false),
            scheduler: Mutex::default(),
        });
        let scheduler = Scheduler::new(functions.mapping_context());
        functions.set_scheduler(Some(tokio::spawn(scheduler.run())));
        Ok(functions)
    }

    /// What mappings work with.
    pub(super) fn mapping_context(&self) -> MappingContext {
        MappingContext {
            region: self.invoker.region.clone(),
            clock: Arc::clone(&self.invoker.clock),
            registry: Arc::clone(&self.registry),
            invoker: Arc::clone(&self.invoker),
            queues: Arc::clone(&self.queues),
            identities: Arc::clone(&self.identities),
            activity: Arc::clone(&self.activity),
            shutdown: Shutdown::new(self.stop.subscribe()),
        }
    }

    /// Reads the functions and mappings.
    pub fn read<T>(&self, read: impl FnOnce(&Registry) -> T) -> T {
        self.registry.read(read)
    }

    /// Runs a command and answers when its changes are durable; environments and pollers then
    /// follow.
    ///
    /// # Errors
    /// The command's, or `InternalFailure` when its changes could not be made durable.
    pub async fn change<T>(
        &self,
        command: impl FnOnce(&mut Registry, Now, &mut dyn Ids) -> Outcome<T>,
    ) -> Result<T, AwsError> {
        self.registry.change(command).await
    }

    /// Runs a function and returns its result. Dropping the future ends the environment.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `TooManyRequestsException` beyond the function's reserved
    /// concurrency or the account's, `AccessDeniedException` when its role cannot be assumed, and
    /// `ServiceException` when the cloud itself fails.
    pub async fn invoke(&self, function: &str, payload: Bytes) -> Result<InvokeOutput, AwsError> {
        self.invoker.invoke(function, payload).await
    }

    /// Keeps an invocation until the function can run, and returns its request id.
    ///
    /// # Errors
    /// Those of [`Registry::invocable`], and `InternalFailure` when it could not be made durable.
    pub async fn invoke_later(&self, function: &str, payload: &[u8]) -> Result<String, AwsError> {
        self.change(|registry, now, ids| registry.enqueue_async(function, payload, now, ids))
            .await
    }

    /// The functions' code.
    pub fn code(&self) -> &CodeStore {
        &self.code
    }

    /// Roles and their credentials.
    pub fn identities(&self) -> &Identities {
        &self.identities
    }

    /// Whether a request comes, by chance, to a machine that a change has not reached.
    pub(crate) fn is_behind(&self) -> bool {
        self.faults.is_behind()
    }

    /// The queues that mappings poll.
    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    /// The first of SQS's actions that a mapping needs and that the function's role is not
    /// allowed.
    pub(crate) fn missing_permission(
        &self,
        function: &Function,
        queue_arn: &str,
    ) -> Option<&'static str> {
        missing_permission(&self.identities, function, queue_arn)
    }

    /// Whether there is an execution environment with this secret token.
    pub fn has_environment(&self, token: &str) -> bool {
        self.pool.by_token(token).is_some()
    }

    /// Replies to a call of an execution environment to the Runtime API. `path` is what follows
    /// `/_runtime/`: the environment's secret token, then `/2018-06-01/runtime/…`. A GET of the
    /// next invocation waits until there is one.
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
                handle_runtime_api(&environment, method, path, headers, body).await
            }
            None => unknown_environment(),
        }
    }

    /// Stops the pollers, releases their messages and ends all processes. Invocations in flight
    /// end; those for a queue's messages do not count as deliveries. When this returns, all
    /// output of functions is in their logs.
    pub async fn shutdown(&self) {
        self.stop.send_replace(true);
        if let Some(scheduler) = self.set_scheduler(None)
            && let Err(problem) = scheduler.await
        {
            tracing::error!(%problem, "the scheduler panicked");
        }
        self.pool.close().await;
        self.log_shipper.close();
    }

    /// Replaces the scheduler's task.
    fn set_scheduler(&self, task: Option<JoinHandle<()>>) -> Option<JoinHandle<()>> {
        let mut scheduler = self
            .scheduler
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *scheduler, task)
    }
}

/// Creates a directory, or removes everything in it.
fn empty_directory(path: &Path) -> io::Result<()> {
    match std::fs::remove_dir_all(path) {
        Err(problem) if problem.kind() != io::ErrorKind::NotFound => Err(problem),
        _ => std::fs::create_dir_all(path),
    }
}

/// The code store without the code of functions that do not exist any more.
fn only_used(code: CodeStore, registry: &SharedRegistry) -> io::Result<Arc<CodeStore>> {
    let used: HashSet<String> = registry.read(|registry| {
        let functions = registry.functions();
        functions.map(|one| one.code_sha256.clone()).collect()
    });
    code.retain(&used)?;
    Ok(Arc::new(code))
}
