//! Starts the process of an execution environment: through a supervisor, which confines it
//! ([`crate::supervisor`]), or directly, where there is none.

use std::io::{self, PipeWriter};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream as StdUnixStream;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::process::Child;

use super::spawner::{Spawner, end_with_parent};
use crate::lambda::limits::Root;
use crate::supervisor::{self, Launch, Report};

/// This program's file, which may have been replaced or removed since it started.
const THIS_PROGRAM: &str = "/proc/self/exe";

/// How processes are started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Launcher {
    /// By the cloud itself.
    Direct,
    /// Through a supervisor.
    Supervised,
}

/// The process of an environment.
#[derive(Debug)]
pub(crate) struct FunctionProcess {
    /// The process itself, or its supervisor.
    child: Child,
    /// The process itself.
    pid: Option<Pid>,
    supervisor: Option<SupervisorLink>,
}

/// The cloud's end of the socket to a supervisor.
#[derive(Debug)]
struct SupervisorLink {
    reports: Lines<BufReader<OwnedReadHalf>>,
    /// The supervisor ends everything when this is closed.
    lifeline: Option<OwnedWriteHalf>,
    /// The process's status, once the supervisor has reported it.
    ended: Option<ExitStatus>,
}

impl Launcher {
    /// Starts the program, which prints to `output`.
    ///
    /// # Errors
    /// The system's: most likely the file cannot be run.
    pub(crate) async fn start(
        self,
        spawner: &Spawner,
        launch: Launch,
        output: PipeWriter,
    ) -> io::Result<FunctionProcess> {
        match self {
            Self::Direct => start_directly(spawner, launch, output).await,
            Self::Supervised => start_supervised(spawner, launch, output).await,
        }
    }
}

async fn start_directly(
    spawner: &Spawner,
    launch: Launch,
    output: PipeWriter,
) -> io::Result<FunctionProcess> {
    let mut command = Command::new(&launch.program);
    command
        .current_dir(&launch.code)
        .env_clear()
        .envs(&launch.environment)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        .process_group(0);
    end_with_parent(&mut command);
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    let child = spawner.spawn(command).await?;
    Ok(FunctionProcess {
        pid: child.id().and_then(|id| Pid::from_raw(id.cast_signed())),
        child,
        supervisor: None,
    })
}

async fn start_supervised(
    spawner: &Spawner,
    launch: Launch,
    output: PipeWriter,
) -> io::Result<FunctionProcess> {
    let (ours, theirs) = StdUnixStream::pair()?;
    let mut command = Command::new(THIS_PROGRAM);
    command
        .arg0("orders-lab")
        .arg(supervisor::ARGUMENT)
        .current_dir("/")
        // The supervisor must not be under the influence of anybody's variables.
        .env_clear()
        .stdin(OwnedFd::from(theirs))
        .stdout(output.try_clone()?)
        .stderr(output);
    // It is not to be killed but ends by itself, with all below it, when its link is closed.
    let child = spawner.spawn(command.into()).await?;
    ours.set_nonblocking(true)?;
    let (reader, mut lifeline) = UnixStream::from_std(ours)?.into_split();
    let mut line = serde_json::to_vec(&launch)?;
    line.push(b'\n');
    lifeline.write_all(&line).await?;
    let mut link = SupervisorLink {
        reports: BufReader::new(reader).lines(),
        lifeline: Some(lifeline),
        ended: None,
    };
    match link.report().await {
        Some(Report::Started { pid }) => Ok(FunctionProcess {
            child,
            pid: Pid::from_raw(pid),
            supervisor: Some(link),
        }),
        Some(Report::Failed { errno, message }) => {
            Err(errno.map_or_else(|| io::Error::other(message), io::Error::from_raw_os_error))
        }
        Some(Report::Ended { .. }) | None => Err(io::Error::other("its supervisor has ended")),
    }
}

impl SupervisorLink {
    /// The next report; `None` when there are no more. Cancel-safe.
    async fn report(&mut self) -> Option<Report> {
        let line = self.reports.next_line().await.ok()??;
        serde_json::from_str(&line).ok()
    }
}

impl FunctionProcess {
    /// The process id.
    pub(crate) fn pid(&self) -> Option<Pid> {
        self.pid
    }

    /// Where the environment's processes are found; `None` once they have ended.
    pub(crate) fn root(&self) -> Option<Root> {
        if self.supervisor.is_none() {
            return self.pid.map(Root::Function);
        }
        let supervisor = Pid::from_raw(self.child.id()?.cast_signed());
        supervisor.map(Root::Supervisor)
    }

    /// Waits until the process and all that it started have ended; without a supervisor, what it
    /// started in other process groups goes on. Returns the process's status. Cancel-safe.
    pub(crate) async fn wait(&mut self) -> Option<ExitStatus> {
        if let Some(link) = &mut self.supervisor {
            while let Some(report) = link.report().await {
                if let Report::Ended { status } = report {
                    link.ended = Some(ExitStatus::from_raw(status));
                }
            }
        }
        let status = self.child.wait().await.ok();
        // What is left in its group. Process ids are given out in order, so at this moment no other
        // group can have this one's.
        self.kill_group();
        self.supervisor
            .as_ref()
            .map_or(status, |link| link.ended.or(status))
    }

    /// Asks for the end of the process and all that it started.
    pub(crate) fn end(&mut self) {
        match &mut self.supervisor {
            Some(link) => link.lifeline = None,
            None => self.kill_group(),
        }
    }

    /// Kills a process that has no supervisor, with its group.
    fn kill_group(&self) {
        if let Some(pid) = self.pid.filter(|_| self.supervisor.is_none()) {
            // It fails when no process is left.
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}
