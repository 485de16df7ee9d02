//! One invocation, from the event to the answer: a warm environment or a cold start, the
//! function's timeout, and what Lambda writes into the log about it. Services, mappings and
//! asynchronous invocations all come through here, and no lock is held while a function runs:
//! it may call back into the cloud.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::Functions;
use super::ending::{Ending, answered, error, no_entrypoint};
use super::environment::{Environment, Event, Failure};
use super::launch::Launch;
use super::output::Output;
use super::pool::Busy;
use super::report::{self, Lines, Phase, Report, Status};
use super::sink::Sink;
use crate::engines::lambda::Function;
use crate::error::AwsError;
use crate::ids::{Ids as _, SystemIds};

/// How long a new environment may take until it asks for its first event. After that it is
/// ended and started again within the invocation, as on AWS.
const INIT_LIMIT: Duration = Duration::from_secs(10);

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

/// Why there is no environment.
#[derive(Debug)]
enum NoStart {
    /// There is no `bootstrap` that can be run.
    Entrypoint,
    /// The role, or the cloud itself.
    Refused(AwsError),
}

impl Functions {
    /// Runs a function and answers what it came to. Dropping the future ends the environment.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, `TooManyRequestsException` beyond the function's reserved
    /// concurrency, `AccessDeniedException` when its role cannot be assumed, and
    /// `ServiceException` when the cloud itself fails.
    pub async fn invoke(&self, function: &str, payload: Bytes) -> Result<Outcome, AwsError> {
        self.invoke_as(function, payload, SystemIds.uuid()).await
    }

    /// The same with a request id that is known already.
    pub(super) async fn invoke_as(
        &self,
        function: &str,
        payload: Bytes,
        request_id: String,
    ) -> Result<Outcome, AwsError> {
        let function = self.read(|registry| registry.invocable(function).cloned())?;
        let function = Arc::new(function);
        let _slot = self.pool.slot(&function).await?;
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
        let started = self.initialise(invocation, &output, INIT_LIMIT).await;
        let took = began.elapsed();
        match started {
            Err(NoStart::Refused(error)) => Err(error),
            Err(NoStart::Entrypoint) => {
                self.say_start(&output, invocation);
                let ending = no_entrypoint(&invocation.request_id);
                Ok(self.finish(invocation, &output, ending, Duration::ZERO, None, None))
            }
            Ok(Ok(busy)) => {
                let deadline = invocation.timeout();
                self.say_start(&output, invocation);
                // Where it has ended since, waiting for its answer tells how.
                self.assign(&busy, invocation, deadline);
                Ok(self.run(busy, invocation, deadline, Some(took)).await)
            }
            Ok(Err(failure)) => {
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
        self.say_start(output, invocation);
        let timeout = invocation.timeout();
        let began = Instant::now();
        let failure = match self.initialise(invocation, output, timeout).await {
            Err(NoStart::Refused(error)) => return Err(error),
            Err(NoStart::Entrypoint) => {
                let ending = no_entrypoint(&invocation.request_id);
                return Ok(self.finish(invocation, output, ending, began.elapsed(), None, None));
            }
            Ok(Ok(busy)) => {
                let rest = timeout.saturating_sub(began.elapsed());
                self.assign(&busy, invocation, rest);
                return Ok(self.run(busy, invocation, rest, None).await);
            }
            Ok(Err(failure)) => failure,
        };
        let took = began.elapsed();
        self.say_init_failed(invocation, output, took, Phase::Invoke, failure.as_ref());
        let ending = match failure {
            Some(failure) => self.failed(invocation, output, failure),
            None => self.timed_out(invocation, output),
        };
        Ok(self.finish(invocation, output, ending, took, None, None))
    }

    /// Starts an environment and waits until it asks for its first event. The inner error is
    /// why it did not; `None` when the time was up.
    async fn initialise(
        &self,
        invocation: &Invocation,
        output: &Arc<Output>,
        limit: Duration,
    ) -> Result<Result<Busy, Option<Failure>>, NoStart> {
        let busy = self.start_environment(&invocation.function, output).await?;
        let environment = busy.environment();
        Ok(
            match tokio::time::timeout(limit, environment.initialised()).await {
                Ok(Ok(())) => Ok(busy),
                Ok(Err(failure)) => {
                    environment.drain();
                    Err(Some(failure))
                }
                Err(_) => Err(None),
            },
        )
    }

    async fn start_environment(
        &self,
        function: &Arc<Function>,
        output: &Arc<Output>,
    ) -> Result<Busy, NoStart> {
        let credentials = self
            .identities
            .service_session(&function.role_arn, &function.name)
            .map_err(|_| NoStart::Refused(role_refused()))?;
        let code = self
            .code
            .directory(&function.code_sha256)
            .map_err(|problem| {
                let message = format!("The function's code cannot be unpacked: {problem}");
                NoStart::Refused(AwsError::new("ServiceException", 500, message))
            })?;
        let token = SystemIds.hex(48);
        let temporary = self.environments.join(SystemIds.hex(16));
        let environment = Arc::new(Environment::new(
            token,
            Arc::clone(function),
            Arc::clone(output),
            credentials.expires,
        ));
        let launch = Launch {
            code: &code,
            temporary: temporary.clone(),
            credentials: &credentials,
            authority: &self.authority,
            endpoint: &self.place.endpoint,
            region: &self.region,
        };
        self.pool.add(&environment);
        let child = match environment.start(&self.spawner, &launch).await {
            Ok(child) => child,
            Err(problem) => {
                self.pool.remove(&environment);
                let _ = tokio::fs::remove_dir_all(&temporary).await;
                return Err(not_started(&problem));
            }
        };
        let (pool, attended) = (Arc::clone(&self.pool), Arc::clone(&environment));
        tokio::spawn(async move {
            attended.attend(child).await;
            let _ = tokio::fs::remove_dir_all(&temporary).await;
            pool.remove(&attended);
        });
        Ok(Busy::new(environment))
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

    fn failed(&self, invocation: &Invocation, output: &Arc<Output>, failure: Failure) -> Ending {
        match failure {
            Failure::InitError { body, kind } => Ending {
                payload: body,
                failed: true,
                status: Status::Error(kind),
            },
            Failure::Exited(how) => {
                let message = report::exit_message(&invocation.request_id, how.as_deref());
                output.say([invocation.lines.exited(&message)]);
                error("Runtime.ExitError", &message)
            }
        }
    }

    fn timed_out(&self, invocation: &Invocation, output: &Arc<Output>) -> Ending {
        let (id, seconds) = (&invocation.request_id, invocation.function.timeout_seconds);
        let now = self.clock.now().wall;
        output.say([invocation.lines.timed_out(now, id, seconds)]);
        let what = report::timeout_message(seconds);
        let message = format!("RequestId: {id} Error: {what}");
        Ending {
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
            Some(Failure::Exited(_)) => Status::Error("Runtime.ExitError".to_owned()),
        };
        let now = self.clock.now().wall;
        output.say([invocation.lines.init_report(now, took, phase, &status)]);
    }

    fn finish(
        &self,
        invocation: &Invocation,
        output: &Arc<Output>,
        ending: Ending,
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
        let (logs, identities) = (Arc::clone(&self.logs), Arc::clone(&self.identities));
        let sink = Sink::new(logs, identities, function, stream);
        Arc::new(Output::new(Arc::clone(&self.clock), sink))
    }
}

impl Invocation {
    fn timeout(&self) -> Duration {
        Duration::from_secs(u64::from(self.function.timeout_seconds))
    }
}

/// What is wrong with the file is the function's affair, anything else (no memory, too many
/// processes or files) the machine's.
fn not_started(problem: &std::io::Error) -> NoStart {
    use rustix::io::Errno;
    let of_the_file = [
        Errno::NOENT,
        Errno::ACCESS,
        Errno::NOEXEC,
        Errno::NOTDIR,
        Errno::ISDIR,
    ];
    if Errno::from_io_error(problem).is_some_and(|errno| of_the_file.contains(&errno)) {
        return NoStart::Entrypoint;
    }
    let message = format!("A process for the function cannot be started: {problem}");
    NoStart::Refused(AwsError::new("ServiceException", 500, message))
}

fn role_refused() -> AwsError {
    let message = "The role defined for the function cannot be assumed by Lambda.";
    AwsError::new("AccessDeniedException", 403, message)
}
