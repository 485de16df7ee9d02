//! `local chaos`: how far the local cloud is from behaving at its best.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::CommandEnv;
use crate::error::CommandError;
use crate::globals::parse_number;
use crate::host::{self, ChaosProfile, MillisecondRange, SetChaos, Start};
use crate::ui::{Report, Table};

pub(super) const EXAMPLES: &str = "\
Settings of --set:
  role-delay, table-delay, function-delay, mapping-delay
                         how long a change takes, in the queues' time: 8s,
                         500ms..8s
  queue-delay, attribute-delay, iam-delay, tag-delay, task-delay
                         how long a change of a queue, its attributes, a role,
                         tags or a move task takes to be visible everywhere
  log-delay              how long a log line takes to reach its log group
  stale-counts           how old a queue's counts are, in the queues' time
  repeated, disordered   how likely a message is delivered twice, or out of
                         order: 0 to 1
  throttled, failed, lost, latency
                         how likely a request is throttled, fails, or takes
                         effect with its reply lost, and how long it takes (in
                         real time); for some requests only, after their names:
                         sqs:SendMessage.throttled=0.5, lambda:*.latency=200ms

Examples:
  orders-lab local chaos                 show the current profile
  orders-lab local chaos aws             delays as on AWS
  orders-lab local chaos severe --seed 7  the same bad day each time
  orders-lab local chaos off --set dynamodb:*.throttled=0.2";

/// Flags of `local chaos`.
#[derive(Debug, Args)]
pub struct ChaosArgs {
    /// The profile to set; without it and other flags, show the current one
    #[arg(value_parser = ["off", "aws", "severe"])]
    profile: Option<String>,
    /// Random seed: the same seed gives the same failures
    #[arg(long, value_name = "N", value_parser = parse_number(0..=u64::MAX))]
    seed: Option<u64>,
    /// Change one setting; may be given several times
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

/// What goes wrong in the local cloud.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ChaosReport {
    /// The chaos profile.
    chaos: ChaosProfile,
}

pub(super) async fn chaos(
    args: &ChaosArgs,
    env: &CommandEnv,
) -> Result<Report<ChaosReport>, CommandError> {
    let changes = args.profile.is_some() || args.seed.is_some() || !args.set.is_empty();
    let profile = if changes {
        set(args, env).await?
    } else {
        show(env).await?
    };
    let table = table(&profile);
    Ok(Report::new(ChaosReport { chaos: profile }).table(table))
}

async fn set(args: &ChaosArgs, env: &CommandEnv) -> Result<ChaosProfile, CommandError> {
    let change = SetChaos {
        profile: args.profile.as_deref(),
        seed: args.seed,
        settings: &args.set,
    };
    let cloud = host::ensure_running(&env.home, Start::default(), &env.events).await?;
    let changed = cloud.control().set_chaos(&change).await;
    changed.map_err(|problem| match problem {
        host::ControlError::Refused { message, .. } => CommandError::usage(message),
        other => other.into(),
    })
}

async fn show(env: &CommandEnv) -> Result<ChaosProfile, CommandError> {
    let cloud = host::find(&env.home).await?.ok_or_else(|| {
        CommandError::environment("the local cloud is not running")
            .hint("`orders-lab local start` starts it.")
    })?;
    let status = cloud.control().status().await?;
    Ok(status.chaos)
}

fn table(profile: &ChaosProfile) -> Table {
    let mut table = Table::new(["Chaos", ""]);
    table.row(["profile".to_owned(), profile.summary()]);
    let delays = &profile.delays;
    let delays = [
        (delays.role, "until a change to a role is seen"),
        (delays.table, "until a table is there, or gone"),
        (delays.function, "until a change to a function is made"),
        (delays.mapping, "until a change to a mapping is made"),
        (delays.queue, "until a queue is known everywhere, or gone"),
        (
            delays.attributes,
            "until queue attributes are known everywhere",
        ),
        (delays.iam, "until IAM itself knows of a role everywhere"),
        (delays.tags, "until tags are known everywhere"),
        (delays.task, "until a move task is known everywhere"),
        (delays.counts, "how old a queue's counts are"),
        (delays.logs, "until a log line is in its log group"),
    ];
    for (delay, meaning) in delays {
        if let Some(range) = range_text(delay) {
            table.row([meaning.to_owned(), format!("{range} of the queues' time")]);
        }
    }
    let deliveries = [
        (profile.deliveries.repeated, "messages delivered twice"),
        (
            profile.deliveries.disordered,
            "messages delivered out of order",
        ),
    ];
    for (probability, meaning) in deliveries {
        if let Some(percent) = percent(probability) {
            table.row([meaning.to_owned(), percent]);
        }
    }
    for rule in &profile.requests {
        let faults = [
            ("throttled", rule.throttled),
            ("failed", rule.failed),
            ("lost", rule.lost),
        ];
        let faults = faults
            .into_iter()
            .filter_map(|(name, probability)| Some(format!("{name} {}", percent(probability)?)));
        let latency = range_text(rule.latency).map(|range| format!("latency {range}"));
        let effects: Vec<String> = faults.chain(latency).collect();
        table.row([format!("requests {}", rule.of), effects.join(", ")]);
    }
    table
}

/// A probability in percent, with at most two decimals; `None` for 0.
fn percent(probability: f64) -> Option<String> {
    (probability > 0.0).then(|| format!("{} %", (probability * 10_000.0).round() / 100.0))
}

/// A range in milliseconds or seconds; `None` where it is 0.
fn range_text(range: MillisecondRange) -> Option<String> {
    let text = |millis: u64| match millis {
        0..1000 => format!("{millis} ms"),
        _ => format!("{} s", millis as f64 / 1000.0),
    };
    (range.most > 0).then(|| format!("{} to {}", text(range.least), text(range.most)))
}
