//! What a lab costs on AWS at list prices: standing still, and for a run of orders. Pure.
//!
//! The prices and what is assumed about durations and logs are in [`prices`]; this file knows
//! which requests a lab makes. What the tool itself asks is counted where the caller knows it.

pub mod prices;

use prices::{
    LAMBDA_ARM, LAMBDA_REQUEST, LAMBDA_X86, LOG_BYTES, LOG_MB, MESSAGES_PER_REQUEST,
    ORDERS_PER_INVOCATION, POLLERS, POLLS_PER_HOUR, PROCESSOR_SECONDS, Price, READ_CAPACITY,
    SIMULATOR_SECONDS, SQS_REQUEST, TABLE_WRITE, WRITE_CAPACITY,
};
use serde::Serialize;

/// An hour, in hours.
pub const HOUR: u32 = 1;
/// A day, in hours.
pub const DAY: u32 = 24;
/// A month, in hours, as AWS counts it.
pub const MONTH: u32 = 730;

/// What about a lab decides its cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    /// Each function's memory in MB.
    pub memory_mb: u32,
    /// Whether the functions run on arm64.
    pub arm: bool,
    /// How many orders the trigger hands over at once.
    pub batch_size: u32,
    /// The table's read and write capacity where it is provisioned.
    pub provisioned: Option<(u32, u32)>,
}

/// What a run asks of a lab.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// How many orders are sent.
    pub orders: u64,
    /// How many of them are bad, and never stored.
    pub bad: u64,
    /// How often each bad one is received before it is dead-lettered.
    pub receives: u32,
    /// How many requests the tool sent to the queues to follow the run.
    pub looks: u64,
}

impl Load {
    /// Good orders only, which nobody follows.
    pub fn good(orders: u64) -> Self {
        Self {
            orders,
            bad: 0,
            receives: 1,
            looks: 0,
        }
    }

    fn stored(&self) -> u64 {
        self.orders.saturating_sub(self.bad)
    }

    /// How often any order is received.
    fn deliveries(&self) -> u64 {
        let again = self.bad.saturating_mul(u64::from(self.receives));
        self.stored().saturating_add(again)
    }
}

/// One thing that is paid for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// What it is.
    pub what: &'static str,
    /// How many units of it.
    pub quantity: f64,
    /// The unit, for example `requests`.
    pub unit: &'static str,
    /// US dollars for one unit.
    pub price: f64,
    /// US dollars for all of them.
    pub usd: f64,
    /// When the price was seen: a year, or a year and month.
    pub seen: &'static str,
}

impl Line {
    fn new(what: &'static str, quantity: f64, price: &Price) -> Self {
        Self {
            what,
            quantity,
            unit: price.unit,
            price: price.of(1.0),
            usd: price.of(quantity),
            seen: price.seen,
        }
    }
}

/// What is paid for, line by line.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Bill {
    /// The lines, none of them empty.
    pub lines: Vec<Line>,
    /// Their sum in US dollars.
    pub usd: f64,
}

impl Bill {
    fn new(lines: impl IntoIterator<Item = Line>) -> Self {
        let lines: Vec<Line> = lines
            .into_iter()
            .filter(|line| line.quantity > 0.0)
            .collect();
        let usd = lines.iter().map(|line| line.usd).sum();
        Self { lines, usd }
    }
}

/// What the lab costs for this many hours in which nobody sends an order: the trigger asks the
/// empty queue again and again, and provisioned capacity stands ready.
pub fn standing(shape: &Shape, hours: u32) -> Bill {
    let hours = f64::from(hours);
    let polls = f64::from(POLLERS * POLLS_PER_HOUR);
    let (read, write) = shape.provisioned.unwrap_or_default();
    Bill::new([
        Line::new("the idle trigger's polls", polls * hours, &SQS_REQUEST),
        Line::new(
            "the table's read capacity",
            f64::from(read) * hours,
            &READ_CAPACITY,
        ),
        Line::new(
            "the table's write capacity",
            f64::from(write) * hours,
            &WRITE_CAPACITY,
        ),
    ])
}

/// What a run costs beyond what the lab costs standing still, where batches come to be full.
pub fn run(shape: &Shape, load: &Load) -> Bill {
    let batch = u64::from(shape.batch_size.max(1));
    let deliveries = load.deliveries();
    let sends = load.orders.div_ceil(MESSAGES_PER_REQUEST);
    let receives = deliveries.div_ceil(batch.min(MESSAGES_PER_REQUEST));
    // Each invocation's orders are deleted apart from the others', ten a request.
    let stored = load.stored();
    let deletes = stored.div_ceil(batch) * batch.min(stored).div_ceil(MESSAGES_PER_REQUEST);
    let simulators = load.orders.div_ceil(ORDERS_PER_INVOCATION);
    let processors = deliveries.div_ceil(batch);
    let memory_gb = f64::from(shape.memory_mb) / 1024.0;
    let seconds = simulators as f64 * SIMULATOR_SECONDS + processors as f64 * PROCESSOR_SECONDS;
    let compute = if shape.arm { LAMBDA_ARM } else { LAMBDA_X86 };
    let writes = if shape.provisioned.is_some() {
        0
    } else {
        load.stored()
    };
    let logged = (simulators + processors) as f64 * LOG_BYTES / 1e6;
    Bill::new([
        Line::new("sending the orders", sends as f64, &SQS_REQUEST),
        Line::new("receiving them", receives as f64, &SQS_REQUEST),
        Line::new("deleting them", deletes as f64, &SQS_REQUEST),
        Line::new("following the run", load.looks as f64, &SQS_REQUEST),
        Line::new("the simulator", simulators as f64, &LAMBDA_REQUEST),
        Line::new("the processor", processors as f64, &LAMBDA_REQUEST),
        Line::new("both at work", seconds * memory_gb, &compute),
        Line::new("writing to the table", writes as f64, &TABLE_WRITE),
        Line::new("logs", logged, &LOG_MB),
    ])
}

/// An amount for people: cents from a dollar on, two figures below.
pub fn dollars(usd: f64) -> String {
    let decimals = if usd > 0.0 && usd < 1.0 {
        // The noughts after the point, and two figures.
        (-usd.log10()).floor() as usize + 2
    } else {
        2
    };
    format!("${usd:.decimals$}")
}

#[cfg(test)]
mod tests;
