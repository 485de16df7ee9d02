//! `down`: removes the lab, or every old one, and verifies that it is gone.

mod certificate;
mod old;

use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use self::certificate::Certificate;
use self::old::RemovedLab;
use crate::aws::{Answer as _, Class};
use crate::context::{CommandEnv, Context, Intent};
use crate::error::CommandError;
use crate::globals::parse_duration;
use crate::host::{self, Start};
use crate::provision::stack::stack;
use crate::provision::summary::{self, AppliedResources};
use crate::provision::verify::{RemovalReport, verify};
use crate::provision::{ApplyReport, Direction, LabSettings, Outcome, Problem, apply};
use crate::ui::{Report, consent};

/// For how long after a function's removal a delayed log write may recreate its log group, in lab
/// time. Writes are delayed by seconds. The lab's own roles may not create groups, so this is a
/// precaution against roles that were changed.
const LATE_WRITES: Duration = Duration::from_secs(10);

/// What is said where the user declines.
const NOTHING: &str = "nothing was removed";

/// Flags of `down`.
#[derive(Debug, Default, Args)]
pub struct DownArgs {
    /// Remove every lab of the account and region, not only this one
    #[arg(long)]
    all: bool,
    /// With --all: only labs that were built longer ago than this, for example 2d
    #[arg(long, value_name = "TIME", requires = "all", value_parser = parse_duration)]
    older_than: Option<Duration>,
}

/// What was removed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(super) enum DownReport {
    /// One lab.
    One(OneLab),
    /// With `--all`: every lab, or every old one.
    All(AllLabs),
}

/// What was removed of one lab.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct OneLab {
    #[serde(flatten)]
    applied: AppliedResources,
    /// What was verified afterwards; `null` where the removal of a resource failed.
    certificate: Option<Certificate>,
}

/// What came of each lab.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct AllLabs {
    /// The labs that were to be removed.
    labs: Vec<RemovedLab>,
}

/// Removes what `args` name. `asks` the user first where the lab is on AWS.
pub(super) async fn down(
    args: &DownArgs,
    asks: bool,
    env: &CommandEnv,
) -> Result<Report<DownReport>, CommandError> {
    let context = env.connect(Start::default(), Intent::Change).await?;
    if args.all {
        let report = old::remove_all(&context, args.older_than).await?;
        return Ok(report.map(|labs| DownReport::All(AllLabs { labs })));
    }
    if asks && !env.globals.yes && !context.target.is_local() {
        let question = format!("Remove the lab {} and all its orders?", context.names.lab());
        consent(&question, NOTHING, context.events(), context.cancel()).await?;
    }
    let removal = remove(&context).await?;
    let denied = |problem: &Problem| {
        let denied = problem.is(Class::Denied);
        denied.then(|| env.permissions())
    };
    let report = summary::report(&removal.applied, &context.command("down"), denied);
    let was_there = removal.was_there();
    let removed = removal.certificate;
    let certificate = removed.map(|removed| Certificate::new(&context, removed));
    let whole = certificate.as_ref().is_some_and(Certificate::is_whole);
    let texts = certificate
        .as_ref()
        .map(|certificate| certificate.text(&context, was_there));
    let report = report
        .map(|applied| {
            DownReport::One(OneLab {
                applied,
                certificate,
            })
        })
        .passed(whole)
        .texts(texts.into_iter().flatten());
    if whole && context.target.is_local() && is_empty(&context).await? {
        host::stop(&env.home, false).await?;
        return Ok(report.text("Nothing is left in the local cloud; it has stopped."));
    }
    Ok(report)
}

/// The removal of a lab.
struct Removal {
    applied: ApplyReport,
    /// What was verified afterwards; `None` where not everything was removed.
    certificate: Option<RemovalReport>,
}

impl Removal {
    /// Whether any part of the lab existed.
    fn was_there(&self) -> bool {
        let mut outcomes = self.applied.resources.iter().map(|end| &end.outcome);
        !outcomes.all(|outcome| matches!(outcome, Some(Ok(Outcome::Absent))))
    }

    fn is_whole(&self) -> bool {
        self.certificate
            .as_ref()
            .is_some_and(|certificate| certificate.left.is_empty())
    }
}

/// Removes a lab, verifies that it is gone, and then deletes its record.
async fn remove(context: &Context<'_>) -> Result<Removal, CommandError> {
    let stack = stack(context, &LabSettings::default(), None);
    let (events, cancel) = (context.events(), context.cancel());
    let applied = apply(&stack, Direction::Down, events, cancel).await;
    summary::stop_early(&applied, cancel.is_cancelled(), &context.command("down"))?;
    let through = applied
        .resources
        .iter()
        .all(|end| matches!(end.outcome, Some(Ok(_))));
    let mut removal = Removal {
        applied,
        certificate: None,
    };
    if !through {
        return Ok(removal);
    }
    let window = window(context, &removal.applied).await;
    if !window.is_zero() {
        events.note(format!(
            "Watching for {:.1} s whether a delayed log write recreates a log group.",
            window.as_secs_f64()
        ));
    }
    let certificate = verify(context, &stack, window).await.map_err(|problem| {
        let error = CommandError::from(problem);
        error.hint(format!(
            "Everything was removed, but this is not verified; {} again verifies it.",
            context.command("down")
        ))
    })?;
    removal.certificate = Some(certificate);
    if removal.is_whole() {
        context.forget()?;
    }
    Ok(removal)
}

/// For how long to watch the log groups: until delayed writes of the removed functions have arrived,
/// and not at all where none was removed or nothing is delayed.
async fn window(context: &Context<'_>, applied: &ApplyReport) -> Duration {
    let removed = applied
        .resources
        .iter()
        .filter(|end| end.kind == "function" && matches!(end.outcome, Some(Ok(Outcome::Deleted))));
    let Some(last) = removed.map(|end| end.began + end.milliseconds).max() else {
        return Duration::ZERO;
    };
    let since = Duration::from_millis(applied.milliseconds.saturating_sub(last));
    let Some(local) = &context.local else {
        return LATE_WRITES.saturating_sub(since);
    };
    match local.control().status().await {
        Ok(status) if status.chaos.is_off() => Duration::ZERO,
        _ => (LATE_WRITES / context.speed()).saturating_sub(since),
    }
}

/// Whether the cloud is empty of all labs.
async fn is_empty(context: &Context<'_>) -> Result<bool, CommandError> {
    let clients = &context.clients;
    let queues = clients.sqs.list_queues().send().await;
    let tables = clients.dynamodb.list_tables().send().await;
    let functions = clients.lambda.list_functions().send().await;
    let roles = clients.iam.list_roles().send().await;
    Ok(queues.of_call("sqs:ListQueues")?.queue_urls().is_empty()
        && tables
            .of_call("dynamodb:ListTables")?
            .table_names()
            .is_empty()
        && functions
            .of_call("lambda:ListFunctions")?
            .functions()
            .is_empty()
        && roles.of_call("iam:ListRoles")?.roles().is_empty())
}
