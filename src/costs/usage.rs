//! How much of what AWS bills for the lab uses.
//!
//! What depends on AWS's machines, such as how long an invocation takes and how full batches are,
//! is assumed here by constants with their reasons.

use std::time::Duration;

use order::wire::ORDERS_PER_REQUEST;

use super::prices::Meter;

/// The hours of a month in AWS's own calculator.
pub(crate) const HOURS_PER_MONTH: f64 = 730.0;

/// How many messages a request to SQS contains at most.
const MESSAGES_PER_REQUEST: u64 = 10;
/// The duration of the processor's invocation with a batch of ten: it makes one request.
const PROCESSOR_MS: f64 = 100.0;
/// The simulator's time for ten orders: one request, of eight at a time.
const SIMULATOR_MS: f64 = 10.0;
/// What Lambda and the function log per invocation: the lines START, END and REPORT and one line
/// of the function, each with the 26 bytes that AWS adds.
const LOG_BYTES_PER_INVOCATION: u64 = 700;
/// The log line about a refused order.
const LOG_BYTES_PER_REFUSAL: u64 = 300;
/// The size of a stored order.
const ITEM_BYTES: u64 = 256;
/// What one read unit covers.
const READ_BYTES: u64 = 4096;
/// The pause between two requests for the queues' counts on AWS while orders are followed: each is
/// billed, and the counts are older than this in any case.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// How many requests one poll makes: one for each queue.
const REQUESTS_PER_POLL: f64 = 2.0;
/// How many orders AWS processes in a second with the trigger's first five pollers.
const ORDERS_PER_SECOND: u64 = 300;
/// An idle trigger's five pollers each wait 20 s for messages, and then ask again. Source:
/// docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html.
const POLLS_PER_HOUR: f64 = 5.0 * 3.0 * 60.0;

/// The settings of a lab that matter for its costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    /// Each function's memory, in MB.
    pub memory_mb: u32,
    /// Whether the functions run on arm64.
    pub arm: bool,
    /// The largest batch that the trigger hands over.
    pub batch_size: u32,
    /// How often a bad order is received before it is dead-lettered.
    pub max_receives: u32,
    /// For how many seconds it stays hidden each time.
    pub visibility_timeout: u32,
    /// The table's read and write capacity, in this order, where it is provisioned.
    pub provisioned: Option<(u32, u32)>,
}

impl Default for Shape {
    /// The lab that `up` builds without any flags.
    fn default() -> Self {
        Self {
            memory_mb: 256,
            arm: false,
            batch_size: 10,
            max_receives: 3,
            visibility_timeout: 30,
            provisioned: None,
        }
    }
}

/// A run of orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Run {
    /// How many orders are sent.
    pub orders: u64,
    /// How many of them are bad.
    pub bad: u64,
    /// For how long the tool follows them.
    pub followed: Duration,
}

impl Run {
    /// A run with the default share of bad orders, one in ten, that is followed to its end.
    pub(crate) fn expected(shape: &Shape, orders: u64) -> Self {
        let bad = orders / 10;
        let retry_seconds = if bad > 0 {
            u64::from(shape.max_receives) * u64::from(shape.visibility_timeout)
        } else {
            0
        };
        let seconds = (orders / ORDERS_PER_SECOND).saturating_add(retry_seconds);
        Self {
            orders,
            bad,
            followed: Duration::from_secs(seconds),
        }
    }
}

type Usage = Vec<(&'static str, Meter, f64)>;

/// The usage of a run.
pub(super) fn run(shape: &Shape, run: &Run) -> Usage {
    let batch_size = u64::from(shape.batch_size.max(1));
    let sends = run.orders.div_ceil(MESSAGES_PER_REQUEST);
    let receives_of_bad = u64::from(shape.max_receives.max(1));
    let again = run.bad.saturating_mul(receives_of_bad - 1);
    let deliveries = run.orders.saturating_add(again);
    // The trigger receives, and deletes, a batch in requests of ten messages at the most.
    let polls = deliveries.div_ceil(batch_size.min(MESSAGES_PER_REQUEST));
    let batches = deliveries.div_ceil(batch_size);
    let ranges = run.orders.div_ceil(ORDERS_PER_REQUEST);
    let gigabytes = f64::from(shape.memory_mb) / 1024.0;
    let tens_per_batch = (batch_size as f64 / MESSAGES_PER_REQUEST as f64).max(1.0);
    let busy_ms = batches as f64 * PROCESSOR_MS * tens_per_batch + sends as f64 * SIMULATOR_MS;
    let refusals = run.bad.saturating_mul(receives_of_bad);
    let logged = (batches + ranges).saturating_mul(LOG_BYTES_PER_INVOCATION) as f64
        + refusals.saturating_mul(LOG_BYTES_PER_REFUSAL) as f64;
    let stored = run.orders.saturating_sub(run.bad);
    let seconds = if shape.arm {
        Meter::LambdaArmSeconds
    } else {
        Meter::LambdaX86Seconds
    };
    let mut usage = vec![
        ("SQS: send", Meter::SqsRequests, sends as f64),
        ("SQS: trigger", Meter::SqsRequests, 2.0 * polls as f64),
        (
            "SQS: follow the run",
            Meter::SqsRequests,
            (REQUESTS_PER_POLL * run.followed.div_duration_f64(POLL_INTERVAL)).ceil(),
        ),
        (
            "Lambda: invocations",
            Meter::LambdaRequests,
            (batches + ranges) as f64,
        ),
        ("Lambda: duration", seconds, busy_ms / 1000.0 * gigabytes),
    ];
    // A provisioned table is billed by the hour, whatever is written to it.
    if shape.provisioned.is_none() {
        let read = stored.saturating_mul(ITEM_BYTES).div_ceil(READ_BYTES);
        usage.push(("DynamoDB: store", Meter::WriteUnits, stored as f64));
        usage.push(("DynamoDB: audit", Meter::ReadUnits, read as f64));
    }
    usage.push(("Logs", Meter::LogsIngested, logged / 1e6));
    usage
}

/// The usage of one hour in which nothing is sent.
pub(super) fn idle_hour(shape: &Shape) -> Usage {
    let (reads, writes) = shape.provisioned.unwrap_or_default();
    vec![
        ("SQS: the trigger polls", Meter::SqsRequests, POLLS_PER_HOUR),
        (
            "DynamoDB: write capacity",
            Meter::WriteCapacityHours,
            f64::from(writes),
        ),
        (
            "DynamoDB: read capacity",
            Meter::ReadCapacityHours,
            f64::from(reads),
        ),
    ]
}
