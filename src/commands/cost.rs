//! `cost`: what a run and the standing lab cost on AWS. Asks nobody: list prices times what the
//! lab is known to use.

use clap::Args;

use crate::costs::prices::{AS_OF, REGION};
use crate::costs::{self, Costs, HOURS_A_MONTH, Line, Run, Shape, money};
use crate::ui::{Report, Table};

/// Flags of `cost`.
#[derive(Debug, Args)]
pub struct CostArgs {
    /// How many orders the run sends, one in ten of them bad
    #[arg(long, short, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=10_000_000_000))]
    count: u64,
    /// How long the lab stands, in days of 24 hours
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(0..=3660))]
    days: u32,
    /// Where the lab is; only the prices of us-east-1 are known
    #[arg(long, value_name = "REGION", default_value = REGION)]
    region: String,
    /// The largest batch that the trigger hands over: 1 to 10000
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    batch_size: u32,
    /// Each function's memory, in MB: 128 to 10240
    #[arg(long, value_name = "MB", default_value_t = 256, value_parser = clap::value_parser!(u32).range(128..=10_240))]
    memory: u32,
    /// The functions' architecture
    #[arg(long, value_name = "ARCH", default_value = "x86_64", value_parser = ["x86_64", "arm64"])]
    arch: String,
    /// How the table is paid for: on-demand, or provisioned:R,W
    #[arg(long, value_name = "HOW", default_value = "on-demand", value_parser = billing)]
    billing: Billing,
}

/// The table's read and write capacity, where it is provisioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Billing(Option<(u32, u32)>);

fn billing(text: &str) -> Result<Billing, String> {
    let capacity = match text {
        "on-demand" => return Ok(Billing(None)),
        "provisioned" => Some((5, 5)),
        _ => text.strip_prefix("provisioned:").and_then(|capacity| {
            let (read, write) = capacity.split_once(',')?;
            Some((read.parse().ok()?, write.parse().ok()?))
        }),
    };
    let possible =
        |(read, write): &(u32, u32)| (1..=40_000).contains(read) && (1..=40_000).contains(write);
    let capacity = capacity.filter(possible);
    capacity
        .map(|capacity| Billing(Some(capacity)))
        .ok_or_else(|| {
            "give on-demand, provisioned, or provisioned:R,W with reads and writes per second from 1 to 40000".to_owned()
        })
}

pub(super) fn cost(args: &CostArgs) -> Report {
    let shape = Shape {
        memory_mb: args.memory,
        arm: args.arch == "arm64",
        batch_size: args.batch_size,
        provisioned: args.billing.0,
    };
    let expected = Run::expected(args.count);
    let run = costs::run(&shape, &expected);
    let hour = costs::standing(&shape);
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
        .with("standing_dollars_per_month", hour.dollars() * HOURS_A_MONTH)
        .with("days", args.days)
        .with("dollars", run.dollars() + standing);
    report = report
        .table(table("A run", &run))
        .text(format!(
            "{} orders, {} of them bad, cost about {}.",
            expected.orders,
            expected.bad,
            money(run.dollars())
        ))
        .table(table("An hour of standing still", &hour))
        .text(format!(
            "Standing still costs {} an hour, {} a day, {} a month: the trigger polls its queue all the time.",
            money(hour.dollars()),
            money(hour.dollars() * 24.0),
            money(hour.dollars() * HOURS_A_MONTH)
        ))
        .text(format!(
            "The run and {} days of standing cost about {} together.",
            args.days,
            money(run.dollars() + standing)
        ))
        .text(format!(
            "List prices of {}, in US dollars and without tax. What is free in a month is not subtracted. Assumed are full batches, 100 ms for a batch of ten, and orders of a quarter of a KB.",
            costs::of_prices()
        ));
    if args.region == REGION {
        return report;
    }
    report.text(format!(
        "The prices of {} are not known here; those of {REGION} stand in for them. Most other regions cost the same or some percent more.",
        args.region
    ))
}

fn table(title: &'static str, costs: &Costs) -> Table {
    let mut table = Table::new([title, "Amount", "Unit", "Price", "Cost", "Free a month"])
        .numeric([1, 3, 4, 5]);
    for line in &costs.lines {
        table.row([
            line.what.to_owned(),
            amount(line),
            line.price.unit.to_owned(),
            line.price.listed.to_owned(),
            money(line.dollars),
            line.price.free.to_owned(),
        ]);
    }
    table
}

/// An amount for people: whole where it is large, and with two digits that count where not.
fn amount(line: &Line) -> String {
    if line.amount >= 100.0 || line.amount.fract() == 0.0 {
        return format!("{:.0}", line.amount);
    }
    money(line.amount).trim_start_matches('$').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn billing_is_on_demand_or_two_capacities() {
        assert_eq!(billing("on-demand"), Ok(Billing(None)));
        assert_eq!(billing("provisioned"), Ok(Billing(Some((5, 5)))));
        assert_eq!(billing("provisioned:10,2"), Ok(Billing(Some((10, 2)))));
        for wrong in [
            "",
            "provisioned:",
            "provisioned:0,1",
            "provisioned:1",
            "5,5",
        ] {
            assert!(billing(wrong).is_err(), "{wrong}");
        }
    }
}
