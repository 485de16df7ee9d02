//! `cost`: what a lab and a run cost on AWS, without asking AWS; and the sentences about it that
//! other commands end with.

use clap::Args;
use serde_json::json;

use super::up::legal;
use crate::artifact::Architecture;
use crate::context::Target;
use crate::costs::prices::{FREE_TIER, REGION, SEEN};
use crate::costs::{Bill, DAY, HOUR, Load, MONTH, Shape, dollars, run, standing};
use crate::error::CommandError;
use crate::provision::Settings;
use crate::provision::settings::Billing;
use crate::ui::{Report, Table};

/// Flags of `cost`.
#[derive(Debug, Args)]
pub struct CostArgs {
    /// How many orders the run sends
    #[arg(long, short, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=10_000_000))]
    count: u64,
    /// How many orders the trigger hands over at once: 1 to 10000 (usually 10)
    #[arg(long, value_name = "N", value_parser = legal("batch-size"))]
    batch_size: Option<String>,
    /// Each function's memory: 128 to 10240 (usually 256)
    #[arg(long, value_name = "MB", value_parser = legal("memory"))]
    memory: Option<String>,
    /// The functions' architecture; this machine's where none is named
    #[arg(long, value_parser = ["x86_64", "arm64"])]
    arch: Option<String>,
    /// How the table is billed: on-demand, provisioned, or provisioned:R,W
    #[arg(long, value_name = "HOW", value_parser = legal("billing"))]
    billing: Option<String>,
}

impl From<&Settings> for Shape {
    fn from(settings: &Settings) -> Self {
        Self {
            memory_mb: settings.memory,
            // Where none is set, the handlers at hand are this machine's.
            arm: settings.arch.or(Architecture::HERE) == Some(Architecture::Arm64),
            batch_size: settings.batch_size,
            provisioned: match settings.billing {
                Billing::OnDemand => None,
                Billing::Provisioned { read, write } => Some((read, write)),
            },
        }
    }
}

pub(super) fn cost(args: &CostArgs) -> Result<Report, CommandError> {
    let mut settings = Settings::default();
    let given = [
        ("batch-size", &args.batch_size),
        ("memory", &args.memory),
        ("arch", &args.arch),
        ("billing", &args.billing),
    ];
    for (name, value) in given {
        if let Some(value) = value {
            let set = settings.set(name, value);
            set.map_err(|problem| CommandError::usage(format!("--{name}: {problem}")))?;
        }
    }
    let shape = Shape::from(&settings);
    let bill = run(&shape, &Load::good(args.count));
    let [hour, day, month] = [HOUR, DAY, MONTH].map(|hours| standing(&shape, hours));
    Ok(Report::good()
        .with("prices", prices())
        .with("settings", settings.text())
        .with("orders", args.count)
        .with("run", &bill)
        .with(
            "standing",
            json!({ "hour": &hour, "day": &day, "month": &month }),
        )
        .with("free_tier", FREE_TIER)
        .table(run_table(args.count, &bill))
        .table(standing_table([&hour, &day, &month]))
        .text(format!(
            "A run of {} good orders costs about {}; the lab costs about {} a month (730 hours) \
             until `orders-lab down` removes it, even if nobody sends an order.",
            grouped(args.count as f64),
            dollars(bill.usd),
            dollars(month.usd)
        ))
        .text(format!(
            "List prices of {REGION} in US dollars, seen {SEEN}. Assumed: 0.1 s of the processor \
             for each batch, 1 s of the simulator for each 1,000 orders, 1 KB of logs for each \
             invocation, full batches. A bad order is received again each time it fails, and \
             what this program asks while it follows a run counts too: neither is in these tables."
        ))
        .text(FREE_TIER))
}

/// Adds what a lab on AWS costs standing still.
pub(super) fn standing_on_aws(report: Report, target: &Target, settings: &Settings) -> Report {
    if target.is_local() {
        return report;
    }
    let month = standing(&Shape::from(settings), MONTH);
    let sentence = format!(
        "Standing still, this lab costs about {} a month at list prices ({REGION}, seen {SEEN}): \
         its idle trigger goes on polling. `orders-lab cost` tells more.",
        dollars(month.usd)
    );
    report
        .with(
            "standing_cost",
            json!({ "month": month, "prices": prices() }),
        )
        .text(sentence)
}

/// Adds what a run on AWS has cost.
pub(super) fn of_run(report: Report, settings: &Settings, load: &Load) -> Report {
    let bill = run(&Shape::from(settings), load);
    let sentence = format!(
        "This run cost about {} at list prices ({REGION}, seen {SEEN}), free tier not taken off.",
        dollars(bill.usd)
    );
    let mut report = report.with("cost", json!({ "run": bill, "prices": prices() }));
    // What to do next stands last.
    let at = report.text.iter().position(|block| block.is_next_step());
    let at = at.unwrap_or(report.text.len());
    report.text.insert(at, crate::ui::Block::Text(sentence));
    report
}

fn prices() -> serde_json::Value {
    json!({ "region": REGION, "seen": SEEN, "currency": "USD" })
}

fn run_table(orders: u64, bill: &Bill) -> Table {
    let mut table =
        Table::new(["A run", "Quantity", "Unit", "USD per million", "USD"]).numeric([1, 3, 4]);
    for line in &bill.lines {
        table.row([
            line.what.to_owned(),
            grouped(line.quantity),
            line.unit.to_owned(),
            grouped(line.price * 1e6),
            dollars(line.usd),
        ]);
    }
    let orders = format!("all of {} orders", grouped(orders as f64));
    table.row([
        orders,
        String::new(),
        String::new(),
        String::new(),
        dollars(bill.usd),
    ]);
    table
}

fn standing_table(bills: [&Bill; 3]) -> Table {
    let mut table =
        Table::new(["Standing still", "An hour", "A day", "A month"]).numeric([1, 2, 3]);
    let [hour, day, month] = bills;
    let lines = hour.lines.iter().zip(&day.lines).zip(&month.lines);
    for ((hour, day), month) in lines {
        let amounts = [hour, day, month].map(|line| dollars(line.usd));
        table.row(std::iter::once(hour.what.to_owned()).chain(amounts));
    }
    let sums = bills.map(|bill| dollars(bill.usd));
    table.row(std::iter::once("all of it".to_owned()).chain(sums));
    table
}

/// A number as people write it: `10,000`, and two figures behind the point where it has any.
fn grouped(number: f64) -> String {
    let text = format!("{number:.4}");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let mut grouped = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let part = part.trim_end_matches('0');
    if part.is_empty() {
        grouped
    } else {
        format!("{grouped}.{part}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_do() {
        for (number, text) in [
            (0.0, "0"),
            (20.0, "20"),
            (657_000.0, "657,000"),
            (1_234_567.5, "1,234,567.5"),
            (0.625, "0.625"),
        ] {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn the_cost_of_a_lab_follows_its_settings() {
        let settings = Settings::parse("memory=512 arch=arm64 billing=provisioned:5/7");
        let shape = Shape::from(&settings.expect("settings"));
        let expected = Shape {
            memory_mb: 512,
            arm: true,
            batch_size: 10,
            provisioned: Some((5, 7)),
        };
        assert_eq!(shape, expected);
    }
}
