//! What the lab costs on AWS: a run, and standing still. Pure: usage times list prices.
//!
//! [`prices`] is the one table of prices; `usage` says how much of each the lab uses. Whoever
//! shows costs asks [`run`] or [`standing`] and never multiplies by itself.

pub mod prices;
mod usage;

use prices::{AS_OF, Meter, Price, REGION};
use schemars::JsonSchema;
use serde::Serialize;
pub use usage::{HOURS_A_MONTH, LOOK_EVERY, Run, Shape};

/// How much of something is used, and what that costs.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
#[schemars(rename = "CostLine")]
pub struct Line {
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

/// What something costs, line by line.
#[derive(Debug, Clone, PartialEq)]
pub struct Costs {
    /// The lines that cost anything.
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

    /// All lines together, in dollars.
    pub fn dollars(&self) -> f64 {
        self.lines.iter().map(|line| line.dollars).sum()
    }
}

/// What a run costs.
pub fn run(shape: &Shape, run: &Run) -> Costs {
    Costs::of(usage::run(shape, run))
}

/// What an hour of the lab costs in which nothing is sent.
pub fn standing(shape: &Shape) -> Costs {
    Costs::of(usage::standing_hour(shape))
}

/// What the lab costs while nothing is sent, as a sentence.
pub fn standing_in_words(costs: &Costs) -> String {
    let hour = costs.dollars();
    format!(
        "An idle lab costs about {} an hour, {} a month: its trigger polls the queue all the time.",
        money(hour),
        money(hour * HOURS_A_MONTH),
    )
}

/// Whose prices these are, and of when.
pub fn of_prices() -> String {
    format!("{REGION}, {AS_OF}")
}

/// Dollars for people: two digits that count where it is less than a dollar.
pub fn money(dollars: f64) -> String {
    if dollars <= 0.0 {
        return "$0".to_owned();
    }
    if dollars >= 1.0 {
        return format!("${dollars:.2}");
    }
    let leading_zeros = -dollars.log10().floor();
    // A double has far fewer than 255 decimal places before its first digit that matters here.
    let places = (leading_zeros as usize + 1).max(2);
    format!("${dollars:.places$}")
}

#[cfg(test)]
mod tests;
