//! `down`: removes the lab, or every old one, and looks afterwards that it is gone.

mod certificate;
mod old;

use std::time::Duration;

use clap::Args;

use super::walked;
use crate::aws::{Answer as _, Class};
use crate::context::{CommandEnv, Context, Intent};
use crate::error::CommandError;
use crate::globals::parse_duration;
use crate::host::{self, Start};
use crate::provision::stack::stack;
use crate::provision::verify::{RemovalReport, verify};
use crate::provision::{ApplyReport, Direction, LabSettings, Outcome, Problem, apply};
use crate::ui::{Report, consent};

/// For how long after a function's removal its late lines may bring its log group back, in lab
/// time. They lag by seconds; the lab's own roles may not make groups, so that this is a
/// precaution against roles that were changed.
const LATE_LINES: Duration = Duration::from_secs(10);

/// What stands where the user does not want it.
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

/// `asks` whether the user wants the orders gone, where they are on AWS.
pub(super) async fn down(
    args: &DownArgs,
    asks: bool,
    env: &CommandEnv,
) -> Result<Report, CommandError> {
    let context = env.connect(Start::default(), Intent::Change).await?;
    if args.all {
        return old::remove_all(&context, args.older_than).await;
    }
    let question = format!("Remove the lab {} and all its orders?", context.names.lab());
    let asks = asks && !env.globals.yes && !context.target.is_local();
    if asks {
        consent(&question, NOTHING, context.events(), context.cancel()).await?;
    }
    let removal = remove(&context).await?;
    let denied = |problem: &Problem| {
        let denied = problem.is(Class::Denied);
        denied.then(|| env.permissions())
    };
    let report = walked::report(&removal.walk, &context.command("down"), denied);
    let Some(certificate) = &removal.certificate else {
        return Ok(report);
    };
    let was_there = removal.was_there();
    let report = certificate::attach(report, &context, certificate, was_there);
    if report.ok && context.target.is_local() && is_empty(&context).await? {
        host::stop(&env.home, false).await?;
        return Ok(report.text("Nothing is left in the local cloud; it has stopped."));
    }
    Ok(report)
}

/// How the removal of a lab went.
struct Removal {
    walk: ApplyReport,
    /// What was verified afterwards; `None` where the walk did not get through.
    certificate: Option<RemovalReport>,
}

impl Removal {
    /// Whether there was anything of the lab.
    fn was_there(&self) -> bool {
        let mut outcomes = self.walk.resources.iter().map(|end| &end.outcome);
        !outcomes.all(|outcome| matches!(outcome, Some(Ok(Outcome::Absent))))
    }

    fn is_whole(&self) -> bool {
        self.certificate
            .as_ref()
            .is_some_and(|certificate| certificate.left.is_empty())
    }
}

/// Removes a lab, looks that it is gone, and forgets it if it is.
async fn remove(context: &Context<'_>) -> Result<Removal, CommandError> {
    let stack = stack(context, &LabSettings::default(), None);
    let (events, cancel) = (context.events(), context.cancel());
    let walk = apply(&stack, Direction::Down, events, cancel).await;
    walked::stop_early(&walk, cancel.is_cancelled(), &context.command("down"))?;
    let through = walk
        .resources
        .iter()
        .all(|end| matches!(end.outcome, Some(Ok(_))));
    let mut removal = Removal {
        walk,
        certificate: None,
    };
    if !through {
        return Ok(removal);
    }
    let window = window(context, &removal.walk).await;
    if !window.is_zero() {
        events.note(format!(
            "Watching for {:.1} s whether late lines bring a log group back.",
            window.as_secs_f64()
        ));
    }
    let certificate = verify(context, &stack, window).await.map_err(|problem| {
        let error = CommandError::from(problem);
        error.hint(format!(
            "Everything was removed, but that it is gone is not verified; {} again verifies it.",
            context.command("down")
        ))
    })?;
    removal.certificate = Some(certificate);
    if removal.is_whole() {
        context.forget()?;
    }
    Ok(removal)
}

/// For how long to watch the log groups: until late lines of functions that were removed have
/// come, and not at all when none was removed or nothing is ever late.
async fn window(context: &Context<'_>, walk: &ApplyReport) -> Duration {
    let removed = walk
        .resources
        .iter()
        .filter(|end| end.kind == "function" && matches!(end.outcome, Some(Ok(Outcome::Deleted))));
    let Some(last) = removed.map(|end| end.began + end.milliseconds).max() else {
        return Duration::ZERO;
    };
    let since = Duration::from_millis(walk.milliseconds.saturating_sub(last));
    let Some(local) = &context.local else {
        return LATE_LINES.saturating_sub(since);
    };
    match local.control().status().await {
        Ok(status) if status.chaos.is_off() => Duration::ZERO,
        _ => (LATE_LINES / context.speed()).saturating_sub(since),
    }
}

/// Whether nothing is left in the cloud, of any lab.
async fn is_empty(context: &Context<'_>) -> Result<bool, CommandError> {
    let clients = &context.clients;
    let queues = clients.sqs.list_queues().send().await;
    let queues = queues.of_call("sqs:ListQueues")?;
    let tables = clients.dynamodb.list_tables().send().await;
    let tables = tables.of_call("dynamodb:ListTables")?;
    let functions = clients.lambda.list_functions().send().await;
    let functions = functions.of_call("lambda:ListFunctions")?;
    let roles = clients.iam.list_roles().send().await;
    let roles = roles.of_call("iam:ListRoles")?;
    Ok(queues.queue_urls().is_empty()
        && tables.table_names().is_empty()
        && functions.functions().is_empty()
        && roles.roles().is_empty())
}
