//! A supervisor's process, from the cloud's side, and the one that is kept waiting: starting this large
//! program again takes milliseconds, which no invocation should have to wait for.

use std::io::{self, PipeReader};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitStatus};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::Child;

use super::spawner::Spawner;
use crate::supervisor::{self, Report};

/// This program's file, which may have been replaced or removed since it started.
const THIS_PROGRAM: &str = "/proc/self/exe";

/// How long after a function's start the next supervisor is started, so that it does not take the
/// processor from the function.
const PAUSE: Duration = Duration::from_millis(100);

/// A supervisor.
#[derive(Debug)]
pub(super) struct SupervisorProcess {
    /// Its process.
    pub(super) child: Child,
    /// The cloud's end of the socket to it.
    pub(super) link: SupervisorLink,
    /// What it and the function print.
    pub(super) output: PipeReader,
}

/// The cloud's end of the socket to a supervisor.
#[derive(Debug)]
pub(super) struct SupervisorLink {
    reports: Lines<BufReader<OwnedReadHalf>>,
    /// The supervisor ends everything when this is closed.
    pub(super) lifeline: Option<OwnedWriteHalf>,
    /// The process's status, once the supervisor has reported it.
    pub(super) ended: Option<ExitStatus>,
}

impl SupervisorProcess {
    /// Starts a supervisor, which then waits for what to start.
    ///
    /// # Errors
    /// The system's.
    pub(super) async fn start(spawner: &Spawner) -> io::Result<Self> {
        let (ours, theirs) = StdUnixStream::pair()?;
        let (output, writer) = io::pipe()?;
        let mut command = Command::new(THIS_PROGRAM);
        command
            .arg0("orders-lab")
            .arg(supervisor::ARGUMENT)
            .current_dir("/")
            // The supervisor must not be under the influence of anybody's variables.
            .env_clear()
            .stdin(OwnedFd::from(theirs))
            .stdout(writer.try_clone()?)
            .stderr(writer);
        // It is not to be killed but ends by itself, with all below it, when its link is closed.
        let child = spawner.spawn(command.into()).await?;
        ours.set_nonblocking(true)?;
        let (reader, lifeline) = UnixStream::from_std(ours)?.into_split();
        let link = SupervisorLink {
            reports: BufReader::new(reader).lines(),
            lifeline: Some(lifeline),
            ended: None,
        };
        Ok(Self {
            child,
            link,
            output,
        })
    }
}

impl SupervisorLink {
    /// Sends what to start, and returns the report of it; `None` when the supervisor has ended.
    pub(super) async fn launch(&mut self, line: &[u8]) -> Option<Report> {
        self.lifeline.as_mut()?.write_all(line).await.ok()?;
        self.report().await
    }

    /// The next report; `None` when there are no more. Cancel-safe.
    pub(super) async fn report(&mut self) -> Option<Report> {
        let line = self.reports.next_line().await.ok()??;
        serde_json::from_str(&line).ok()
    }
}

/// The supervisor that waits for the next cold start.
#[derive(Debug, Clone, Default)]
pub(crate) struct SpareSupervisor(Arc<Mutex<Spare>>);

#[derive(Debug, Default)]
enum Spare {
    #[default]
    None,
    Starting,
    Waiting(Box<SupervisorProcess>),
}

impl SpareSupervisor {
    /// Takes the one that waits, if there is one, and starts the next one soon.
    pub(super) fn take(&self, spawner: &Spawner) -> Option<SupervisorProcess> {
        let mut spare = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if matches!(*spare, Spare::Starting) {
            return None;
        }
        let taken = std::mem::replace(&mut *spare, Spare::Starting);
        let (next, spawner) = (self.clone(), spawner.clone());
        tokio::spawn(async move {
            tokio::time::sleep(PAUSE).await;
            let started = SupervisorProcess::start(&spawner).await;
            let mut spare = next.0.lock().unwrap_or_else(PoisonError::into_inner);
            *spare = started.map_or(Spare::None, |started| Spare::Waiting(Box::new(started)));
        });
        match taken {
            Spare::Waiting(process) => Some(*process),
            Spare::None | Spare::Starting => None,
        }
    }
}
