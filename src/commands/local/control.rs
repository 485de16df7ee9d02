//! `local status`, `start`, `stop` and `reset`.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::CommandEnv;
use crate::error::CommandError;
use crate::globals::parse_number;
use crate::home;
use crate::host::{self, ChaosProfile, CloudFiles, RunningCloud, Start, Stopped};
use crate::system;
use crate::ui::{Report, Table, Time, consent};

pub(super) const STATUS_EXAMPLES: &str = "\
Examples:
  orders-lab local status
  orders-lab local status --json         the same for scripts";

pub(super) const START_EXAMPLES: &str = "\
Examples:
  orders-lab local start
  orders-lab local start --speed 1       the queues' waits as long as on AWS
  orders-lab local start --port 4566     the port where other tools expect it";

pub(super) const STOP_EXAMPLES: &str = "\
Examples:
  orders-lab local stop                  the next command starts it again
  orders-lab local stop --force          kills it if it does not answer";

pub(super) const RESET_EXAMPLES: &str = "\
Examples:
  orders-lab local reset                 asks first
  orders-lab local reset --yes";

/// Flags of `local start`.
#[derive(Debug, Args)]
pub struct StartArgs {
    /// How many times faster than on AWS the queues' waits pass: 1 to 1000 [default: as before, at
    /// first 10]
    #[arg(long, value_name = "N", value_parser = parse_number::<u32>(1..=1000))]
    speed: Option<u32>,
    /// The port on 127.0.0.1 [default: as before, at first a free one]
    #[arg(long, value_name = "PORT", value_parser = parse_number(1..=u16::MAX))]
    port: Option<u16>,
}

/// Flags of `local stop`.
#[derive(Debug, Args)]
pub struct StopArgs {
    /// Kill it if it does not answer
    #[arg(long)]
    force: bool,
}

/// Whether the local cloud runs, where, and how.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LocalStatusReport {
    /// Whether it runs. If not, only this and `directory` are there.
    running: bool,
    /// The directory that holds its state.
    directory: String,
    #[serde(flatten)]
    cloud: Option<CloudDetails>,
}

/// A running local cloud.
#[derive(Debug, Serialize, JsonSchema)]
struct CloudDetails {
    /// The endpoint of all its services, an HTTP URL.
    endpoint: String,
    /// The id of its process.
    pid: u32,
    /// How many times faster than on AWS the queues' waits pass.
    speed: u32,
    /// Its version.
    version: String,
    /// The account id.
    account: String,
    /// The region.
    region: String,
    /// When it started.
    started_at: Time,
    /// How long it has been running, in seconds.
    uptime_seconds: u64,
    /// How much of the queues' time has passed since its first start, in milliseconds.
    lab_time_ms: u64,
    /// The memory that it uses, in bytes; `null` where the system does not report it.
    memory_bytes: Option<u64>,
    /// What goes wrong in it.
    chaos: ChaosProfile,
}

pub(super) async fn status(env: &CommandEnv) -> Result<Report<LocalStatusReport>, CommandError> {
    if let Some(found) = host::find(&env.home).await? {
        return describe(&found, env).await;
    }
    let directory = env.home.cloud().display().to_string();
    let text = format!("The local cloud is not running. Its state is in {directory}.");
    Ok(Report::new(LocalStatusReport {
        running: false,
        directory,
        cloud: None,
    })
    .text(text))
}

async fn describe(
    found: &RunningCloud,
    env: &CommandEnv,
) -> Result<Report<LocalStatusReport>, CommandError> {
    let status = found.control().status().await?;
    let cloud = CloudDetails {
        endpoint: found.endpoint(),
        pid: found.process.pid,
        speed: found.process.speed,
        version: found.process.version.clone(),
        account: status.account,
        region: status.region,
        started_at: Time(system::at(status.started_at)),
        uptime_seconds: status.uptime,
        lab_time_ms: status.lab_time,
        memory_bytes: status.memory,
        chaos: status.chaos,
    };
    let directory = env.home.cloud().display().to_string();
    let table = table(&cloud, &directory);
    Ok(Report::new(LocalStatusReport {
        running: true,
        directory,
        cloud: Some(cloud),
    })
    .table(table))
}

fn table(cloud: &CloudDetails, directory: &str) -> Table {
    let mut table = Table::new(["Local cloud", ""]);
    let rows = [
        ("endpoint", cloud.endpoint.clone()),
        ("process", cloud.pid.to_string()),
        ("version", cloud.version.clone()),
        ("speed", format!("{} times AWS's pace", cloud.speed)),
        ("chaos", cloud.chaos.summary()),
        ("state", directory.to_owned()),
    ];
    for (name, value) in rows {
        table.row([name.to_owned(), value]);
    }
    table
}

pub(super) async fn start(
    args: &StartArgs,
    env: &CommandEnv,
) -> Result<Report<LocalStatusReport>, CommandError> {
    let wanted = Start {
        speed: args.speed,
        port: args.port,
    };
    let found = host::ensure_running(&env.home, wanted, &env.events).await?;
    let text = match found.started_here {
        true => "The local cloud has started.",
        false => "The local cloud was running already.",
    };
    Ok(describe(&found, env).await?.text(text))
}

/// How the local cloud ended.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct StopReport {
    /// What happened.
    outcome: StopOutcome,
}

/// How the local cloud ended.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
enum StopOutcome {
    /// It was not running.
    NotRunning,
    /// It stopped when it was asked to.
    Stopped,
    /// It did not respond, and was killed. Everything that it had acknowledged is kept.
    Killed,
}

pub(super) async fn stop(
    args: &StopArgs,
    env: &CommandEnv,
) -> Result<Report<StopReport>, CommandError> {
    let (outcome, text) = match host::stop(&env.home, args.force).await? {
        Stopped::NotRunning => (StopOutcome::NotRunning, "The local cloud was not running."),
        Stopped::Asked => (
            StopOutcome::Stopped,
            "The local cloud has stopped. Everything in it is kept.",
        ),
        Stopped::Killed => (
            StopOutcome::Killed,
            "The local cloud was killed. Everything that it had acknowledged is kept.",
        ),
    };
    Ok(Report::new(StopReport { outcome }).text(text))
}

/// Whether there was anything to remove.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ResetReport {
    /// Whether the local cloud had any state, which is removed now.
    removed: bool,
}

pub(super) async fn reset(env: &CommandEnv) -> Result<Report<ResetReport>, CommandError> {
    let directory = env.home.cloud();
    let question = format!(
        "Remove all labs of the local cloud, in {}?",
        directory.display()
    );
    if !env.globals.yes {
        let (events, cancel) = (&env.events, &env.cancel);
        consent(&question, "nothing was removed", events, cancel).await?;
    }
    host::stop(&env.home, true).await?;
    let removed = directory.exists();
    let files = CloudFiles::of(&env.home);
    if removed {
        let _lock = files.start_lock().await?;
        home::remove(&directory)?;
    }
    home::remove(&env.home.root().join("labs").join("local"))?;
    env.forget_local_labs()?;
    let text = if removed {
        format!(
            "Removed the local cloud's state in {}.",
            directory.display()
        )
    } else {
        "There was no local cloud.".to_owned()
    };
    Ok(Report::new(ResetReport { removed }).text(text))
}
