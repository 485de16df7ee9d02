//! Starts the local cloud where it is not running.

use std::fs::OpenOptions;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::OpenOptionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, Stdio};

use serde::{Deserialize, Serialize};

use super::files::{CloudFiles, CloudSettings, ProcessRecord};
use super::find::{RunningCloud, find};
use super::stop::stop_locked;
use crate::error::CommandError;
use crate::home::{self, HOME_VARIABLE, Home};
use crate::ui::Events;

/// The version of this program, which must be that of the running cloud.
pub(crate) const BACKGROUND_VERSION: &str = env!("CARGO_PKG_VERSION");

/// The line that the background process prints on stdout once it is ready or has failed.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Announcement {
    /// It accepts requests.
    Ready(ProcessRecord),
    /// It cannot run.
    Failed {
        /// What happened and why.
        message: String,
        /// What to do next.
        hints: Vec<String>,
    },
}

/// How to start the cloud; `None` leaves a setting as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Start {
    /// How many seconds of lab time pass in a real second.
    pub speed: Option<u32>,
    /// The port, which is then required.
    pub port: Option<u16>,
}

/// Finds the running cloud or starts one. A cloud of an older version, or with another speed or port
/// than asked for, is restarted and keeps its state.
///
/// # Errors
/// When it cannot be started, or a newer version runs.
pub(crate) async fn ensure_running(
    home: &Home,
    start: Start,
    events: &Events,
) -> Result<RunningCloud, CommandError> {
    let files = CloudFiles::of(home);
    let lock = files.start_lock().await?;
    let kept = files.settings()?;
    let wanted = CloudSettings {
        speed: start.speed.unwrap_or(kept.speed),
        port: start.port.unwrap_or(kept.port),
    };
    if let Some(found) = find(home).await? {
        let Some(reason) = restart_reason(&found.process, start)? else {
            let in_use = files.use_lock()?;
            return Ok(RunningCloud {
                in_use: Some(in_use),
                ..found
            });
        };
        events.note(format!(
            "Restarting the local cloud: {reason}. Its state is kept."
        ));
        stop_locked(&files, &found.control(), found.process.pid).await?;
    }
    if start.speed.is_some_and(|speed| speed != kept.speed) {
        events.note(format!(
            "The local cloud keeps the speed of {}x, for all of its labs, until --speed changes it.",
            wanted.speed
        ));
    }
    files.keep_settings(&wanted)?;
    let program = std::env::current_exe().map_err(|problem| {
        CommandError::environment("cannot find this program's own file").because(problem)
    })?;
    let child = spawn(&program, home, &files, start.port.is_some())?;
    let process = tokio::task::spawn_blocking(move || listen(child))
        .await
        .map_err(|problem| {
            CommandError::bug("waiting for the local cloud failed").because(problem)
        })?
        .map_err(|error| {
            error.hint(format!(
                "The local cloud's log is {}.",
                files.log().display()
            ))
        })?;
    let in_use = files.use_lock()?;
    drop(lock);
    let owner = files.owner()?.ok_or_else(|| {
        CommandError::bug("the local cloud started without creating its owner's key")
    })?;
    Ok(RunningCloud {
        process,
        owner,
        started_here: true,
        in_use: Some(in_use),
    })
}

fn restart_reason(process: &ProcessRecord, wanted: Start) -> Result<Option<String>, CommandError> {
    if version(&process.version) > version(BACKGROUND_VERSION) {
        return Err(CommandError::environment(format!(
            "the running local cloud (process {}) has version {}, newer than this program's {BACKGROUND_VERSION}",
            process.pid, process.version
        ))
        .hint("Use the newer program, or stop its cloud with `orders-lab local stop`."));
    }
    if process.version != BACKGROUND_VERSION {
        return Ok(Some(format!(
            "it has version {}, and this program has {BACKGROUND_VERSION}",
            process.version
        )));
    }
    if let Some(speed) = wanted.speed.filter(|speed| *speed != process.speed) {
        return Ok(Some(format!(
            "it runs at speed {}, and {speed} was asked for",
            process.speed
        )));
    }
    if let Some(port) = wanted
        .port
        .filter(|port| *port != 0 && *port != process.port)
    {
        return Ok(Some(format!(
            "it listens on port {}, and {port} was asked for",
            process.port
        )));
    }
    Ok(None)
}

/// A version's numbers, for comparing.
fn version(text: &str) -> Vec<u64> {
    text.split(['.', '-', '+'])
        .map_while(|part| part.parse().ok())
        .collect()
}

fn spawn(
    program: &std::path::Path,
    home: &Home,
    files: &CloudFiles,
    require_port: bool,
) -> Result<Child, CommandError> {
    let path = files.log();
    let log = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(&path)
        .map_err(|problem| home::unusable(&path, problem))?;
    let mut command = Command::new(program);
    command.args(["local", "serve", "--announce"]);
    if require_port {
        command.arg("--require-port");
    }
    // The cloud does not need the user's credentials, so it does not get them.
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("AWS_"))
    {
        command.env_remove(name);
    }
    command
        .env(HOME_VARIABLE, home.root())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(log)
        // In a separate process group, because Ctrl-C in the terminal is not meant for the cloud.
        .process_group(0)
        .spawn()
        .map_err(|problem| {
            CommandError::environment("cannot start the local cloud").because(problem)
        })
}

/// Waits for the background process's announcement.
fn listen(mut child: Child) -> Result<ProcessRecord, CommandError> {
    let mut line = String::new();
    if let Some(stdout) = child.stdout.take() {
        // A read error leaves the line empty, which is handled below.
        let _ = BufReader::new(stdout).read_line(&mut line);
    }
    match serde_json::from_str(&line) {
        Ok(Announcement::Ready(process)) => Ok(process),
        Ok(Announcement::Failed { message, hints }) => {
            let _ = child.wait();
            Err(hints
                .into_iter()
                .fold(CommandError::environment(message), CommandError::hint))
        }
        Err(_) => {
            let ended = child
                .wait()
                .map_or_else(|problem| problem.to_string(), |status| status.to_string());
            Err(CommandError::environment(format!(
                "the local cloud ended before it was ready ({ended})"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(version: &str) -> ProcessRecord {
        ProcessRecord {
            pid: 1,
            port: 4000,
            version: version.to_owned(),
            speed: 10,
        }
    }

    #[test]
    fn the_same_version_is_not_restarted() {
        assert_eq!(
            restart_reason(&process(BACKGROUND_VERSION), Start::default()).expect("same"),
            None
        );
    }

    #[test]
    fn older_is_restarted_and_newer_refused() {
        let reason = restart_reason(&process("0.0.9"), Start::default()).expect("older");
        assert!(reason.expect("restart").contains("0.0.9"));
        let error = restart_reason(&process("99.10.0"), Start::default()).expect_err("newer");
        assert!(error.message.contains("99.10.0"));
    }

    #[test]
    fn another_speed_restarts_only_if_asked_for() {
        let running = process(BACKGROUND_VERSION);
        let same = Start {
            speed: Some(10),
            port: Some(0),
        };
        assert_eq!(restart_reason(&running, same).expect("same"), None);
        let faster = Start {
            speed: Some(50),
            port: None,
        };
        assert!(
            restart_reason(&running, faster)
                .expect("other speed")
                .is_some()
        );
    }
}
