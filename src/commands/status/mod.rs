//! `status`: what the lab holds, where it differs from what it should be, and what to do next.

mod pipeline;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use self::pipeline::{Pipeline, Station};
use crate::aws::{AwsFailure, Class};
use crate::context::{CommandEnv, Context};
use crate::error::CommandError;
use crate::host::ChaosProfile;
use crate::lab::{LabReader, OrderCount, QueueDepth};
use crate::naming::Names;
use crate::provision::builds::packages_at_hand;
use crate::provision::changes::{self, ResourceChange};
use crate::provision::lab_costs::{LabCosts, expected_costs};
use crate::provision::stack::stack;
use crate::provision::{Inspected, LabSettings, Observed, inspect_all, lab_settings};
use crate::ui::{Cell, Report, Tone, counted, number};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab status
  orders-lab status --lab ann --json     as one JSON document, for scripts";

/// Flags of `status`.
#[derive(Debug, Default, Args)]
pub struct StatusArgs {
    /// Print each call as the AWS CLI command that does the same, on stderr
    #[arg(long)]
    pub(super) show_commands: bool,
}

/// What the lab holds.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub(crate) struct StatusReport {
    /// Whether every resource of the lab exists and can be used.
    up: bool,
    /// Whether the lab exists and any of its settings is not as it should be.
    drifted: bool,
    /// The queues that exist.
    queues: Vec<QueueStatus>,
    /// The table; `null` where the lab does not exist.
    table: Option<TableStatus>,
    /// The functions.
    functions: Vec<ResourceStatus>,
    /// The event source mapping from queue to processor; `null` where the lab does not exist.
    trigger: Option<ResourceStatus>,
    /// All resources, with their differences; empty where the lab does not exist.
    resources: Vec<ResourceChange>,
    /// The lab's settings; `null` where the lab does not exist.
    settings: Option<LabSettings>,
    /// Why the functions' code was not compared with a build; `null` where it was.
    code_not_compared: Option<String>,
    /// The local cloud's chaos profile; `null` on AWS.
    chaos: Option<ChaosProfile>,
    #[serde(flatten)]
    costs: Option<LabCosts>,
}

/// How many messages a queue holds, approximately.
#[derive(Debug, Serialize, JsonSchema)]
struct QueueStatus {
    /// The queue's name.
    name: String,
    /// Messages that can be received.
    visible: u64,
    /// Messages that were received, and are neither deleted nor visible again.
    in_flight: u64,
    /// Messages that were sent with a delay which has not passed.
    delayed: u64,
}

/// How many orders the table holds.
#[derive(Debug, Serialize, JsonSchema)]
struct TableStatus {
    /// The table's name.
    name: String,
    /// The orders in it; `null` where it does not exist.
    items: Option<u64>,
    /// Whether there may be more: on AWS only the first 10 MB of a table are counted.
    items_are_at_least: bool,
}

/// A function, or the trigger.
#[derive(Debug, Serialize, JsonSchema)]
struct ResourceStatus {
    /// Its name.
    name: String,
    /// `Active` or `Enabled` if it works; otherwise `missing`, `foreign`, or AWS's word for its state.
    state: String,
}

/// What the queues and the table hold; `None` for what does not exist.
#[derive(Default)]
struct Contents {
    orders: Option<QueueDepth>,
    dead: Option<QueueDepth>,
    items: Option<OrderCount>,
}

pub(super) async fn status(context: Context<'_>) -> Result<Report<StatusReport>, CommandError> {
    let settings = lab_settings(&context).await?;
    let packages = packages_at_hand(&settings, &context)?;
    let code_not_compared = packages.as_ref().err().map(ToString::to_string);
    let stack = stack(&context, &settings, packages.ok());
    let (found, contents, chaos) = tokio::join!(
        inspect_all(&stack, context.events(), context.cancel()),
        contents(&context),
        chaos(&context),
    );
    let contents = contents?;
    if let Some(problem) = found.iter().find_map(|found| found.observed.as_ref().err()) {
        return Err(problem.clone().into());
    }
    let absent = |found: &Inspected| matches!(found.observed, Ok(Observed::Absent));
    if found.iter().all(absent) {
        return Ok(no_lab(context.env, chaos));
    }
    let on_aws = !context.target.is_local();
    let (costs, costs_text) = on_aws.then(|| expected_costs(&settings)).unzip();
    let lines = changes::lines(&found, false);
    let unusual = chaos.as_ref().filter(|profile| !profile.is_off());
    let texts = [
        (!lines.is_empty()).then(|| format!("Not as it should be:\n{}", lines.join("\n"))),
        code_not_compared
            .as_ref()
            .map(|why| format!("The functions' code was not compared: {why}.")),
        unusual.map(chaos_text),
        costs_text,
    ];
    let table = pipeline(&context.names, &found, &contents, &settings).table();
    let report = StatusReport {
        up: found.iter().all(|found| trouble(found).is_none()),
        drifted: !lines.is_empty(),
        settings: Some(settings),
        code_not_compared,
        chaos,
        costs,
        ..inventory(&context, &found, &contents)
    };
    let next = next(&context, &report, &contents);
    Ok(Report::new(report)
        .table(table)
        .texts(texts.into_iter().flatten())
        .text(next))
}

/// Why a resource cannot be used: `missing`, `foreign`, or AWS's word for its state; `None` if it can.
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

/// The state of a function or the trigger.
fn state(found: &Inspected) -> String {
    let well = if found.kind == "trigger" {
        "Enabled"
    } else {
        "Active"
    };
    trouble(found).unwrap_or_else(|| well.to_owned())
}

async fn contents(context: &Context<'_>) -> Result<Contents, AwsFailure> {
    let Some(reader) = LabReader::find(context).await? else {
        return Ok(Contents::default());
    };
    let (orders, dead, items) = tokio::join!(
        reader.orders_depth(),
        reader.dead_letter_depth(),
        reader.count_orders()
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

/// The report of what exists, without what depends on the settings.
fn inventory(context: &Context<'_>, found: &[Inspected], contents: &Contents) -> StatusReport {
    let names = &context.names;
    let depths = [
        (names.orders_queue(), contents.orders),
        (names.dead_letter_queue(), contents.dead),
    ];
    let queues = depths.into_iter().filter_map(|(name, depth)| {
        let depth = depth?;
        Some(QueueStatus {
            name,
            visible: depth.visible,
            in_flight: depth.in_flight,
            delayed: depth.delayed,
        })
    });
    let of = |kind: &'static str| found.iter().filter(move |found| found.kind == kind);
    let resource = |found: &Inspected| ResourceStatus {
        name: found.name.clone(),
        state: state(found),
    };
    let changes = found.iter().map(|found| ResourceChange::of(found, false));
    StatusReport {
        queues: queues.collect(),
        table: Some(TableStatus {
            name: names.table(),
            items: contents.items.map(|count| count.orders),
            items_are_at_least: contents.items.is_some_and(|count| !count.is_exact),
        }),
        functions: of("function").map(resource).collect(),
        trigger: of("trigger").map(resource).next(),
        resources: changes.collect(),
        ..StatusReport::default()
    }
}

/// What the lab holds, in the order in which an order passes it.
fn pipeline(
    names: &Names,
    found: &[Inspected],
    contents: &Contents,
    settings: &LabSettings,
) -> Pipeline {
    let active = || Some(vec![working("active")]);
    let [mut simulator, queue, mut processor, table, dead_letters] = [
        ("simulator", names.simulator(), active()),
        ("queue", names.orders_queue(), contents.orders.map(waiting)),
        ("processor", names.processor(), active()),
        (
            "table",
            names.table(),
            contents.items.map(|items| vec![stored(items)]),
        ),
        (
            "dead-letter queue",
            names.dead_letter_queue(),
            contents
                .dead
                .map(|depth| vec![dead_lettered(depth.total())]),
        ),
    ]
    .map(|(role, name, held)| {
        let found = found.iter().find(|found| found.name == name);
        let trouble = found
            .and_then(trouble)
            .map(|state| vec![Cell::new(state, Tone::Bad)]);
        Station {
            role,
            name,
            states: trouble
                .or(held)
                .unwrap_or_else(|| vec![Cell::new("exists", Tone::Dim)]),
        }
    });
    for found in found {
        let trouble = trouble(found);
        match (found.kind, trouble) {
            ("trigger", None) => processor.states.push(working("trigger enabled")),
            ("trigger", Some(state)) => processor.states.push(broken("trigger", &state)),
            ("role" | "log_group", Some(state)) => {
                let of_simulator = found.name.ends_with("order-simulator");
                let station = if of_simulator {
                    &mut simulator
                } else {
                    &mut processor
                };
                station
                    .states
                    .push(broken(&found.kind.replace('_', " "), &state));
            }
            _ => {}
        }
    }
    Pipeline {
        stations: vec![simulator, queue, processor, table],
        dead_letters,
        after: format!("after {}", counted(settings.max_receives, "failure")),
    }
}

fn working(state: &str) -> Cell {
    Cell::new(state, Tone::Good)
}

fn broken(what: &str, state: &str) -> Cell {
    Cell::new(format!("{what} {}", state.to_lowercase()), Tone::Bad)
}

/// The orders in the queue, in the words of an audit.
fn waiting(depth: QueueDepth) -> Vec<Cell> {
    let counts = [
        (depth.visible + depth.delayed, "waiting"),
        (depth.in_flight, "in flight"),
    ];
    let present = counts.into_iter().filter(|(count, _)| *count > 0);
    let states: Vec<Cell> = present
        .map(|(count, state)| Cell::new(format!("{} {state}", number(count)), Tone::Warning))
        .collect();
    if states.is_empty() {
        return vec![Cell::new("empty", Tone::Dim)];
    }
    states
}

fn stored(count: OrderCount) -> Cell {
    let tone = if count.orders == 0 {
        Tone::Dim
    } else {
        Tone::Good
    };
    let at_least = if count.is_exact { "" } else { "at least " };
    Cell::new(format!("{at_least}{} stored", number(count.orders)), tone)
}

fn dead_lettered(count: u64) -> Cell {
    if count == 0 {
        return Cell::new("empty", Tone::Dim);
    }
    Cell::new(format!("{} dead-lettered", number(count)), Tone::Bad)
}

/// The local cloud's chaos profile; `None` on AWS.
async fn chaos(context: &Context<'_>) -> Option<ChaosProfile> {
    let status = context.local.as_ref()?.control().status().await.ok()?;
    Some(status.chaos)
}

fn chaos_text(profile: &ChaosProfile) -> String {
    format!("The local cloud's chaos profile is {}.", profile.summary())
}

/// The report where the lab does not exist.
pub(super) fn no_lab(env: &CommandEnv, chaos: Option<ChaosProfile>) -> Report<StatusReport> {
    let report = StatusReport {
        chaos,
        ..StatusReport::default()
    };
    Report::new(report).text(format!(
        "The lab {} does not exist. {} builds it.",
        env.globals.lab,
        env.globals.command(&env.globals.lab, "up"),
    ))
}

/// What to do next.
fn next(context: &Context<'_>, report: &StatusReport, contents: &Contents) -> String {
    let total = |depth: Option<QueueDepth>| depth.map_or(0, QueueDepth::total);
    let command = |words| context.command(words);
    if !report.up {
        let up = command("up");
        format!("Next: parts of the lab are missing or not ready; {up} completes it.")
    } else if report.drifted {
        let (up, plan) = (command("up"), command("up --plan"));
        format!("Next: {up} makes the lab what it should be again; {plan} shows how.")
    } else if total(contents.orders) > 0 {
        let audit = command("audit");
        format!("Next: orders are being processed; {audit} shows where each is.")
    } else if total(contents.dead) > 0 {
        format!("Next: {} shows the dead letters.", command("dlq"))
    } else if contents.items.is_some_and(|count| count.orders == 0) {
        format!("Next: {} sends orders.", command("simulate --count 20"))
    } else {
        let (audit, down) = (command("audit"), command("down"));
        format!("Next: {audit} accounts for every order; {down} removes the lab.")
    }
}
