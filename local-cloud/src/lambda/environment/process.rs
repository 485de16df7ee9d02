//! One execution environment: a process of a function's `bootstrap`, and where it stands in its
//! conversation with the Runtime API. The process's side of it is [`super::runtime_api`], the
//! invoker's is [`crate::lambda::driver::invoke`].

use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use bytes::Bytes;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;
use tokio::sync::Notify;

use super::entrypoint::BOOTSTRAP;
use super::invocation_result::describe;
use super::launch::Launch;
use super::output::{Output, Pipe};
use super::spawner::Spawner;
use crate::clock::WallMs;
use crate::lambda::code::Pin;
use crate::lambda::engine::Function;

/// An event on its way to the process.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    /// The invocation's id.
    pub(crate) request_id: String,
    /// The event.
    pub(crate) payload: Bytes,
    /// When the invocation will be ended.
    pub(crate) deadline: WallMs,
    /// The X-Ray trace header.
    pub(crate) trace_id: String,
}

/// What the process answered to an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The handler's result.
    Response(Bytes),
    /// The handler's error, to be handed on unchanged.
    Error(Bytes),
    /// A result of more bytes than Lambda hands on.
    TooLarge,
}

/// Why an environment is of no more use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Failure {
    /// There was nothing that could be run; why.
    Entrypoint(String),
    /// The runtime reported that it cannot start.
    InitError {
        /// What it said, to be handed on unchanged.
        body: Bytes,
        /// The error's type.
        kind: String,
    },
    /// The process ended: `None` with success, or for example `exit status 1`.
    Exited(Option<String>),
}

/// Where the conversation stands.
#[derive(Debug)]
enum Phase {
    /// Not yet asked for its first event.
    Init,
    /// Waits for an event; with the answer to the last one, until its invoker takes it.
    Waiting(Option<Answer>),
    /// An event is there for it to fetch.
    Assigned(Event),
    /// It works on an event.
    Running,
    /// It has answered and not yet asked for more.
    Answered(Answer),
    /// It is of no more use; with the answer to the last event where there was one.
    Over(Failure, Option<Answer>),
}

/// Why a call to the Runtime API is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The id is not the current event's.
    UnknownRequest,
    /// Not now.
    State,
}

#[derive(Debug)]
struct Conversation {
    phase: Phase,
    /// The id of the current event, or of the last one.
    request_id: String,
}

/// An execution environment.
#[derive(Debug)]
pub(crate) struct Environment {
    /// The secret by which the process is known to the Runtime API.
    pub(crate) token: String,
    /// What it runs, as it was when it was made.
    pub(crate) function: Arc<Function>,
    /// Its log stream.
    pub(crate) output: Arc<Output>,
    /// When its credentials end.
    pub(crate) expires: WallMs,
    /// Keeps its code.
    _code: Pin,
    pid: OnceLock<Pid>,
    pipe: OnceLock<Arc<Pipe>>,
    conversation: Mutex<Conversation>,
    to_runtime: Notify,
    to_invoker: Notify,
    kill: Notify,
}

impl Environment {
    /// An environment whose process is still to be started.
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
            _code: code,
            pid: OnceLock::new(),
            pipe: OnceLock::new(),
            conversation: Mutex::new(Conversation {
                phase: Phase::Init,
                request_id: String::new(),
            }),
            to_runtime: Notify::new(),
            to_invoker: Notify::new(),
            kill: Notify::new(),
        }
    }

    /// Starts the process. The returned child is to be given to [`Environment::supervise`].
    ///
    /// # Errors
    /// The system's: most likely there is no `bootstrap` that can be run.
    pub(crate) async fn start(
        &self,
        spawner: &Spawner,
        launch: &Launch<'_>,
    ) -> std::io::Result<Child> {
        std::fs::create_dir_all(&launch.temporary)?;
        let (reader, writer) = std::io::pipe()?;
        let mut command = Command::new(launch.code.join(BOOTSTRAP));
        command
            .current_dir(launch.code)
            .env_clear()
            .envs(&self.function.environment)
            .envs(launch.variables(self))
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        let child = spawner.spawn(command).await?;
        if let Some(pid) = child.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            let _ = self.pid.set(pid);
        }
        let pipe = Pipe::new(reader, Arc::clone(&self.output))?;
        let _ = self.pipe.set(Arc::new(pipe));
        Ok(child)
    }

    /// Waits for the process's end, or ends it with all of its group when it is to be killed,
    /// and tells the invoker. Returns when nothing of it is left.
    pub(crate) async fn supervise(&self, mut child: Child) {
        let pipe = self.pipe.get().cloned();
        let following = pipe.as_ref().map(|pipe| {
            let pipe = Arc::clone(pipe);
            tokio::spawn(async move { pipe.follow().await })
        });
        let status = tokio::select! {
            status = child.wait() => status,
            () = self.kill.notified() => {
                self.kill_group();
                child.wait().await
            }
        };
        // What it has left behind in its group goes with it. Numbers are given out in tx, so
        // in this moment nobody else has the group's.
        self.kill_group();
        if let Some(pipe) = &pipe {
            pipe.drain();
        }
        self.over(Failure::Exited(status.ok().and_then(describe)));
        if let Some(following) = following {
            // A child in a group of its own may hold the pipe open; it is not waited for.
            let limit = std::time::Duration::from_secs(1);
            let mut following = following;
            if tokio::time::timeout(limit, &mut following).await.is_err() {
                following.abort();
            }
        }
        self.output.flush();
    }

    fn kill_group(&self) {
        if let Some(pid) = self.pid.get() {
            // It fails when nobody is left.
            let _ = kill_process_group(*pid, Signal::KILL);
        }
    }

    /// Asks for the process's end.
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

    /// Takes in what the process has printed so far.
    pub(crate) fn drain(&self) {
        if let Some(pipe) = self.pipe.get() {
            pipe.drain();
        }
    }

    // The invoker's side.

    /// Waits until the process asks for its first event.
    ///
    /// # Errors
    /// When it reports that it cannot start, or ends.
    pub(crate) async fn initialised(&self) -> Result<(), Failure> {
        self.until(|conversation| match &conversation.phase {
            Phase::Init => None,
            Phase::Over(failure, _) => Some(Err(failure.clone())),
            _ => Some(Ok(())),
        })
        .await
    }

    /// Hands over an event; false when the process is gone.
    pub(crate) fn assign(&self, event: Event) -> bool {
        let mut conversation = self.lock();
        if !matches!(conversation.phase, Phase::Waiting(_)) {
            return false;
        }
        conversation.request_id.clone_from(&event.request_id);
        conversation.phase = Phase::Assigned(event);
        self.to_runtime.notify_one();
        true
    }

    /// Waits until the process has answered and asks for the next event.
    ///
    /// # Errors
    /// When it ends before that; an answer that it had given is then still to be had by
    /// [`Environment::take_answer`].
    pub(crate) async fn answered(&self) -> Result<Answer, Failure> {
        self.until(|conversation| match &mut conversation.phase {
            Phase::Waiting(answer) => answer.take().map(Ok),
            Phase::Over(failure, _) => Some(Err(failure.clone())),
            _ => None,
        })
        .await
    }

    /// The answer of a process that has not come to ask for the next event.
    pub(crate) fn take_answer(&self) -> Option<Answer> {
        let mut conversation = self.lock();
        match &mut conversation.phase {
            Phase::Answered(answer) => Some(answer.clone()),
            Phase::Waiting(answer) | Phase::Over(_, answer) => answer.take(),
            _ => None,
        }
    }

    async fn until<T>(&self, mut look: impl FnMut(&mut Conversation) -> Option<T>) -> T {
        loop {
            if let Some(found) = look(&mut self.lock()) {
                return found;
            }
            self.to_invoker.notified().await;
        }
    }

    // The process's side.

    /// Waits for the next event.
    ///
    /// # Errors
    /// [`Refusal::State`] while an event is unanswered.
    pub(crate) async fn next(&self) -> Result<Event, Refusal> {
        self.ask()?;
        loop {
            // Made before the look, so that an end between the look and the wait is heard.
            let updates = self.to_runtime.notified();
            if let Some(event) = self.fetch()? {
                return Ok(event);
            }
            updates.await;
        }
    }

    fn ask(&self) -> Result<(), Refusal> {
        let mut conversation = self.lock();
        let answer = match &mut conversation.phase {
            Phase::Init => None,
            Phase::Answered(answer) => Some(answer.clone()),
            // It may ask again, for example after a broken connection.
            Phase::Waiting(_) | Phase::Assigned(_) => return Ok(()),
            Phase::Running | Phase::Over(..) => return Err(Refusal::State),
        };
        conversation.phase = Phase::Waiting(answer);
        self.to_invoker.notify_one();
        Ok(())
    }

    fn fetch(&self) -> Result<Option<Event>, Refusal> {
        let mut conversation = self.lock();
        match std::mem::replace(&mut conversation.phase, Phase::Running) {
            Phase::Assigned(event) => Ok(Some(event)),
            other => {
                let over = matches!(other, Phase::Running | Phase::Over(..));
                conversation.phase = other;
                if over { Err(Refusal::State) } else { Ok(None) }
            }
        }
    }

    /// The process's answer to the event with this id.
    ///
    /// # Errors
    /// When there is no such event, or it has been answered.
    pub(crate) fn answer(&self, request_id: &str, answer: Answer) -> Result<(), Refusal> {
        let mut conversation = self.lock();
        if conversation.request_id != request_id {
            return Err(Refusal::UnknownRequest);
        }
        if !matches!(conversation.phase, Phase::Running) {
            return Err(Refusal::State);
        }
        conversation.phase = Phase::Answered(answer);
        Ok(())
    }

    /// The process reports that it cannot start.
    ///
    /// # Errors
    /// When it has started.
    pub(crate) fn init_error(&self, body: Bytes, kind: String) -> Result<(), Refusal> {
        if !matches!(self.lock().phase, Phase::Init) {
            return Err(Refusal::State);
        }
        self.over(Failure::InitError { body, kind });
        Ok(())
    }

    fn over(&self, failure: Failure) {
        let mut conversation = self.lock();
        let answer = match &mut conversation.phase {
            // The first reason is the one that counts.
            Phase::Over(..) => return,
            Phase::Answered(answer) => Some(answer.clone()),
            Phase::Waiting(answer) => answer.take(),
            Phase::Init | Phase::Assigned(_) | Phase::Running => None,
        };
        conversation.phase = Phase::Over(failure, answer);
        self.to_invoker.notify_one();
        self.to_runtime.notify_waiters();
    }

    fn lock(&self) -> MutexGuard<'_, Conversation> {
        self.conversation
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
