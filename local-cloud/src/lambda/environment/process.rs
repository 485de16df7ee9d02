//! One execution environment: a process of a function's `bootstrap`, its output, and the
//! conversation with it.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use rustix::process::Pid;
use tokio::sync::Notify;

use super::conversation::{Conversation, Failure};
use super::entrypoint::BOOTSTRAP;
use super::launcher::{FunctionProcess, Launcher};
use super::output::{Output, Pipe};
use super::spawner::Spawner;
use super::variables::ProcessContext;
use crate::clock::WallMs;
use crate::lambda::code::Pin;
use crate::lambda::engine::Function;
use crate::supervisor::Launch;

/// How long the rest of a process's output is waited for after its end.
const OUTPUT_GRACE: Duration = Duration::from_secs(1);

/// An execution environment.
#[derive(Debug)]
pub(crate) struct Environment {
    /// The secret by which the Runtime API recognizes the process.
    pub(crate) token: String,
    /// The function as it was when the environment was created.
    pub(crate) function: Arc<Function>,
    /// What the process prints.
    pub(crate) output: Arc<Output>,
    /// When its credentials expire.
    pub(crate) expires: WallMs,
    /// The invoker's conversation with the process.
    pub(crate) conversation: Conversation,
    /// Keeps its code.
    _code: Pin,
    pid: OnceLock<Pid>,
    pipe: OnceLock<Arc<Pipe>>,
    kill: Notify,
}

impl Environment {
    /// An environment whose process is not started yet.
    pub(crate) fn new(
        token: String,
        function: Arc<Function>,
        output: Arc<Output>,
        expires: WallMs,
        code: Pin,
    ) -> Self {
        Self {
            token,
            function,
            output,
            expires,
            conversation: Conversation::new(),
            _code: code,
            pid: OnceLock::new(),
            pipe: OnceLock::new(),
            kill: Notify::new(),
        }
    }

    /// Starts the process. [`Environment::supervise`] must be given what is returned.
    ///
    /// # Errors
    /// The system's: most likely there is no `bootstrap` that can be run.
    pub(crate) async fn start(
        &self,
        launcher: Launcher,
        spawner: &Spawner,
        context: &ProcessContext<'_>,
    ) -> std::io::Result<FunctionProcess> {
        std::fs::create_dir_all(&context.temporary)?;
        let (reader, writer) = std::io::pipe()?;
        let pipe = Pipe::new(reader, Arc::clone(&self.output))?;
        let mut environment = self.function.environment.clone();
        let variables = context.variables(&self.function, &self.token, self.output.stream());
        environment.extend(
            variables
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
        let launch = Launch {
            program: context.code.join(BOOTSTRAP),
            code: context.code.to_owned(),
            temporary: context.temporary.clone(),
            environment,
            port: context.port,
        };
        let process = launcher.start(spawner, launch, writer).await?;
        if let Some(pid) = process.pid() {
            let _ = self.pid.set(pid);
        }
        let _ = self.pipe.set(Arc::new(pipe));
        Ok(process)
    }

    /// Waits until the process ends, or ends it with all that it started when that is requested, and
    /// ends the conversation. Returns when nothing of the process is left.
    pub(crate) async fn supervise(&self, mut process: FunctionProcess) {
        let pipe = self.pipe.get().cloned();
        let following = pipe.as_ref().map(|pipe| {
            let pipe = Arc::clone(pipe);
            tokio::spawn(async move { pipe.follow().await })
        });
        let ended = tokio::select! {
            status = process.wait() => Some(status),
            () = self.kill.notified() => None,
        };
        let status = match ended {
            Some(status) => status,
            None => {
                process.end();
                process.wait().await
            }
        };
        if let Some(pipe) = &pipe {
            pipe.drain();
        }
        let failure = Failure::Exited(status.and_then(describe));
        self.conversation.end(failure);
        if let Some(mut following) = following
            && tokio::time::timeout(OUTPUT_GRACE, &mut following)
                .await
                .is_err()
        {
            // Without a supervisor, a child in another group may hold the pipe open.
            following.abort();
        }
        self.output.flush();
    }

    /// Requests the end of the process.
    pub(crate) fn kill(&self) {
        self.kill.notify_one();
    }

    /// The most memory that the process has used so far, in MB; `None` where the system does
    /// not tell or the process is gone.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let pid = self.pid.get()?.as_raw_nonzero();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmHWM:"))?;
        let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
        Some(kib.div_ceil(1024))
    }

    /// Reads what the process has printed so far.
    pub(crate) fn drain(&self) {
        if let Some(pipe) = self.pipe.get() {
            pipe.drain();
        }
    }
}

/// How a process ended, in the words of AWS's supervisor, which is written in Go; `None` for
/// success.
fn describe(status: ExitStatus) -> Option<String> {
    if let Some(signal) = status.signal() {
        let name = match signal {
            1 => "hangup".to_owned(),
            2 => "interrupt".to_owned(),
            4 => "illegal instruction".to_owned(),
            6 => "aborted".to_owned(),
            8 => "floating point exception".to_owned(),
            9 => "killed".to_owned(),
            11 => "segmentation fault".to_owned(),
            13 => "broken pipe".to_owned(),
            15 => "terminated".to_owned(),
            other => format!("signal {other}"),
        };
        return Some(format!("signal: {name}"));
    }
    match status.code() {
        Some(0) | None => None,
        Some(code) => Some(format!("exit status {code}")),
    }
}
