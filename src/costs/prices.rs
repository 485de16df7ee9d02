//! AWS's list prices, in one table, and what has to be assumed to count with them.
//!
//! They are read from secondary sources, each as of its date: SQS from cloudburn.io, Lambda from
//! cloudchipr.com, DynamoDB from airbyte.com, CloudWatch Logs from duckbillgroup.com. Nothing is
//! taken off for the free tier, because the rest of an account may use it up.

/// The region whose prices these are.
pub const REGION: &str = "us-east-1";

/// When the sources of the table were written, oldest to newest.
pub const SEEN: &str = "May 2025 to March 2026";

/// What AWS gives each account free of charge that matters to a lab.
pub const FREE_TIER: &str = "AWS's free tier is not taken off: each month, 1 million SQS requests, 1 million Lambda \
     requests with 400,000 GB-s, 5 GB of logs, and 25 units each of provisioned read and write \
     capacity.";

/// The list price of something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Price {
    /// What is counted, for example `requests`.
    pub unit: &'static str,
    /// US dollars for so many units as `per` says.
    pub usd: f64,
    /// How many units that pays for.
    pub per: u32,
    /// When the source was written: a year, or a year and month.
    pub seen: &'static str,
}

impl Price {
    const fn new(unit: &'static str, usd: f64, per: u32, seen: &'static str) -> Self {
        Self {
            unit,
            usd,
            per,
            seen,
        }
    }

    /// US dollars for this many units.
    pub fn of(&self, quantity: f64) -> f64 {
        quantity * self.usd / f64::from(self.per)
    }
}

const MILLION: u32 = 1_000_000;

/// A request to a standard queue, of up to 64 KB; a poll that finds nothing counts too.
pub const SQS_REQUEST: Price = Price::new("requests", 0.40, MILLION, "2026-03");
/// An invocation.
pub const LAMBDA_REQUEST: Price = Price::new("requests", 0.20, MILLION, "2025");
/// A second with a GB of memory, on x86_64.
pub const LAMBDA_X86: Price = Price::new("GB-s", 16.6667, MILLION, "2025");
/// A second with a GB of memory, on arm64.
pub const LAMBDA_ARM: Price = Price::new("GB-s", 13.3334, MILLION, "2025");
/// An on-demand write of up to 1 KB.
pub const TABLE_WRITE: Price = Price::new("WRU", 0.625, MILLION, "2025-07");
/// A provisioned unit of write capacity for an hour.
pub const WRITE_CAPACITY: Price = Price::new("WCU-h", 0.000_65, 1, "2025-07");
/// A provisioned unit of read capacity for an hour.
pub const READ_CAPACITY: Price = Price::new("RCU-h", 0.000_13, 1, "2025-07");
/// A MB of log text taken in.
pub const LOG_MB: Price = Price::new("MB", 500.0, MILLION, "2025-05");

/// Assumed: how long the processor works on a batch, in seconds.
pub const PROCESSOR_SECONDS: f64 = 0.1;
/// Assumed: how long the simulator works on its 1,000 orders, in seconds.
pub const SIMULATOR_SECONDS: f64 = 1.0;
/// Assumed: what Lambda and the function log about an invocation, in bytes.
pub const LOG_BYTES: f64 = 1000.0;

/// How many orders one invocation of the simulator sends.
pub const ORDERS_PER_INVOCATION: u64 = 1000;
/// The most messages that SQS takes or gives in one request.
pub const MESSAGES_PER_REQUEST: u64 = 10;
/// With how many pollers Lambda looks at a standard queue in which nothing is. Source: Lambda's
/// guide, with-sqs.
pub const POLLERS: u32 = 5;
/// How often each of them asks in an hour: long polls of 20 seconds.
pub const POLLS_PER_HOUR: u32 = 180;
