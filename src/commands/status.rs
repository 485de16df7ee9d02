//! `status`: what the lab holds, in what it differs from what it should be, and what to do next.

use serde_json::{Value, json};

use super::changes;
use super::cost::with_expected_costs;
use super::handlers::packages_at_hand;
use super::local::chaos_summary;
use crate::aws::{AwsFailure, Class};
use crate::context::{CommandEnv, Context, Intent};
use crate::drive::reader::{LabReader, QueueDepth};
use crate::error::CommandError;
use crate::host::{ChaosProfile, Start};
use crate::provision::stack::stack;
use crate::provision::{Inspected, Observed, inspect_all, lab_settings};
use crate::ui::{Report, Table, counted};

/// What the queues and the table hold; `None` for what is not there.
#[derive(Default)]
struct Contents {
    orders: Option<QueueDepth>,
    dead: Option<QueueDepth>,
    items: Option<u64>,
}

pub(super) async fn status(env: &CommandEnv) -> Result<Report, CommandError> {
    let context = env.connect(Start::default(), Intent::Read).await?;
    let settings = lab_settings(&context).await?;
    let packages = packages_at_hand(&settings, &context)?;
    let not_compared = packages.as_ref().err().map(ToString::to_string);
    let stack = stack(&context, &settings, packages.ok());
    let (found, contents, chaos) = tokio::join!(
        inspect_all(&stack, context.events(), context.cancel()),
        hold(&context),
        chaos(&context),
    );
    let contents = contents?;
    if let Some(problem) = found.iter().find_map(|found| found.observed.as_ref().err()) {
        return Err(problem.clone().into());
    }
    let absent = |found: &Inspected| matches!(found.observed, Ok(Observed::Absent));
    if found.iter().all(absent) {
        return Ok(nothing(&context));
    }
    let whole = found.iter().all(|found| trouble(found).is_none());
    let lines = changes::lines(&found, false);
    let report = documented(&context, &found, &contents)
        .with("up", whole)
        .with("drifted", !lines.is_empty())
        .with("settings", settings.text())
        .with("code_not_compared", &not_compared)
        .with("chaos", &chaos)
        .table(table(&found, &contents, chaos.as_ref()));
    let report = if lines.is_empty() {
        report
    } else {
        report.text(format!("Not as it should be:\n{}", lines.join("\n")))
    };
    let report = match not_compared {
        None => report,
        Some(why) => report.text(format!("The functions' code was not compared: {why}.")),
    };
    let report = if context.target.is_local() {
        report
    } else {
        with_expected_costs(report, &settings)
    };
    Ok(report.text(next(&context, whole, !lines.is_empty(), &contents)))
}

/// Why a resource is of no use, in a word: `missing`, `foreign`, or AWS's own word.
fn trouble(found: &Inspected) -> Option<String> {
    match &found.observed {
        Ok(Observed::Absent) | Err(_) => Some("missing".to_owned()),
        Ok(Observed::Foreign(_) | Observed::Taken(_)) => Some("foreign".to_owned()),
        Ok(ours) => {
            let mut differences = ours.differences().iter();
            let state = differences.find(|one| matches!(&*one.setting, "state" | "status"));
            state.map(|one| one.found.clone())
        }
    }
}

/// How a function or the trigger is, in AWS's words.
fn state(found: &Inspected) -> String {
    let well = if found.kind == "trigger" {
        "Enabled"
    } else {
        "Active"
    };
    trouble(found).unwrap_or_else(|| well.to_owned())
}

async fn hold(context: &Context<'_>) -> Result<Contents, AwsFailure> {
    let Some(reader) = LabReader::find(context).await? else {
        return Ok(Contents::default());
    };
    let (orders, dead, items) = tokio::join!(
        reader.depth(&reader.orders_url),
        reader.depth(&reader.dead_url),
        reader.count_items()
    );
    Ok(Contents {
        orders: unless_absent(orders)?,
        dead: unless_absent(dead)?,
        items: unless_absent(items)?,
    })
}

fn unless_absent<T>(answer: Result<T, AwsFailure>) -> Result<Option<T>, AwsFailure> {
    match answer {
        Err(problem) if problem.class == Class::NotFound => Ok(None),
        answer => answer.map(Some),
    }
}

fn documented(context: &Context<'_>, found: &[Inspected], contents: &Contents) -> Report {
    let names = &context.names;
    let depths = [
        (names.orders_queue(), contents.orders),
        (names.dead_letter_queue(), contents.dead),
    ];
    let queues = depths.into_iter().filter_map(|(name, depth)| {
        let depth = depth?;
        Some(json!({
            "name": name, "visible": depth.visible, "in_flight": depth.in_flight, "delayed": depth.delayed,
        }))
    });
    let of = |kind: &'static str| found.iter().filter(move |found| found.kind == kind);
    let said = |found: &Inspected| json!({ "name": found.name, "state": state(found) });
    let resources = found.iter().map(|found| changes::members(found, false));
    Report::good()
        .with("queues", queues.collect::<Vec<Value>>())
        .with(
            "table",
            json!({ "name": names.table(), "items": contents.items }),
        )
        .with(
            "functions",
            of("function").map(said).collect::<Vec<Value>>(),
        )
        .with("trigger", of("trigger").map(said).next())
        .with("resources", resources.collect::<Vec<Value>>())
}

fn table(found: &[Inspected], contents: &Contents, chaos: Option<&ChaosProfile>) -> Table {
    let mut table = Table::new(["What", "Name", "State"]);
    let mut depths = [contents.orders, contents.dead].into_iter();
    for one in found {
        let held = match one.kind {
            "queue" => depths.next().flatten().map(depth_text),
            "table" => contents.items.map(|items| counted(items, "order")),
            "function" | "trigger" => Some(state(one)),
            // Roles and log groups are worth a line only when something is wrong with them.
            _ => None,
        };
        let Some(state) = held.or_else(|| trouble(one)) else {
            continue;
        };
        table.row([
            one.kind.replace('_', " "),
            one.name.replace("->", "→"),
            state,
        ]);
    }
    if let Some(profile) = chaos.filter(|profile| !profile.is_off()) {
        table.row([
            "chaos".to_owned(),
            "local cloud".to_owned(),
            chaos_summary(profile),
        ]);
    }
    table
}

/// The local cloud's chaos profile; `None` on AWS.
async fn chaos(context: &Context<'_>) -> Option<ChaosProfile> {
    let status = context.local.as_ref()?.control().status().await.ok()?;
    Some(status.chaos)
}

fn nothing(context: &Context<'_>) -> Report {
    let none: [Value; 0] = [];
    Report::good()
        .with("up", false)
        .with("queues", none.clone())
        .with("table", Value::Null)
        .with("functions", none)
        .with("trigger", Value::Null)
        .text(format!(
            "The lab {} is not there. {} builds it.",
            context.names.lab(),
            context.command("up"),
        ))
}

fn depth_text(depth: QueueDepth) -> String {
    format!(
        "{} visible, {} in flight, {} delayed",
        depth.visible, depth.in_flight, depth.delayed
    )
}

fn next(context: &Context<'_>, whole: bool, drifted: bool, contents: &Contents) -> String {
    let total = |depth: Option<QueueDepth>| depth.map_or(0, QueueDepth::total);
    let command = |words| context.command(words);
    if !whole {
        let up = command("up");
        format!("Next: parts of the lab are missing or not ready; {up} completes it.")
    } else if drifted {
        let (up, plan) = (command("up"), command("up --plan"));
        format!("Next: {up} makes the lab what it should be again; {plan} shows how.")
    } else if total(contents.orders) > 0 {
        let audit = command("audit");
        format!("Next: orders are on their way; {audit} tells where each is.")
    } else if total(contents.dead) > 0 {
        format!("Next: {} shows the dead letters.", command("dlq"))
    } else if contents.items == Some(0) {
        format!("Next: {} sends orders.", command("simulate --count 20"))
    } else {
        let (audit, down) = (command("audit"), command("down"));
        format!("Next: {audit} accounts for every order; {down} removes the lab.")
    }
}
