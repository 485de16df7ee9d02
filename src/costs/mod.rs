//! What the lab costs on AWS: a run, and an idle hour. Pure: usage times list prices.
//!
//! [`prices`] is the only table of prices, and `usage` says how much of each the lab uses. Commands
//! call [`run`] or [`idle_hour`] and do not multiply themselves.

pub(crate) mod prices;
mod usage;

use prices::{AS_OF, Meter, Price, REGION};
use schemars::JsonSchema;
use serde::Serialize;
pub(crate) use usage::{HOURS_PER_MONTH, POLL_INTERVAL, Run, Shape};

/// An amount of something that is used, and its cost.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "CostLine")]
pub(crate) struct Line {
    /// What it is used for, for example `SQS: the trigger polls`.
    pub what: &'static str,
    /// How many units are used.
    pub amount: f64,
    /// The price of the unit.
    #[serde(flatten)]
    pub price: &'static Price,
    /// The amount times the price, in dollars.
    pub dollars: f64,
}

/// Costs, line by line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Costs {
    /// The lines whose cost is not zero.
    pub lines: Vec<Line>,
}

impl Costs {
    fn of(usage: impl IntoIterator<Item = (&'static str, Meter, f64)>) -> Self {
        let used = usage.into_iter().filter(|(_, _, amount)| *amount > 0.0);
        let lines = used.map(|(what, meter, amount)| {
            let price = meter.price();
            Line {
                what,
                amount,
                price,
                dollars: amount * price.dollars,
            }
        });
        Self {
            lines: lines.collect(),
        }
    }

    /// The sum of all lines, in dollars.
    pub(crate) fn dollars(&self) -> f64 {
        self.lines.iter().map(|line| line.dollars).sum()
    }
}

/// The costs of a run.
pub(crate) fn run(shape: &Shape, run: &Run) -> Costs {
    Costs::of(usage::run(shape, run))
}

/// The costs of one hour in which nothing is sent.
pub(crate) fn idle_hour(shape: &Shape) -> Costs {
    Costs::of(usage::idle_hour(shape))
}

/// A sentence about the costs of a lab to which nothing is sent. `costs` are those of one hour.
pub(crate) fn idle_sentence(costs: &Costs) -> String {
    let hour = costs.dollars();
    format!(
        "An idle lab costs about {} an hour, {} a month: its trigger polls the queue all the time.",
        money(hour),
        money(hour * HOURS_PER_MONTH),
    )
}

/// The region and time of the prices.
pub(crate) fn of_prices() -> String {
    format!("{REGION}, {AS_OF}")
}

/// Dollars for people, with two significant digits below one dollar.
pub(crate) fn money(dollars: f64) -> String {
    if dollars <= 0.0 {
        return "$0".to_owned();
    }
    if dollars >= 1.0 {
        return format!("${dollars:.2}");
    }
    let leading_zeros = -dollars.log10().floor();
    let places = (leading_zeros as usize + 1).max(2);
    format!("${dollars:.places$}")
}

#[cfg(test)]
mod tests;
