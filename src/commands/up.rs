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
use crate::provision::script::script;
use crate::provision::setting_args::{SettingArgs, kept, legal};
use crate::provision::stack::{Packages, function_endpoint, stack};
use crate::provision::summary::{self, AppliedResources};
use crate::provision::{
    Direction, Inspected, LabSettings, apply, builds, inspect_all, lab_settings,
};
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
#[command(mut_args = kept)]
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
    /// Print each call that changes something as the AWS CLI command that does the same, on stderr;
    /// with --plan, print on stdout the shell script that does what `up` would do
    #[arg(long)]
    pub(super) show_commands: bool,
    /// The URL under which the functions reach a server that is compatible with AWS, where it is not
    /// AWS_ENDPOINT_URL; '' for that one
    #[arg(long, value_name = "URL", value_parser = legal("function-endpoint"))]
    function_endpoint: Option<String>,
    #[command(flatten)]
    settings: SettingArgs,
}

impl UpArgs {
    /// How `up` acts on its target with these flags.
    pub(super) fn action<'a>(&self, env: &'a CommandEnv) -> Action<'a> {
        let intent = if self.plan {
            Intent::Read
        } else {
            Intent::Change
        };
        Action {
            start: Start {
                speed: self.speed,
                ..Start::default()
            },
            ..Action::new(env, intent)
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
    /// With `--show-commands`: the shell script that does this with the AWS CLI; else `null`.
    script: Option<String>,
}

pub(super) async fn up(
    args: &UpArgs,
    context: Context<'_>,
) -> Result<Report<UpReport>, CommandError> {
    let mut settings = args.settings.apply(lab_settings(&context).await?)?;
    if let Some(url) = &args.function_endpoint {
        set_function_endpoint(url, &mut settings, &context)?;
    }
    for advice in settings.advice(&args.settings.names()) {
        context.events().note(format!("Hint: {advice}"));
    }
    let source = builds::for_lab(args.handlers.as_deref(), &context)?;
    let packages = Packages::load(&source, settings.arch, &context.target)
        .map_err(|error| CommandError::environment("the handlers cannot be used").because(error))?;
    let stack = stack(&context, &settings, Some(packages.clone()));
    let (events, cancel) = (context.events(), context.cancel());
    let found = inspect_all(&stack, events, cancel).await;
    if cancel.is_cancelled() {
        return Err(CommandError::interrupted(
            "interrupted before anything was changed",
        ));
    }
    if args.plan {
        return plan(args, &context, &settings, packages, &found).await;
    }
    changes::require_possible(&found, args.adopt, &context)?;
    context.remember(builds::folder(&source))?;
    let direction = Direction::Up {
        found: &found,
        adopt: args.adopt,
    };
    let applied = apply(&stack, direction, events, cancel).await;
    let again = context.again("up", &[]);
    summary::stop_early(&applied, cancel.is_cancelled(), &again)?;
    let details = context.env.globals.verbose;
    let report = summary::report(&applied, details, &again, |problem| {
        changes::advice(problem, &context)
    });
    let next = context.command("simulate --count 20");
    let texts = report.ok.then(|| {
        [
            summary::ready(&applied, &found),
            format!("Next: {next} sends orders through it."),
        ]
    });
    Ok(report
        .map(|applied| UpReport::Applied(Applied { applied, settings }))
        .texts(texts.into_iter().flatten()))
}

/// What would be done, as a table or as a script.
async fn plan(
    args: &UpArgs,
    context: &Context<'_>,
    settings: &LabSettings,
    packages: Packages,
    found: &[Inspected],
) -> Result<Report<UpReport>, CommandError> {
    let on_aws = !context.target.is_local();
    let (costs, costs_text) = on_aws.then(|| expected_costs(settings)).unzip();
    let mut report = changes::plan(found, args.adopt, context)?.texts(costs_text);
    let mut commands = None;
    if args.show_commands {
        changes::require_possible(found, args.adopt, context)?;
        let script = script(context, settings, packages, found, args.adopt).await?;
        report = report.only_raw(script.clone());
        commands = Some(script);
    }
    Ok(report.map(|plan| {
        UpReport::Plan(Plan {
            plan,
            costs,
            script: commands,
        })
    }))
}

/// Changes the endpoint that the functions are told.
///
/// # Errors
/// When the target is one whose endpoint they know.
fn set_function_endpoint(
    url: &str,
    settings: &mut LabSettings,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    settings
        .set("function-endpoint", url)
        .map_err(CommandError::usage)?;
    if url.is_empty() || function_endpoint(context, settings).is_some() {
        return Ok(());
    }
    let message = format!(
        "--function-endpoint is for a server that is compatible with AWS, and the target is {}, which the functions find by themselves",
        context.target
    );
    Err(CommandError::usage(message)
        .hint("Omit the flag, or name the server with AWS_ENDPOINT_URL and pass --target aws."))
}
