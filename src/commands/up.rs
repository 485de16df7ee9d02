//! `up`: creates the lab, or completes and updates it.

use std::ffi::OsString;

use clap::{Args, ValueHint};
use schemars::JsonSchema;
use serde::Serialize;

use crate::action::Action;
use crate::artifact::HANDLERS_VARIABLE;
use crate::context::{CommandEnv, Context, Intent};
use crate::error::CommandError;
use crate::globals::parse_number;
use crate::host::Start;
use crate::provision::changes::{self, PlanReport};
use crate::provision::lab_costs::{LabCosts, expected_costs};
use crate::provision::setting_args::SettingArgs;
use crate::provision::stack::{Packages, stack};
use crate::provision::summary::{self, AppliedResources};
use crate::provision::{Direction, LabSettings, apply, builds, inspect_all, lab_settings};
use crate::ui::Report;

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab up                          in the local cloud, with no account
  orders-lab up --speed 1                the queues' waits as long as on AWS
  orders-lab up --target aws             on AWS, with your credentials
  orders-lab up --plan                   what would be done; changes nothing
  orders-lab up --lab ann --memory 512   a lab of its own, with other settings";

/// Flags of `up`.
#[derive(Debug, Default, Args)]
pub struct UpArgs {
    /// Show what would be done, and change nothing; exits with 1 when there is something to do
    #[arg(long)]
    plan: bool,
    /// Take over resources that have the lab's names but not its tag
    #[arg(long)]
    adopt: bool,
    /// Use the handler builds in this folder instead of the embedded ones, now and in later runs of
    /// `up`; '' returns to the embedded ones
    #[arg(long, value_name = "DIR", env = HANDLERS_VARIABLE, hide_env_values = true, value_hint = ValueHint::DirPath)]
    handlers: Option<OsString>,
    /// How many times faster than on AWS the local queues' waits pass: 1 to 1000 [default: as
    /// before, at first 10]
    #[arg(long, value_name = "N", value_parser = parse_number::<u32>(1..=1000))]
    speed: Option<u32>,
    #[command(flatten)]
    settings: SettingArgs,
}

impl UpArgs {
    /// How `up` acts on its target with these flags.
    pub(super) fn action<'a>(&self, env: &'a CommandEnv) -> Action<'a> {
        Action {
            env,
            start: Start {
                speed: self.speed,
                ..Start::default()
            },
            intent: if self.plan {
                Intent::Read
            } else {
                Intent::Change
            },
        }
    }
}

/// What was done, or would be done.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub(crate) enum UpReport {
    /// What was done.
    Applied(Applied),
    /// With `--plan`: what would be done. It is `ok` if there is nothing to do.
    Plan(Plan),
}

/// What was done.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Applied {
    #[serde(flatten)]
    applied: AppliedResources,
    /// The lab's settings.
    settings: LabSettings,
}

/// What would be done.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
pub(crate) struct Plan {
    #[serde(flatten)]
    plan: PlanReport,
    #[serde(flatten)]
    costs: Option<LabCosts>,
}

pub(super) async fn up(
    args: &UpArgs,
    context: Context<'_>,
) -> Result<Report<UpReport>, CommandError> {
    let settings = args.settings.apply(lab_settings(&context).await?)?;
    if args.settings.any() {
        for advice in settings.advice() {
            context.events().note(format!("Hint: {advice}"));
        }
    }
    let source = builds::for_lab(args.handlers.as_deref(), &context)?;
    let packages = Packages::load(&source, settings.arch, &context.target)
        .map_err(|error| CommandError::environment("the handlers cannot be used").because(error))?;
    let stack = stack(&context, &settings, Some(packages));
    let (events, cancel) = (context.events(), context.cancel());
    let found = inspect_all(&stack, events, cancel).await;
    if cancel.is_cancelled() {
        return Err(CommandError::interrupted(
            "interrupted before anything was changed",
        ));
    }
    if args.plan {
        let on_aws = !context.target.is_local();
        let (costs, costs_text) = on_aws.then(|| expected_costs(&settings)).unzip();
        let report = changes::plan(&found, args.adopt, &context)?;
        return Ok(report
            .map(|plan| UpReport::Plan(Plan { plan, costs }))
            .texts(costs_text));
    }
    changes::require_possible(&found, args.adopt, &context)?;
    context.remember(builds::folder(&source))?;
    let direction = Direction::Up {
        found: &found,
        adopt: args.adopt,
    };
    let applied = apply(&stack, direction, events, cancel).await;
    let again = context.command(if args.adopt { "up --adopt" } else { "up" });
    summary::stop_early(&applied, cancel.is_cancelled(), &again)?;
    let details = context.env.globals.verbose;
    let report = summary::report(&applied, details, &again, |problem| {
        changes::advice(problem, &context)
    });
    let next = context.command("simulate --count 20");
    let texts = report.ok.then(|| {
        [
            summary::ready(&applied),
            format!("Next: {next} sends orders through it."),
        ]
    });
    Ok(report
        .map(|applied| UpReport::Applied(Applied { applied, settings }))
        .texts(texts.into_iter().flatten()))
}
