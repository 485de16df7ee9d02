//! Finds the running local cloud.

use std::fs::File;
use std::sync::Arc;

use super::control::Control;
use super::files::{CloudFiles, Owner, ProcessRecord};
use crate::error::CommandError;
use crate::home::Home;

/// A running cloud.
#[derive(Debug, Clone)]
pub struct RunningCloud {
    /// The process.
    pub process: ProcessRecord,
    /// The owner's key, which may do everything.
    pub owner: Owner,
    /// Whether this command has started it.
    pub started_here: bool,
    /// Tells others, as long as it is held, that a command uses the cloud.
    pub(super) in_use: Option<Arc<File>>,
}

impl RunningCloud {
    /// The endpoint of all its services.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.process.port)
    }

    /// A client of its control service.
    pub fn control(&self) -> Control {
        Control::new(self.process.port, self.owner.clone())
    }
}

/// Finds the running cloud; `None` when none runs.
///
/// # Errors
/// When the state directory cannot be used, or a process holds the lock and does not respond.
pub(crate) async fn find(home: &Home) -> Result<Option<RunningCloud>, CommandError> {
    let files = CloudFiles::of(home);
    if !files.directory().exists() || files.try_run_lock()?.is_some() {
        return Ok(None);
    }
    let (Some(process), Some(owner)) = (files.process()?, files.owner()?) else {
        return Err(holds_lock(&files, None));
    };
    let found = RunningCloud {
        process,
        owner,
        started_here: false,
        in_use: None,
    };
    match found.control().ping().await {
        Ok(()) => Ok(Some(found)),
        Err(problem) => Err(holds_lock(&files, Some(found.process.pid)).because(problem)),
    }
}

fn holds_lock(files: &CloudFiles, pid: Option<u32>) -> CommandError {
    let holder = pid.map_or_else(|| "a process".to_owned(), |pid| format!("process {pid}"));
    CommandError::environment(format!(
        "{holder} holds the lock of the local cloud in {} but does not respond",
        files.directory().display()
    ))
    .hint("`orders-lab local stop --force` ends it and keeps what it acknowledged.")
}
