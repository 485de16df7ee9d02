//! Stops the local cloud.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::control::Control;
use super::files::CloudFiles;
use super::find::{RunningCloud, find};
use crate::error::CommandError;
use crate::home::Home;

/// How long the cloud may take to stop when asked.
const STOP_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a killed process may take to end.
const KILL_TIMEOUT: Duration = Duration::from_secs(5);

/// How the cloud was stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// It was not running.
    NotRunning,
    /// It stopped when asked.
    Asked,
    /// It did not respond and was killed. What it had acknowledged is kept.
    Killed,
}

/// Stops the cloud and waits until it has ended. With `force`, one that does not respond is killed.
///
/// # Errors
/// When it does not end, or does not respond and `force` is not given.
pub(crate) async fn stop(home: &Home, force: bool) -> Result<Stopped, CommandError> {
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

/// Stops the cloud unless another command uses it.
///
/// # Errors
/// When it does not end.
pub(crate) async fn stop_unless_used(
    home: &Home,
    found: &RunningCloud,
) -> Result<(), CommandError> {
    let files = CloudFiles::of(home);
    let _lock = files.start_lock().await?;
    // This command's own use ends here.
    let is_used = found
        .in_use
        .as_ref()
        .is_some_and(|own| own.try_lock().is_err());
    if !is_used {
        stop_locked(&files, &found.control(), found.process.pid).await?;
    }
    Ok(())
}

/// Stops the cloud; the caller holds the start lock.
pub(super) async fn stop_locked(
    files: &CloudFiles,
    control: &Control,
    pid: u32,
) -> Result<Stopped, CommandError> {
    control.stop().await.map_err(|problem| {
        CommandError::environment("the local cloud cannot be stopped").because(problem)
    })?;
    if ended(files, STOP_TIMEOUT).await? {
        Ok(Stopped::Asked)
    } else {
        kill(files, pid).await
    }
}

/// Kills the process that holds the run lock.
async fn kill(files: &CloudFiles, pid: u32) -> Result<Stopped, CommandError> {
    let process = i32::try_from(pid)
        .ok()
        .and_then(Pid::from_raw)
        .ok_or_else(|| CommandError::environment(format!("{pid} is not a process id")))?;
    kill_process(process, Signal::KILL).map_err(|problem| {
        CommandError::environment(format!("cannot end process {pid}")).because(problem)
    })?;
    if !ended(files, KILL_TIMEOUT).await? {
        return Err(CommandError::environment(format!(
            "process {pid} was killed but has not ended"
        )));
    }
    files.forget_process()?;
    Ok(Stopped::Killed)
}

/// Waits until the run lock is free; `false` when it is not in time.
async fn ended(files: &CloudFiles, timeout: Duration) -> Result<bool, CommandError> {
    let lock_files = files.clone();
    let wait = tokio::task::spawn_blocking(move || lock_files.wait_for_end());
    match tokio::time::timeout(timeout, wait).await {
        Ok(Ok(result)) => result.map(|()| true),
        Ok(Err(problem)) => {
            Err(CommandError::bug("waiting for the local cloud failed").because(problem))
        }
        Err(_) => Ok(false),
    }
}
