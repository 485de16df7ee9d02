//! `up`: builds the lab, or makes it again what it should be.

mod options;

use std::ffi::OsString;

use clap::{Args, ValueHint};

use super::cost::with_expected_costs;
use super::{changes, handlers, walked};
use crate::artifact::HANDLERS_VARIABLE;
use crate::context::{CommandEnv, Intent};
use crate::error::CommandError;
use crate::host::Start;
use crate::provision::stack::{Packages, stack};
use crate::provision::{Direction, apply, inspect_all, lab_settings};
use crate::ui::Report;
pub(super) use options::SettingArgs;

/// Flags of `up`.
#[derive(Debug, Default, Args)]
pub struct UpArgs {
    /// Show what would be done, and change nothing; ends with 1 when there is something to do
    #[arg(long)]
    plan: bool,
    /// Take over what has a name of the lab's but not its tag
    #[arg(long)]
    adopt: bool,
    /// Use the handler builds in this folder instead of those inside this program, now and in
    /// later `up`s; '' returns to those inside
    #[arg(long, value_name = "DIR", env = HANDLERS_VARIABLE, value_hint = ValueHint::DirPath)]
    handlers: Option<OsString>,
    /// How many times faster than on AWS the local queues' waits pass: 1 to 1000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    speed: Option<u32>,
    #[command(flatten)]
    settings: SettingArgs,
}

pub(super) async fn up(args: &UpArgs, env: &CommandEnv) -> Result<Report, CommandError> {
    let start = Start {
        speed: args.speed,
        ..Start::default()
    };
    let intent = if args.plan {
        Intent::Read
    } else {
        Intent::Change
    };
    let context = env.connect(start, intent).await?;
    let settings = args.settings.apply(lab_settings(&context).await?)?;
    if args.settings.any() {
        for advice in settings.advice() {
            context.events().note(format!("Hint: {advice}"));
        }
    }
    let source = handlers::for_lab(args.handlers.as_deref(), &context)?;
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
        let report = changes::plan(&found, args.adopt, &context)?;
        return Ok(if context.target.is_local() {
            report
        } else {
            with_expected_costs(report, &settings)
        });
    }
    changes::insist(&found, args.adopt, &context)?;
    context.remember(handlers::folder(&source))?;
    let direction = Direction::Up {
        found: &found,
        adopt: args.adopt,
    };
    let walk = apply(&stack, direction, events, cancel).await;
    let again = context.command(if args.adopt { "up --adopt" } else { "up" });
    walked::stop_early(&walk, cancel.is_cancelled(), &again)?;
    let report = walked::report(&walk, &again, |problem| changes::way_out(problem, &context));
    let report = report.with("settings", settings.text());
    Ok(if report.ok {
        let next = context.command("simulate --count 20");
        report.text(format!("The lab is ready. Next: {next}."))
    } else {
        report
    })
}
