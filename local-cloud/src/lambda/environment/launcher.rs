//! Starts the process of an execution environment: through a supervisor, which confines it
//! ([`crate::supervisor`]), or directly, where there is none.

use std::io::{self, PipeReader};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::process::{Command, ExitStatus, Stdio};

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

use super::spawner::{Spawner, end_with_parent};
use super::supervisor_process::{SpareSupervisor, SupervisorLink, SupervisorProcess};
use crate::lambda::limits::Root;
use crate::supervisor::{Launch, Report};

/// How processes are started.
#[derive(Debug)]
pub(crate) enum Launcher {
    /// By the cloud itself.
    Direct,
    /// Through a supervisor, of which one is kept waiting.
    Supervised(SpareSupervisor),
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

impl Launcher {
    /// Starts the program. Returns what it prints as well.
    ///
    /// # Errors
    /// The system's: most likely the file cannot be run.
    pub(crate) async fn start(
        &self,
        spawner: &Spawner,
        launch: &Launch,
    ) -> io::Result<(FunctionProcess, PipeReader)> {
        match self {
            Self::Direct => start_directly(spawner, launch).await,
            Self::Supervised(spare) => start_supervised(spare, spawner, launch).await,
        }
    }
}

async fn start_directly(
    spawner: &Spawner,
    launch: &Launch,
) -> io::Result<(FunctionProcess, PipeReader)> {
    let (output, writer) = io::pipe()?;
    let mut command = Command::new(&launch.program);
    command
        .current_dir(&launch.code)
        .env_clear()
        .envs(&launch.environment)
        .stdin(Stdio::null())
        .stdout(writer.try_clone()?)
        .stderr(writer)
        .process_group(0);
    end_with_parent(&mut command);
    let mut command = tokio::process::Command::from(command);
    command.kill_on_drop(true);
    let child = spawner.spawn(command).await?;
    let process = FunctionProcess {
        pid: child.id().and_then(|id| Pid::from_raw(id.cast_signed())),
        child,
        supervisor: None,
    };
    Ok((process, output))
}

async fn start_supervised(
    spare: &SpareSupervisor,
    spawner: &Spawner,
    launch: &Launch,
) -> io::Result<(FunctionProcess, PipeReader)> {
    let mut line = serde_json::to_vec(launch)?;
    line.push(b'\n');
    let mut report = None;
    let mut supervisor = spare.take(spawner);
    if let Some(waiting) = &mut supervisor {
        // It may have been killed while it waited.
        report = waiting.link.launch(&line).await;
    }
    let (supervisor, report) = match (supervisor, report) {
        (Some(supervisor), Some(report)) => (supervisor, Some(report)),
        _ => {
            let mut supervisor = SupervisorProcess::start(spawner).await?;
            let report = supervisor.link.launch(&line).await;
            (supervisor, report)
        }
    };
    match report {
        Some(Report::Started { pid }) => {
            let process = FunctionProcess {
                child: supervisor.child,
                pid: Pid::from_raw(pid),
                supervisor: Some(supervisor.link),
            };
            Ok((process, supervisor.output))
        }
        Some(Report::Failed { errno, message }) => {
            Err(errno.map_or_else(|| io::Error::other(message), io::Error::from_raw_os_error))
        }
        Some(Report::Ended { .. }) | None => Err(io::Error::other("its supervisor has ended")),
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
