//! Stopping the local cloud.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::{CloudFiles, Control, find};
use crate::error::CommandError;
use crate::home::Home;

/// How long the cloud may take to finish what it is doing.
const PATIENCE: Duration = Duration::from_secs(15);
/// How long the system may take to end a killed process.
const AFTER_KILL: Duration = Duration::from_secs(5);

/// What stopping found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// Nothing was running.
    NotRunning,
    /// It ended by itself when asked.
    Asked,
    /// It did not answer and was killed; what it had acknowledged is kept.
    Killed,
}

/// Stops the cloud and waits until it has ended. `force` kills one that does not answer.
///
/// # Errors
/// When it does not end, or does not answer and `force` is not given.
pub async fn stop(home: &Home, force: bool) -> Result<Stopped, CommandError> {
    let files = CloudFiles::of(home);
    if !files.directory().exists() {
        return Ok(Stopped::NotRunning);
    }
    let _lock = files.start_lock().await?;
    match find(home).await {
        Ok(None) => Ok(Stopped::NotRunning),
        Ok(Some(found)) => stop_locked(&files, &found.control(), found.process.pid).await,
        Err(error) if !force => Err(error),
        Err(error) => match files.process()? {
            Some(process) => kill(&files, process.pid).await,
            None => Err(error),
        },
    }
}

/// Stops the cloud while the start lock is held.
pub(super) async fn stop_locked(
    files: &CloudFiles,
    control: &Control,
    pid: u32,
) -> Result<Stopped, CommandError> {
    control.stop().await.map_err(|problem| {
        CommandError::environment("the local cloud cannot be stopped").because(problem)
    })?;
    if ended(files, PATIENCE).await? {
        Ok(Stopped::Asked)
    } else {
        kill(files, pid).await
    }
}

/// Kills the process that holds the run lock, whose record this is.
async fn kill(files: &CloudFiles, pid: u32) -> Result<Stopped, CommandError> {
    let target = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let target =
        target.ok_or_else(|| CommandError::environment(format!("{pid} is no process id")))?;
    kill_process(target, Signal::KILL).map_err(|problem| {
        CommandError::environment(format!("cannot end process {pid}")).because(problem)
    })?;
    if !ended(files, AFTER_KILL).await? {
        return Err(CommandError::environment(format!(
            "process {pid} was killed but has not ended"
        )));
    }
    files.forget_process()?;
    Ok(Stopped::Killed)
}

/// Waits for the run lock to be free.
async fn ended(files: &CloudFiles, patience: Duration) -> Result<bool, CommandError> {
    let files = files.clone();
    let wait = tokio::task::spawn_blocking(move || files.wait_for_end());
    match tokio::time::timeout(patience, wait).await {
        Ok(Ok(result)) => result.map(|()| true),
        Ok(Err(problem)) => {
            Err(CommandError::bug("waiting for the local cloud failed").because(problem))
        }
        Err(_) => Ok(false),
    }
}
