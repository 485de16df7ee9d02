//! `down`: removes the lab, or every old one, and verifies that it is gone.

mod certificate;
mod old;
mod remove;

use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use self::certificate::Certificate;
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
pub(super) enum DownReport {
    /// One lab.
    One(Box<OneLab>),
    /// With `--all`: every lab, or every old one.
    All(AllLabs),
}

/// What was removed of one lab.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct OneLab {
    #[serde(flatten)]
    applied: AppliedResources,
    /// What was verified afterwards; `null` where the removal of a resource failed.
    certificate: Option<Certificate>,
}

/// What happened to each lab.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct AllLabs {
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
    let applied = summary::report(&removal.applied, &context.command("down"), advice);
    let was_there = removal.was_there();
    let certificate = removal
        .verified
        .map(|verified| Certificate::new(&context, verified));
    let whole = certificate.as_ref().is_some_and(Certificate::is_whole);
    let texts = certificate
        .as_ref()
        .map(|certificate| certificate.text(&context, was_there));
    let report = applied
        .map(|applied| {
            DownReport::One(Box::new(OneLab {
                applied,
                certificate,
            }))
        })
        .passed(whole)
        .texts(texts.into_iter().flatten());
    if whole && context.target.is_local() && is_empty(&context).await? {
        host::stop(&env.home, false).await?;
        return Ok(report.text("Nothing is left in the local cloud; it has stopped."));
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
