//! One invocation, from the event to the answer: a warm environment or a cold start, the
//! function's timeout, and what Lambda writes into the log about it. Services, mappings and
//! asynchronous invocations all come through here, and no lock is held while a function runs:
//! it may call back into the cloud.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::Functions;
use crate::error::AwsError;
use crate::ids::{Ids as _, SystemIds};
use crate::lambda::engine::Function;
use crate::lambda::environment::StartError;
use crate::lambda::environment::invocation_result::{InvocationResult, answered, error};
use crate::lambda::environment::output::Output;
use crate::lambda::environment::pool::Busy;
use crate::lambda::environment::report::{self, Lines, Phase, Report, Status};
use crate::lambda::environment::{Event, Failure};
use crate::lambda::logs::LogStream;

/// How long a new environment may take until it asks for its first event. After that it is
/// ended and started again within the invocation, as on AWS.
const INIT_LIMIT: Duration = Duration::from_secs(10);

/// The types of errors for a process that ended and for one that could not be started.
const EXITED: &str = "Runtime.ExitError";
const NO_ENTRYPOINT: &str = "Runtime.InvalidEntrypoint";

/// What an invocation came to. A function that fails is an answer too: `failed` then, with the
/// error as its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// What the handler answered, or the error.
    pub payload: Bytes,
    /// Whether it is an error (`X-Amz-Function-Error: Unhandled`).
    pub failed: bool,
    /// The last 4 KiB of the invocation's log.
    pub log_tail: Vec<u8>,
}

/// One invocation on its way.
#[derive(Debug)]
struct Invocation {
    function: Arc<Function>,
    request_id: String,
    payload: Bytes,
    lines: Lines,
}

impl Functions {
    /// Runs a function and answers what it came to. Dropping the future ends the environment.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `TooManyRequestsException` beyond the function's reserved
    /// concurrency or the account's, `AccessDeniedException` when its role cannot be assumed, and
    /// `ServiceException` when the cloud itself fails.
    pub async fn invoke(&self, function: &str, payload: Bytes) -> Result<Outcome, AwsError> {
        self.invoke_as(function, payload, SystemIds.uuid()).await
    }

    /// The same with a request id that is known already.
    pub(in crate::lambda) async fn invoke_as(
        &self,
        function: &str,
        payload: Bytes,
        request_id: String,
    ) -> Result<Outcome, AwsError> {
        // Its code stays, though the function may have changed before this has a place.
        let (function, unreserved, _code) = self.read(|registry| {
            let function = registry.invocable(function)?.clone();
            let code = self.code.pin(&function.code_sha256);
            let unreserved = registry.unreserved_concurrency();
            Ok::<_, AwsError>((Arc::new(function), unreserved, code))
        })?;
        let _slot = self.pool.slot(&function, unreserved).await?;
        let invocation = Invocation {
            lines: Lines {
                json: function.log_json,
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
            let deadline = invocation.timeout();
            busy.environment().output.begin();
            // One that has ended in the meantime is passed over.
            if self.assign(&busy, &invocation, deadline) {
                self.say_start(&busy.environment().output, &invocation);
                return Ok(self.run(busy, &invocation, deadline, None).await);
            }
        }
    }

    /// Starts an environment and runs the invocation in it.
    async fn cold(&self, invocation: &Invocation) -> Result<Outcome, AwsError> {
        let function = &invocation.function;
        let output = self.new_output(function);
        let now = self.clock.now().wall;
        let region = &self.region;
        output.say([invocation.lines.init_start(now, &function.runtime, region)]);
        let began = Instant::now();
        let started = self.initialise(function, &output, INIT_LIMIT).await;
        let took = began.elapsed();
        match started {
            Err(StartError::Refused(error)) => Err(error),
            Ok(busy) => {
                let deadline = invocation.timeout();
                self.say_start(&output, invocation);
                // Where it has ended since, waiting for its answer tells how.
                self.assign(&busy, invocation, deadline);
                Ok(self.run(busy, invocation, deadline, Some(took)).await)
            }
            Err(StartError::Failed(failure)) => {
                self.say_init_failed(invocation, &output, took, Phase::Init, failure.as_ref());
                self.again(invocation, &output).await
            }
        }
    }

    /// The second initialisation, within the invocation and its timeout.
    async fn again(
        &self,
        invocation: &Invocation,
        output: &Arc<Output>,
    ) -> Result<Outcome, AwsError> {
        let timeout = invocation.timeout();
        let began = Instant::now();
        let failure = match self.initialise(&invocation.function, output, timeout).await {
            Err(StartError::Refused(error)) => return Err(error),
            Err(StartError::Failed(failure)) => failure,
            Ok(busy) => {
                self.say_start(output, invocation);
                let rest = timeout.saturating_sub(began.elapsed());
                self.assign(&busy, invocation, rest);
                return Ok(self.run(busy, invocation, rest, None).await);
            }
        };
        let took = began.elapsed();
        self.say_init_failed(invocation, output, took, Phase::Invoke, failure.as_ref());
        self.say_start(output, invocation);
        let ending = match failure {
            Some(failure) => self.failed(invocation, output, failure),
            None => self.timed_out(invocation, output),
        };
        Ok(self.finish(invocation, output, ending, took, None, None))
    }

    fn assign(&self, busy: &Busy, invocation: &Invocation, limit: Duration) -> bool {
        let now = self.clock.now().wall;
        let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX / 2);
        let mut ids = SystemIds;
        busy.environment().assign(Event {
            request_id: invocation.request_id.clone(),
            payload: invocation.payload.clone(),
            deadline: crate::clock::WallMs(now.0.saturating_add(limit)),
            trace_id: format!(
                "Root=1-{:08x}-{};Parent={};Sampled=0",
                now.seconds(),
                ids.hex(24),
                ids.hex(16)
            ),
        })
    }

    /// Waits for the answer to an assigned event, within the time that is left.
    async fn run(
        &self,
        busy: Busy,
        invocation: &Invocation,
        limit: Duration,
        init: Option<Duration>,
    ) -> Outcome {
        let environment = Arc::clone(busy.environment());
        let output = &environment.output;
        let before = init.and_then(|_| environment.peak_memory());
        let began = Instant::now();
        let waited = tokio::time::timeout(limit, environment.answered()).await;
        let took = began.elapsed().min(limit);
        environment.drain();
        let (ending, reuse) = match waited {
            Ok(Ok(answer)) => (answered(answer), true),
            // An answer counts, though the process did not come back for more.
            Ok(Err(failure)) => match environment.take_answer() {
                Some(answer) => (answered(answer), false),
                None => (self.failed(invocation, output, failure), false),
            },
            Err(_) => match environment.take_answer() {
                Some(answer) => (answered(answer), false),
                None => (self.timed_out(invocation, output), false),
            },
        };
        let used = environment.peak_memory().or(before);
        let outcome = self.finish(invocation, output, ending, took, init, used);
        if reuse && self.is_current(&invocation.function) {
            self.pool.give_back(busy);
        }
        outcome
    }

    fn failed(
        &self,
        invocation: &Invocation,
        output: &Arc<Output>,
        failure: Failure,
    ) -> InvocationResult {
        match failure {
            Failure::InitError { body, kind } => InvocationResult {
                payload: body,
                failed: true,
                status: Status::Error(kind),
            },
            Failure::Exited(how) => {
                let message = report::exit_message(&invocation.request_id, how.as_deref());
                self.fault(invocation, output, EXITED, &message)
            }
            Failure::Entrypoint(why) => {
                let message = format!("RequestId: {} Error: {why}", invocation.request_id);
                self.fault(invocation, output, NO_ENTRYPOINT, &message)
            }
        }
    }

    fn fault(
        &self,
        invocation: &Invocation,
        output: &Arc<Output>,
        kind: &str,
        message: &str,
    ) -> InvocationResult {
        output.say([invocation.lines.fault(message, kind)]);
        error(kind, message)
    }

    fn timed_out(&self, invocation: &Invocation, output: &Arc<Output>) -> InvocationResult {
        let (id, seconds) = (&invocation.request_id, invocation.function.timeout_seconds);
        let now = self.clock.now().wall;
        output.say([invocation.lines.timed_out(now, id, seconds)]);
        let what = report::timeout_message(seconds);
        let message = format!("RequestId: {id} Error: {what}");
        InvocationResult {
            status: Status::Timeout,
            ..error("Sandbox.Timedout", &message)
        }
    }

    fn say_start(&self, output: &Arc<Output>, invocation: &Invocation) {
        let now = self.clock.now().wall;
        output.say([invocation.lines.start(now, &invocation.request_id)]);
    }

    fn say_init_failed(
        &self,
        invocation: &Invocation,
        output: &Arc<Output>,
        took: Duration,
        phase: Phase,
        failure: Option<&Failure>,
    ) {
        let status = match failure {
            None => Status::Timeout,
            Some(Failure::InitError { kind, .. }) => Status::Error(kind.clone()),
            Some(Failure::Exited(_)) => Status::Error(EXITED.to_owned()),
            Some(Failure::Entrypoint(_)) => Status::Error(NO_ENTRYPOINT.to_owned()),
        };
        let now = self.clock.now().wall;
        output.say([invocation.lines.init_report(now, took, phase, &status)]);
    }

    fn finish(
        &self,
        invocation: &Invocation,
        output: &Arc<Output>,
        ending: InvocationResult,
        duration: Duration,
        init: Option<Duration>,
        used_mb: Option<u64>,
    ) -> Outcome {
        let report = Report {
            duration,
            init,
            memory_mb: invocation.function.memory_mb,
            used_mb,
            status: ending.status,
        };
        let now = self.clock.now().wall;
        output.say(invocation.lines.end(now, &invocation.request_id, &report));
        Outcome {
            payload: ending.payload,
            failed: ending.failed,
            log_tail: output.tail(),
        }
    }

    fn new_output(&self, function: &Function) -> Arc<Output> {
        let stream = report::stream_name(self.clock.now().wall, &SystemIds.hex(32));
        let log_stream = LogStream::new(Arc::clone(&self.log_shipper), function, stream);
        Arc::new(Output::new(Arc::clone(&self.clock), log_stream))
    }
}

impl Invocation {
    fn timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.function.timeout_seconds))
    }
}
