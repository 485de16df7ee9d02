//! `local serve`: the process that is the local cloud. The only place in the tool that uses the
//! `local-cloud` crate.

use std::io::Write as _;

use clap::Args;
use local_cloud::cloud::{Cloud, Config, RequestLog, StartError};
use local_cloud::storage::StorageError;
use schemars::JsonSchema;
use serde::Serialize;
use tokio::signal::unix::{SignalKind, signal};

use crate::context::{CommandEnv, LOCAL_ACCOUNT, LOCAL_REGION};
use crate::error::CommandError;
use crate::globals::parse_number;
use crate::home::HOME_VARIABLE;
use crate::host::{Announcement, BACKGROUND_VERSION, CloudFiles, CloudSettings, ProcessRecord};
use crate::ui::{self, Report};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab local serve                 Ctrl-C stops it and keeps everything
  orders-lab local serve --port 4566 --verbose";

/// The variable with the absolute path of a file in which the cloud records every signed request, for
/// tests that check the requests against AWS's models.
const RECORD_VARIABLE: &str = "ORDERS_LAB_RECORD";

/// Flags of `local serve`.
#[derive(Debug, Args)]
pub struct ServeArgs {
    /// How many times faster than on AWS the queues' waits pass: 1 to 1000 [default: as before, at
    /// first 10]
    #[arg(long, value_name = "N", value_parser = parse_number::<u32>(1..=1000))]
    speed: Option<u32>,
    /// The port on 127.0.0.1 [default: as before, at first a free one]
    #[arg(long, value_name = "PORT", value_parser = parse_number(1..=u16::MAX))]
    port: Option<u16>,
    /// Say in one line of JSON on stdout when it is ready
    #[arg(long, hide = true)]
    announce: bool,
    /// Take no other port than the one kept in the settings
    #[arg(long, hide = true)]
    require_port: bool,
}

/// The end of the local cloud.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ServeReport {}

pub(super) async fn run(
    args: &ServeArgs,
    env: &CommandEnv,
) -> Result<Report<ServeReport>, CommandError> {
    let files = CloudFiles::of(&env.home);
    if args.announce {
        ui::show_traces();
    }
    let started = start(args, &files, env).await;
    if args.announce {
        announce(&started);
    }
    let running = started?;
    let endpoint = format!("http://{}", running.cloud.address());
    env.events.note(format!(
        "The local cloud listens on {endpoint}; Ctrl-C stops it."
    ));
    let outcome = wait_for_end(&running.cloud, env).await;
    running.cloud.shutdown().await;
    files.forget_process()?;
    drop(running.lock);
    outcome?;
    Ok(Report::new(ServeReport {}).text("The local cloud has stopped. Everything in it is kept."))
}

struct Running {
    cloud: Cloud,
    record: ProcessRecord,
    lock: std::fs::File,
}

async fn start(
    args: &ServeArgs,
    files: &CloudFiles,
    env: &CommandEnv,
) -> Result<Running, CommandError> {
    let lock = files.try_run_lock()?.ok_or_else(|| {
        CommandError::environment("a local cloud is running already")
            .hint("`orders-lab local status` shows where; `orders-lab local stop` ends it.")
    })?;
    // Somebody else may have created the directory just before this process did.
    env.home.check_ownership()?;
    let kept = files.settings()?;
    let settings = CloudSettings {
        speed: args.speed.unwrap_or(kept.speed),
        port: args.port.unwrap_or(kept.port),
    };
    let owner = files.owner_or_new()?;
    let config = Config {
        home: files.directory().to_owned(),
        port: settings.port,
        speed: settings.speed,
        account: LOCAL_ACCOUNT.to_owned(),
        region: LOCAL_REGION.to_owned(),
        access_key: owner.access_key,
        secret_key: owner.secret_key,
        version: BACKGROUND_VERSION.to_owned(),
        record: std::env::var_os(RECORD_VARIABLE).map(Into::into),
        request_log: env.globals.verbose.then(|| request_log(env)),
    };
    let require_port = args.require_port || args.port.is_some();
    let cloud = match Cloud::start(config.clone()).await {
        // The last port is only a preference: if something else uses it now, any other will do.
        Err(StartError::Listen { .. }) if !require_port => {
            Cloud::start(Config { port: 0, ..config }).await
        }
        started => started,
    }
    .map_err(cannot_start)?;
    let port = cloud.address().port();
    let record = ProcessRecord {
        pid: std::process::id(),
        port,
        version: BACKGROUND_VERSION.to_owned(),
        speed: settings.speed,
    };
    files.keep_settings(&CloudSettings { port, ..settings })?;
    files.record_process(&record)?;
    Ok(Running {
        cloud,
        record,
        lock,
    })
}

/// Shows each request on a line of its own.
fn request_log(env: &CommandEnv) -> RequestLog {
    let events = env.events.clone();
    RequestLog::new(move |entry| events.note(entry.to_string()))
}

fn cannot_start(problem: StartError) -> CommandError {
    let hint = match &problem {
        StartError::Listen { .. } => {
            "Choose another port with `orders-lab local start --port PORT`.".to_owned()
        }
        StartError::Storage(problem) => storage_hint(problem),
    };
    CommandError::environment("the local cloud cannot start")
        .because(problem)
        .hint(hint)
}

/// What to do about state that cannot be used. It is never changed then.
fn storage_hint(problem: &StorageError) -> String {
    const START_OVER: &str =
        "`orders-lab local reset` starts over and removes all local labs, if nothing else helps.";
    match problem {
        StorageError::DiskFull { .. } => {
            "Make room on that disk and run the command again. Nothing is lost.".to_owned()
        }
        StorageError::ReadOnly { .. } | StorageError::Denied { .. } => format!(
            "Check its owner and permissions and how its disk is mounted, or set {HOME_VARIABLE} to a directory of yours."
        ),
        StorageError::InUse { .. } => {
            "End the program that has it open, and run the command again.".to_owned()
        }
        StorageError::Io { .. } => {
            "The system's log may say more. If the disk is broken, copy the state directory to another one and set ORDERS_LAB_HOME to it.".to_owned()
        }
        StorageError::Incomplete { .. } => format!(
            "Nothing was changed. Put the file back from a copy of the state directory. {START_OVER}"
        ),
        StorageError::Damaged { .. } => format!(
            "Nothing was changed. Put back a copy of the state directory, if there is one. {START_OVER}"
        ),
        StorageError::Layout { .. } => format!(
            "Nothing was changed. Use the version of this program that wrote it. {START_OVER}"
        ),
    }
}

/// Reports to the command that started this process whether the cloud has started.
fn announce(started: &Result<Running, CommandError>) {
    let announcement = match started {
        Ok(running) => Announcement::Ready(running.record.clone()),
        Err(error) => Announcement::Failed {
            message: error.full_message(),
            hints: error.hints.clone(),
        },
    };
    if let Ok(line) = serde_json::to_string(&announcement) {
        // That command may have ended; the cloud runs all the same.
        let _ = writeln!(std::io::stdout(), "{line}");
    }
}

/// Waits until the cloud must end, because it was asked to or cannot go on.
async fn wait_for_end(cloud: &Cloud, env: &CommandEnv) -> Result<(), CommandError> {
    let no_signals =
        |problem| CommandError::environment("cannot listen for signals").because(problem);
    let mut terminate = signal(SignalKind::terminate()).map_err(no_signals)?;
    let mut hang_up = signal(SignalKind::hangup()).map_err(no_signals)?;
    loop {
        tokio::select! {
            stopped = cloud.stopped() => return stopped.map_err(|problem| {
                let hint = storage_hint(&problem);
                CommandError::environment("the local cloud cannot write its state and stops")
                    .because(problem)
                    .hint(hint)
            }),
            () = env.cancel.cancelled() => return Ok(()),
            _ = terminate.recv() => return Ok(()),
            // The cloud outlives the terminal that started it.
            _ = hang_up.recv() => {}
        }
    }
}
