//! `up`: builds the lab, or makes it again what it should be.

mod options;

use std::ffi::OsString;
use std::time::Duration;

use clap::{Args, ValueHint};
use serde_json::{Value, json};

use super::cost::with_expected_costs;
use super::{changes, handlers};
use crate::artifact::HANDLERS_VARIABLE;
use crate::context::{Context, Intent, Surroundings};
use crate::error::CommandError;
use crate::host::Start;
use crate::provision::stack::{Packages, stack};
use crate::provision::{Direction, Finished, Walk, recorded, run, survey};
use crate::ui::{Report, Table};
pub(super) use options::SettingArgs;

/// Why a resource was skipped.
const NOT_BEGUN: &str = "what comes before it did not succeed";

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
    /// How many times quicker than on AWS the local queues' waits pass: 1 to 1000
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    speed: Option<u32>,
    #[command(flatten)]
    settings: SettingArgs,
}

pub(super) async fn up(args: &UpArgs, surroundings: &Surroundings) -> Result<Report, CommandError> {
    let start = Start {
        speed: args.speed,
        ..Start::default()
    };
    let intent = if args.plan {
        Intent::Read
    } else {
        Intent::Change
    };
    let context = surroundings.connect(start, intent).await?;
    let settings = args.settings.apply(recorded(&context).await?)?;
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
    let found = survey(&stack, events, cancel).await;
    if cancel.is_cancelled() {
        return Err(CommandError::interrupted(
            "interrupted before anything was changed",
        ));
    }
    if args.plan {
        let report = planned(changes::plan(&found, args.adopt), &context);
        return Ok(if context.target.is_local() {
            report
        } else {
            with_expected_costs(report, &settings)
        });
    }
    changes::insist(&found, args.adopt)?;
    context.remember(handlers::folder(&source))?;
    let direction = Direction::Up {
        found: &found,
        adopt: args.adopt,
    };
    let walk = run(&stack, direction, events, cancel).await;
    stop_if_interrupted(&walk.finished, cancel.is_cancelled(), "up")?;
    let report = report(&walk, "up").with("settings", settings.text());
    Ok(if report.ok {
        report.text("The lab is ready. Next: `orders-lab simulate --count 20`.")
    } else {
        report
    })
}

fn planned(report: Report, context: &Context<'_>) -> Report {
    if report.ok {
        return report.text("Nothing to do: the lab is as it should be.");
    }
    let lab = context.names.lab();
    report.text(format!(
        "Nothing was changed. `orders-lab up` makes the lab {lab} so."
    ))
}

/// An error that says what stands and what is not done, where the user's interruption is why.
pub(super) fn stop_if_interrupted(
    finished: &[Finished],
    interrupted: bool,
    command: &str,
) -> Result<(), CommandError> {
    let ids = |well: bool| -> Vec<String> {
        let ended = finished.iter();
        let ended = ended.filter(|end| matches!(end.outcome, Some(Ok(_))) == well);
        ended.map(Finished::id).collect()
    };
    let (done, open) = (ids(true), ids(false));
    if !interrupted || open.is_empty() {
        return Ok(());
    }
    let done = if done.is_empty() {
        "nothing".to_owned()
    } else {
        done.join(", ")
    };
    let stands = format!(
        "interrupted; done: {done}; not finished: {}",
        open.join(", ")
    );
    Err(CommandError::interrupted(stands)
        .hint(format!("`orders-lab {command}` again goes on from here.")))
}

/// What was done to each resource, and why where it was not; not good unless all of it was.
pub(super) fn report(walk: &Walk, command: &str) -> Report {
    let mut table = Table::new(["Resource", "Name", "Outcome", "Seconds"]).numeric([3]);
    let mut resources: Vec<Value> = Vec::new();
    let mut reasons = Vec::new();
    for end in &walk.finished {
        let (outcome, reason) = match &end.outcome {
            Some(Ok(outcome)) => (outcome.name(), None),
            Some(Err(problem)) => ("failed", Some(problem.to_string())),
            None => ("skipped", Some(NOT_BEGUN.to_owned())),
        };
        let [began, took] = [end.began, end.milliseconds].map(seconds);
        table.row([
            end.kind.replace('_', " "),
            end.name.clone(),
            outcome.to_owned(),
            format!("{took:.1}"),
        ]);
        let mut resource = json!({
            "kind": end.kind, "name": end.name, "outcome": outcome, "began": began, "seconds": took,
        });
        if let (Some(reason), Some(members)) = (reason, resource.as_object_mut()) {
            reasons.push(format!("{} {outcome}: {reason}.", end.id()));
            members.insert("reason".to_owned(), reason.into());
        }
        resources.push(resource);
    }
    let report = Report::good()
        .passed(reasons.is_empty())
        .with("resources", resources)
        .with("walk", walk_json(walk))
        .table(table);
    if reasons.is_empty() {
        return report;
    }
    report.text(reasons.join("\n")).text(format!(
        "Only part was done. `orders-lab {command}` again goes on from here."
    ))
}

/// How long the walk took, and the chain of resources that it could not be quicker than.
fn walk_json(walk: &Walk) -> Value {
    json!({
        "seconds": seconds(walk.milliseconds),
        "longest_chain": walk.longest_chain,
        "longest_chain_seconds": seconds(walk.longest_chain_milliseconds),
    })
}

fn seconds(milliseconds: u64) -> f64 {
    Duration::from_millis(milliseconds).as_secs_f64()
}

#[cfg(test)]
mod tests;
