//! One execution environment: a process of a function's `bootstrap`, its output, and the
//! conversation with it.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Notify;

use super::conversation::{Conversation, Event, Failure};
use super::entrypoint::BOOTSTRAP;
use super::launcher::{FunctionProcess, Launcher};
use super::output::{Output, Pipe};
use super::spawner::Spawner;
use super::variables::ProcessContext;
use crate::clock::WallMs;
use crate::lambda::code::Pin;
use crate::lambda::engine::Function;
use crate::lambda::limits::{Exceeded, Root, Watch};
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
    /// The watch over what it uses.
    watch: Watch,
    /// Keeps its code.
    _code: Pin,
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
        watch: Watch,
    ) -> Self {
        Self {
            token,
            function,
            output,
            expires,
            conversation: Conversation::new(),
            watch,
            _code: code,
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
        launcher: &Launcher,
        spawner: &Spawner,
        context: &ProcessContext<'_>,
    ) -> std::io::Result<FunctionProcess> {
        std::fs::create_dir_all(&context.temporary)?;
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
            resources: self.watch.limits().of_each_process(),
        };
        let (process, output) = launcher.start(spawner, &launch).await?;
        let pipe = Pipe::new(output, Arc::clone(&self.output))?;
        if let Some(pid) = process.pid() {
            self.watch.started(pid);
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
        let failure = self.end_of(&mut process).await;
        if let Some(pipe) = &pipe {
            pipe.drain();
        }
        if let Failure::Exceeded(exceeded) = failure {
            tracing::info!(
                function = self.function.name,
                ?exceeded,
                "an environment was ended"
            );
            self.output.log(exceeded.explanation());
        }
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

    /// Waits until the process ends, or ends it when that is requested or it uses too much.
    async fn end_of(&self, process: &mut FunctionProcess) -> Failure {
        let root = process.root();
        let exceeded = tokio::select! {
            status = process.wait() => return Failure::Exited(status.and_then(describe)),
            () = self.kill.notified() => None,
            exceeded = self.exceeded(root) => Some(exceeded),
        };
        process.end();
        let status = process.wait().await;
        match exceeded {
            Some(exceeded) => Failure::Exceeded(exceeded),
            None => Failure::Exited(status.and_then(describe)),
        }
    }

    /// Requests the end of the process.
    pub(crate) fn kill(&self) {
        self.kill.notify_one();
    }

    /// Waits until the environment uses too much, which may be never.
    async fn exceeded(&self, root: Option<Root>) -> Exceeded {
        match root {
            Some(root) => {
                let is_working = || self.conversation.is_working();
                self.watch.exceeded(root, is_working).await
            }
            None => std::future::pending().await,
        }
    }

    /// Hands over an event; false when the process is gone.
    pub(crate) fn assign(&self, event: Event) -> bool {
        self.watch.begin();
        self.conversation.assign(event)
    }

    /// The most memory that the environment has used so far, in MB; `None` where the system does not
    /// tell.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        self.watch.peak_mb()
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
