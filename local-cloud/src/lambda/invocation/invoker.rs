//! One invocation, from the event to the result: a warm environment or a cold start, the
//! function's timeout, and what Lambda logs about it. Synchronous invocations, asynchronous ones
//! and mappings all come through here. No lock is held while a function runs: it may call back
//! into the cloud.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::platform_log::{self, InitPhase, PlatformLog, Report, Status};
use super::result::InvocationResult;
use crate::clock::Clock;
use crate::error::AwsError;
use crate::ids::{Ids as _, SystemIds};
use crate::lambda::code::CodeStore;
use crate::lambda::engine::Function;
use crate::lambda::environment::{
    Busy, EnvironmentStarter, Event, Failure, Output, Pool, StartError,
};
use crate::lambda::logs::{LogShipper, LogStream};
use crate::lambda::shared_registry::SharedRegistry;

/// How long a new environment may take until it asks for its first event. After that it is
/// ended and started again within the invocation, as on AWS.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// The types of errors for a process that ended and for one that could not be started.
const EXITED: &str = "Runtime.ExitError";
const NO_ENTRYPOINT: &str = "Runtime.InvalidEntrypoint";

/// How a process ended that used too much.
const KILLED: &str = "signal: killed";

/// The result of an invocation. A function that fails has a result too: its error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvokeOutput {
    /// The handler's result, or the error.
    pub payload: Bytes,
    /// Whether it is an error (`X-Amz-Function-Error: Unhandled`).
    pub failed: bool,
    /// The last 4 KiB of the invocation's log.
    pub log_tail: Vec<u8>,
}

/// Invokes functions. Shared behind an [`Arc`].
#[derive(Debug)]
pub(crate) struct Invoker {
    /// The region.
    pub(crate) region: String,
    /// The time.
    pub(crate) clock: Arc<Clock>,
    /// Which functions there are.
    pub(crate) registry: Arc<SharedRegistry>,
    /// Their code.
    pub(crate) code: Arc<CodeStore>,
    /// Their execution environments.
    pub(crate) pool: Arc<Pool>,
    /// What starts new environments.
    pub(crate) starter: EnvironmentStarter,
    /// What takes their output to the log store.
    pub(crate) log_shipper: Arc<LogShipper>,
}

/// An invocation under way.
#[derive(Debug)]
struct Invocation {
    function: Arc<Function>,
    request_id: String,
    payload: Bytes,
    log: PlatformLog,
}

impl Invocation {
    fn timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.function.timeout_seconds))
    }
}

impl Invoker {
    /// Runs a function and returns its result. Dropping the future ends the environment.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `TooManyRequestsException` beyond the function's reserved
    /// concurrency or the account's, `AccessDeniedException` when its role cannot be assumed, and
    /// `ServiceException` when the cloud itself fails.
    pub(crate) async fn invoke(
        &self,
        function: &str,
        payload: Bytes,
    ) -> Result<InvokeOutput, AwsError> {
        self.invoke_as(function, payload, SystemIds.uuid()).await
    }

    /// Does the same with a given request id.
    ///
    /// # Errors
    /// Those of [`Invoker::invoke`].
    pub(crate) async fn invoke_as(
        &self,
        function: &str,
        payload: Bytes,
        request_id: String,
    ) -> Result<InvokeOutput, AwsError> {
        // The code is kept, though the function may change before there is a slot. Code is pinned
        // under the registry's lock, so that it is never taken for unused in between.
        let (function, unreserved, _code) = self.registry.read(|registry| {
            let function = registry.invocable(function)?.clone();
            let code = self.code.pin(&function.code_sha256);
            let unreserved = registry.unreserved_concurrency();
            Ok::<_, AwsError>((Arc::new(function), unreserved, code))
        })?;
        let _slot = self.pool.slot(&function, unreserved).await?;
        let invocation = Invocation {
            log: PlatformLog {
                is_json: function.log_json,
            },
            request_id,
            function,
            payload,
        };
        loop {
            let now = self.clock.now().wall;
            let Some(busy) = self.pool.take(&invocation.function, now) else {
                return self.cold(&invocation).await;
            };
            let limit = invocation.timeout();
            busy.environment().output.clear_tail();
            // One that has ended in the meantime is passed over.
            if self.assign(&busy, &invocation, limit) {
                self.log_start(&busy.environment().output, &invocation);
                return Ok(self.run(busy, &invocation, limit, None).await);
            }
        }
    }

    /// Starts an environment and runs the invocation in it.
    async fn cold(&self, invocation: &Invocation) -> Result<InvokeOutput, AwsError> {
        let function = &invocation.function;
        let output = self.new_output(function);
        let now = self.clock.now().wall;
        let runtime = &function.runtime;
        output.log([invocation.log.init_start(now, runtime, &self.region)]);
        let began = Instant::now();
        let started = self.starter.start(function, &output, INIT_TIMEOUT).await;
        let took = began.elapsed();
        match started {
            Err(StartError::Refused(error)) => Err(error),
            Ok(busy) => {
                let limit = invocation.timeout();
                self.log_start(&output, invocation);
                // If it has ended since, waiting for its response tells how.
                self.assign(&busy, invocation, limit);
                Ok(self.run(busy, invocation, limit, Some(took)).await)
            }
            Err(StartError::Failed(failure)) => {
                let failure = failure.as_ref();
                self.log_init_failure(invocation, &output, took, InitPhase::Init, failure);
                self.init_again(invocation, &output).await
            }
        }
    }

    /// Runs the invocation after a second init, which is within its timeout.
    async fn init_again(
        &self,
        invocation: &Invocation,
        output: &Arc<Output>,
    ) -> Result<InvokeOutput, AwsError> {
        let timeout = invocation.timeout();
        let function = &invocation.function;
        let began = Instant::now();
        let failure = match self.starter.start(function, output, timeout).await {
            Err(StartError::Refused(error)) => return Err(error),
            Err(StartError::Failed(failure)) => failure,
            Ok(busy) => {
                self.log_start(output, invocation);
                let left = timeout.saturating_sub(began.elapsed());
                self.assign(&busy, invocation, left);
                return Ok(self.run(busy, invocation, left, None).await);
            }
        };
        let took = began.elapsed();
        self.log_init_failure(
            invocation,
            output,
            took,
            InitPhase::Invoke,
            failure.as_ref(),
        );
        self.log_start(output, invocation);
        let result = match failure {
            Some(failure) => failed(invocation, output, failure),
            None => self.timed_out(invocation, output),
        };
        Ok(self.finish(invocation, output, result, took, None, None))
    }

    /// Hands the event over; false when the process is gone.
    fn assign(&self, busy: &Busy, invocation: &Invocation, limit: Duration) -> bool {
        let now = self.clock.now().wall;
        let limit_ms = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX / 2);
        let mut ids = SystemIds;
        busy.environment().assign(Event {
            request_id: invocation.request_id.clone(),
            payload: invocation.payload.clone(),
            deadline: crate::clock::WallMs(now.0.saturating_add(limit_ms)),
            trace_id: format!(
                "Root=1-{:08x}-{};Parent={};Sampled=0",
                now.seconds(),
                ids.hex(24),
                ids.hex(16)
            ),
        })
    }

    /// Waits at most `limit` for the response to an assigned event.
    async fn run(
        &self,
        busy: Busy,
        invocation: &Invocation,
        limit: Duration,
        init: Option<Duration>,
    ) -> InvokeOutput {
        let environment = Arc::clone(busy.environment());
        let conversation = &environment.conversation;
        let output = &environment.output;
        let memory_before = init.and_then(|_| environment.peak_memory());
        let began = Instant::now();
        let response = tokio::time::timeout(limit, conversation.response()).await;
        let took = began.elapsed().min(limit);
        environment.drain();
        let (result, is_reusable) = match response {
            Ok(Ok(response)) => (InvocationResult::of(response), true),
            // A response counts, even if the process did not ask for the next event.
            Ok(Err(failure)) => match conversation.take_response() {
                Some(response) => (InvocationResult::of(response), false),
                None => (failed(invocation, output, failure), false),
            },
            Err(_) => match conversation.take_response() {
                Some(response) => (InvocationResult::of(response), false),
                None => (self.timed_out(invocation, output), false),
            },
        };
        let used_mb = environment.peak_memory().or(memory_before);
        let finished = self.finish(invocation, output, result, took, init, used_mb);
        if is_reusable && self.registry.is_current(&invocation.function) {
            self.pool.give_back(busy);
        }
        finished
    }

    fn timed_out(&self, invocation: &Invocation, output: &Arc<Output>) -> InvocationResult {
        let (id, seconds) = (&invocation.request_id, invocation.function.timeout_seconds);
        let now = self.clock.now().wall;
        output.log([invocation.log.timed_out(now, id, seconds)]);
        let reason = platform_log::timeout_message(seconds);
        let message = format!("RequestId: {id} Error: {reason}");
        InvocationResult {
            status: Status::Timeout,
            ..InvocationResult::error("Sandbox.Timedout", &message)
        }
    }

    fn log_start(&self, output: &Arc<Output>, invocation: &Invocation) {
        let now = self.clock.now().wall;
        output.log([invocation.log.start(now, &invocation.request_id)]);
    }

    fn log_init_failure(
        &self,
        invocation: &Invocation,
        output: &Arc<Output>,
        took: Duration,
        phase: InitPhase,
        failure: Option<&Failure>,
    ) {
        let status = match failure {
            None => Status::Timeout,
            Some(Failure::InitError { error_type, .. }) => Status::Error(error_type.clone()),
            Some(Failure::Exited(_)) => Status::Error(EXITED.to_owned()),
            Some(Failure::Exceeded(exceeded)) => Status::Error(exceeded.error_type().to_owned()),
            Some(Failure::Entrypoint(_)) => Status::Error(NO_ENTRYPOINT.to_owned()),
        };
        let now = self.clock.now().wall;
        output.log([invocation.log.init_report(now, took, phase, &status)]);
    }

    fn finish(
        &self,
        invocation: &Invocation,
        output: &Arc<Output>,
        result: InvocationResult,
        duration: Duration,
        init: Option<Duration>,
        used_mb: Option<u64>,
    ) -> InvokeOutput {
        let report = Report {
            duration,
            init,
            memory_mb: invocation.function.memory_mb,
            used_mb,
            status: result.status,
        };
        let now = self.clock.now().wall;
        output.log(invocation.log.end(now, &invocation.request_id, &report));
        InvokeOutput {
            payload: result.payload,
            failed: result.failed,
            log_tail: output.tail(),
        }
    }

    fn new_output(&self, function: &Function) -> Arc<Output> {
        let (now, id) = (self.clock.now().wall, SystemIds.hex(32));
        let log_stream = LogStream::new(Arc::clone(&self.log_shipper), function, now, &id);
        Arc::new(Output::new(Arc::clone(&self.clock), log_stream))
    }
}

/// The result of an environment that failed.
fn failed(invocation: &Invocation, output: &Arc<Output>, failure: Failure) -> InvocationResult {
    match failure {
        Failure::InitError { body, error_type } => InvocationResult {
            payload: body,
            failed: true,
            status: Status::Error(error_type),
        },
        Failure::Exited(how) => {
            let message = platform_log::exit_message(&invocation.request_id, how.as_deref());
            logged_error(invocation, output, EXITED, &message)
        }
        Failure::Exceeded(exceeded) => {
            let message = platform_log::exit_message(&invocation.request_id, Some(KILLED));
            logged_error(invocation, output, exceeded.error_type(), &message)
        }
        Failure::Entrypoint(why) => {
            let message = format!("RequestId: {} Error: {why}", invocation.request_id);
            logged_error(invocation, output, NO_ENTRYPOINT, &message)
        }
    }
}

fn logged_error(
    invocation: &Invocation,
    output: &Arc<Output>,
    error_type: &str,
    message: &str,
) -> InvocationResult {
    output.log([invocation.log.failure(message, error_type)]);
    InvocationResult::error(error_type, message)
}
