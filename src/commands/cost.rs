//! `cost`: what a run and the standing lab cost on AWS. Asks nobody: list prices times what the
//! lab is known to use.

use clap::Args;

use super::up::SettingArgs;
use crate::artifact::Architecture;
use crate::costs::prices::{AS_OF, REGION};
use crate::costs::{self, Costs, HOURS_PER_MONTH, Line, Run, Shape, money};
use crate::error::CommandError;
use crate::globals::Globals;
use crate::provision::Settings;
use crate::provision::settings::Billing;
use crate::ui::{Report, Table, counted};

/// Flags of `cost`.
#[derive(Debug, Args)]
pub struct CostArgs {
    /// How many orders the run sends, one in ten of them bad
    #[arg(long, short, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=10_000_000_000))]
    count: u64,
    /// How long the lab stands idle, in days of 24 hours
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=3660))]
    days: u32,
    #[command(flatten)]
    settings: SettingArgs,
}

/// What of a lab's settings matters for its costs.
pub(super) fn shape(settings: &Settings) -> Shape {
    Shape {
        memory_mb: settings.memory,
        arm: settings.arch.or(Architecture::HERE) == Some(Architecture::Arm64),
        batch_size: settings.batch_size,
        max_receives: settings.max_receives,
        visibility_timeout: settings.visibility_timeout,
        provisioned: match settings.billing {
            Billing::OnDemand => None,
            Billing::Provisioned { read, write } => Some((read, write)),
        },
    }
}

pub(super) fn cost(args: &CostArgs, globals: &Globals) -> Result<Report, CommandError> {
    let settings = args.settings.apply(Settings::default())?;
    let shape = shape(&settings);
    let expected = Run::expected(&shape, args.count);
    let run = costs::run(&shape, &expected);
    let hour = costs::idle_hour(&shape);
    let standing = hour.dollars() * 24.0 * f64::from(args.days);
    let mut report = Report::good()
        .with("orders", expected.orders)
        .with("bad", expected.bad)
        .with(
            "prices",
            serde_json::json!({ "region": REGION, "as_of": AS_OF, "currency": "USD" }),
        )
        .with("run", &run.lines)
        .with("run_dollars", run.dollars())
        .with("standing_hour", &hour.lines)
        .with("standing_dollars_per_hour", hour.dollars())
        .with("standing_dollars_per_day", hour.dollars() * 24.0)
        .with(
            "standing_dollars_per_month",
            hour.dollars() * HOURS_PER_MONTH,
        )
        .with("days", args.days)
        .with("dollars", run.dollars() + standing);
    report = report
        .table(table("A run", &run))
        .text(format!(
            "{}, {} of them bad: about {}.",
            counted(expected.orders, "order"),
            expected.bad,
            money(run.dollars())
        ))
        .table(table("An idle hour", &hour))
        .text(format!(
            "An idle lab costs {} an hour, {} a day, {} a month: its trigger polls the queue all the time.",
            money(hour.dollars()),
            money(hour.dollars() * 24.0),
            money(hour.dollars() * HOURS_PER_MONTH)
        ))
        .text(format!(
            "The run and {} together: about {}.",
            counted(args.days, "idle day"),
            money(run.dollars() + standing)
        ))
        .text(format!(
            "List prices of {}, in US dollars and without tax. Assumes full batches, 100 ms for a batch of ten, and orders of a quarter of a KB.",
            costs::of_prices()
        ))
        .text(format!(
            "Not deducted: the monthly free tier ({}).",
            free(&[&run, &hour])
        ));
    let elsewhere = globals.region.as_ref().filter(|region| *region != REGION);
    Ok(match elsewhere {
        None => report,
        Some(region) => report.text(format!(
            "These are the prices of {REGION}; this program does not know those of {region}. Most regions cost the same or a few percent more."
        )),
    })
}

/// How many orders the run has whose costs are told before there is one.
const USUAL_RUN: u64 = 1000;

/// Adds what the lab costs while nothing is sent, and what a run costs.
pub(super) fn with_expected_costs(report: Report, settings: &Settings) -> Report {
    let run = Run::expected(&shape(settings), USUAL_RUN);
    let words = |dollars| {
        format!(
            "A run of {} costs about {dollars}.",
            counted(run.orders, "order")
        )
    };
    with_costs(report, settings, &run, words)
}

/// Adds what a run cost, and what the lab costs while nothing is sent.
pub(super) fn with_run_costs(report: Report, settings: &Settings, run: &Run) -> Report {
    with_costs(report, settings, run, |dollars| {
        format!("This run cost about {dollars}.")
    })
}

fn with_costs(
    report: Report,
    settings: &Settings,
    run: &Run,
    words: impl Fn(String) -> String,
) -> Report {
    let shape = shape(settings);
    let (costs, hour) = (costs::run(&shape, run), costs::idle_hour(&shape));
    report
        .with("run_orders", run.orders)
        .with("run_dollars", costs.dollars())
        .with("standing_dollars_per_hour", hour.dollars())
        .text(format!(
            "{} {} List prices of {}.",
            words(money(costs.dollars())),
            costs::idle_sentence(&hour),
            costs::of_prices()
        ))
}

fn table(title: &'static str, costs: &Costs) -> Table {
    let mut table = Table::new([title, "Used", "Price", "Cost"]).numeric(1..=3);
    for line in &costs.lines {
        table.row([
            line.what.to_owned(),
            format!("{} {}", amount(line), line.price.unit),
            line.price.listed.to_owned(),
            money(line.dollars),
        ]);
    }
    table
}

/// What is free in a month of all that is used, each once.
fn free(costs: &[&Costs]) -> String {
    let mut free: Vec<String> = Vec::new();
    for line in costs.iter().flat_map(|costs| &costs.lines) {
        let service = line.what.split(':').next().unwrap_or_default();
        let words = format!("{service} {}", line.price.free);
        if line.price.free != "none" && !free.contains(&words) {
            free.push(words);
        }
    }
    free.join(", ")
}

/// An amount for people: whole where it is large, and with two digits that count where not.
fn amount(line: &Line) -> String {
    if line.amount >= 100.0 || line.amount.fract() == 0.0 {
        return format!("{:.0}", line.amount);
    }
    money(line.amount).trim_start_matches('$').to_owned()
}
