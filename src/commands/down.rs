//! `down`: removes the lab, or every old one, and verifies that it is gone.

mod certificate;
mod contents;
mod old;
mod remove;

use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use self::certificate::{Certificate, Done};
use self::contents::Contents;
use self::old::RemovedLab;
use self::remove::{NOT_REMOVED, remove};
use crate::aws::{Answer as _, Class};
use crate::context::Context;
use crate::error::CommandError;
use crate::globals::parse_duration;
use crate::host;
use crate::provision::Problem;
use crate::provision::summary::{self, AppliedResources};
use crate::ui::{Report, consent};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab down                        asks first if the lab is on AWS
  orders-lab down --lab ann --yes        without asking
  orders-lab down --all --older-than 2d  every lab that is older than two days";

/// Flags of `down`.
#[derive(Debug, Default, Args)]
pub struct DownArgs {
    /// Remove every lab of the account and region, not only this one
    #[arg(long)]
    all: bool,
    /// With --all: only labs that were built longer ago than this, for example 2d
    #[arg(long, value_name = "TIME", requires = "all", value_parser = parse_duration)]
    older_than: Option<Duration>,
    /// Print each call that changes something as the AWS CLI command that does the same, on stderr
    #[arg(long)]
    pub(super) show_commands: bool,
}

/// What was removed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum DownReport {
    /// One lab.
    One(Box<OneLab>),
    /// With `--all`: every lab, or every old one.
    All(AllLabs),
}

/// What was removed of one lab.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct OneLab {
    #[serde(flatten)]
    applied: AppliedResources,
    /// What the lab held when its removal began; `null` where that is not known.
    held: Option<Contents>,
    /// Why that could not be read; `null` where it could, or a queue of the lab did not exist.
    not_counted: Option<String>,
    /// What was verified afterwards; `null` where the removal of a resource failed.
    certificate: Option<Certificate>,
}

/// What happened to each lab.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct AllLabs {
    /// The labs that were to be removed.
    labs: Vec<RemovedLab>,
}

/// Removes what `args` name. `asks` the user first where the lab is on AWS.
pub(super) async fn down(
    args: &DownArgs,
    asks: bool,
    context: Context<'_>,
) -> Result<Report<DownReport>, CommandError> {
    let env = context.env;
    if args.all {
        let report = old::remove_all(&context, args.older_than).await?;
        return Ok(report.map(|labs| DownReport::All(AllLabs { labs })));
    }
    if asks && !env.globals.yes && !context.target.is_local() {
        let question = format!("Remove the lab {} and all its orders?", context.names.lab());
        consent(&question, NOT_REMOVED, context.events(), context.cancel()).await?;
    }
    let removal = remove(&context).await?;
    let advice = |problem: &Problem| problem.is(Class::Denied).then(|| env.permissions());
    let details = env.globals.verbose;
    let applied = summary::report(&removal.applied, details, &context.command("down"), advice);
    let whole = removal.is_whole();
    let (held, not_counted) = (removal.held, removal.not_counted.clone());
    if let Some(problem) = &not_counted {
        let note = format!("What the lab held could not be counted: {problem}.");
        context.events().note(note);
    }
    let done = Done::of(&removal);
    let certificate = removal
        .verified
        .map(|verified| Certificate::new(&context, verified));
    let texts = certificate
        .as_ref()
        .map(|certificate| certificate.text(&context, &done, details));
    let report = applied
        .map(|applied| {
            DownReport::One(Box::new(OneLab {
                applied,
                held,
                not_counted,
                certificate,
            }))
        })
        .passed(whole)
        .texts(texts.into_iter().flatten());
    if whole && context.target.is_local() && is_empty(&context).await? {
        host::stop(&env.home, false).await?;
        return Ok(report.text("The local cloud is empty and has stopped."));
    }
    Ok(report)
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
