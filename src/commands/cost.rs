//! `cost`: what a run and an idle lab cost on AWS: list prices times what the lab uses. Makes no
//! call.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::costs::prices::{AS_OF, REGION};
use crate::costs::{self, Costs, HOURS_PER_MONTH, Line, Run, money};
use crate::error::CommandError;
use crate::globals::{Globals, parse_number};
use crate::provision::LabSettings;
use crate::provision::lab_costs::shape;
use crate::provision::setting_args::SettingArgs;
use crate::ui::{Report, Table, counted, number};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab cost                        a run of 20 orders, and an idle day
  orders-lab cost --count 1000000 --days 7
  orders-lab cost --memory 512 --arch arm64
  orders-lab cost --billing provisioned:5,5";

/// Flags of `cost`.
#[derive(Debug, Args)]
pub struct CostArgs {
    /// How many orders the run sends, one in ten of them bad
    #[arg(long, short, value_name = "N", default_value_t = 20, value_parser = parse_number::<u64>(1..=10_000_000_000))]
    count: u64,
    /// How long the lab stands idle, in days of 24 hours
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = parse_number::<u32>(0..=3660))]
    days: u32,
    #[command(flatten)]
    settings: SettingArgs,
}

/// What a run and an idle lab cost on AWS, estimated from list prices.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CostReport {
    /// How many orders the run sends.
    orders: u64,
    /// How many of these orders are bad.
    bad: u64,
    /// Which prices these are.
    prices: Prices,
    /// What the run uses.
    run: Vec<Line>,
    /// What the run costs, in dollars.
    run_dollars: f64,
    /// What an idle lab uses in an hour.
    standing_hour: Vec<Line>,
    /// What an idle lab costs in an hour, in dollars.
    standing_dollars_per_hour: f64,
    /// What an idle lab costs in 24 hours, in dollars.
    standing_dollars_per_day: f64,
    /// What an idle lab costs in 730 hours, in dollars.
    standing_dollars_per_month: f64,
    /// For how many days of 24 hours the lab is idle.
    days: u32,
    /// What the run and these days cost together, in dollars.
    dollars: f64,
}

/// Whose list prices these are.
#[derive(Debug, Serialize, JsonSchema)]
struct Prices {
    /// The region.
    region: &'static str,
    /// Of when they are.
    as_of: &'static str,
    /// The currency.
    currency: &'static str,
}

pub(super) fn cost(args: &CostArgs, globals: &Globals) -> Result<Report<CostReport>, CommandError> {
    let settings = args.settings.apply(LabSettings::default())?;
    let shape = shape(&settings);
    let expected = Run::expected(&shape, args.count);
    let run = costs::run(&shape, &expected);
    let hour = costs::idle_hour(&shape);
    let standing = hour.dollars() * 24.0 * f64::from(args.days);
    let report = CostReport {
        orders: expected.orders,
        bad: expected.bad,
        prices: Prices {
            region: REGION,
            as_of: AS_OF,
            currency: "USD",
        },
        run: run.lines.clone(),
        run_dollars: run.dollars(),
        standing_hour: hour.lines.clone(),
        standing_dollars_per_hour: hour.dollars(),
        standing_dollars_per_day: hour.dollars() * 24.0,
        standing_dollars_per_month: hour.dollars() * HOURS_PER_MONTH,
        days: args.days,
        dollars: run.dollars() + standing,
    };
    let elsewhere = globals.region.as_ref().filter(|region| *region != REGION).map(|region| format!(
        "These are the prices of {REGION}; this program does not know those of {region}. Most regions cost the same or a few percent more."
    ));
    Ok(Report::new(report)
        .table(table("A run", &run))
        .text(format!(
            "{}, {} of them bad: about {}.",
            counted(expected.orders, "order"),
            number(expected.bad),
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
        ))
        .texts(elsewhere))
}

fn table(title: &'static str, costs: &Costs) -> Table {
    let mut table = Table::new([title, "Used", "", "Price", "Cost"]).numeric([1, 3, 4]);
    for line in &costs.lines {
        table.row([
            line.what.to_owned(),
            amount(line),
            line.price.unit.to_owned(),
            line.price.listed.to_owned(),
            money(line.dollars),
        ]);
    }
    table
}

/// What is free each month of everything that is used, each service once.
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

/// An amount for people: rounded where it is large, with two significant digits where not.
fn amount(line: &Line) -> String {
    if line.amount >= 100.0 || line.amount.fract() == 0.0 {
        return number(format!("{:.0}", line.amount));
    }
    money(line.amount).trim_start_matches('$').to_owned()
}
