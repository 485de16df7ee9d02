//! AWS's list prices: the one table of them.
//!
//! They are those of one region. Prices of other regions differ by some percent (up to about
//! 60 % in São Paulo), so what is shown for them says whose prices it took.

use schemars::JsonSchema;
use serde::Serialize;

/// The region whose prices these are.
pub(crate) const REGION: &str = "us-east-1";
/// From when they are, the oldest to the newest: logs, tables, functions, queues.
pub(crate) const AS_OF: &str = "May 2025 to March 2026";

/// What AWS measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Meter {
    /// Requests to a standard queue, of up to 64 KB each; empty receives and the polls of a
    /// trigger count.
    SqsRequests,
    /// Invocations.
    LambdaRequests,
    /// Memory times duration on x86_64.
    LambdaX86Seconds,
    /// Memory times duration on arm64.
    LambdaArmSeconds,
    /// Writes of up to 1 KB to an on-demand table.
    WriteUnits,
    /// Strongly consistent reads of up to 4 KB from an on-demand table.
    ReadUnits,
    /// Hours of a provisioned write per second.
    WriteCapacityHours,
    /// Hours of a provisioned read per second.
    ReadCapacityHours,
    /// Bytes written to log groups, in MB.
    LogsIngested,
}

/// A list price.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub(crate) struct Price {
    /// What is measured.
    pub meter: Meter,
    /// Dollars for one unit.
    #[serde(rename = "dollars_per_unit")]
    pub dollars: f64,
    /// The unit's name.
    pub unit: &'static str,
    /// How it is listed, for example `$0.40/million`.
    pub listed: &'static str,
    /// What every account has free in a month, or `none`.
    pub free: &'static str,
}

/// All prices, looked up in March 2026 at the latest, in guides that quote AWS's own pages:
/// aws.amazon.com/sqs/pricing, /lambda/pricing, /dynamodb/pricing (those since November 2024) and
/// /cloudwatch/pricing.
pub(crate) const PRICES: [Price; 9] = [
    price(
        Meter::SqsRequests,
        0.40e-6,
        "requests",
        "$0.40/million",
        "1 million requests",
    ),
    price(
        Meter::LambdaRequests,
        0.20e-6,
        "requests",
        "$0.20/million",
        "1 million requests",
    ),
    price(
        Meter::LambdaX86Seconds,
        0.000_016_666_7,
        "GB-s",
        "$16.67/million",
        "400,000 GB-s",
    ),
    price(
        Meter::LambdaArmSeconds,
        0.000_013_333_4,
        "GB-s",
        "$13.33/million",
        "400,000 GB-s",
    ),
    price(
        Meter::WriteUnits,
        0.625e-6,
        "writes",
        "$0.625/million",
        "none",
    ),
    price(
        Meter::ReadUnits,
        0.125e-6,
        "reads",
        "$0.125/million",
        "none",
    ),
    price(
        Meter::WriteCapacityHours,
        0.000_65,
        "WCU-h",
        "$0.65/thousand",
        "25 WCU",
    ),
    price(
        Meter::ReadCapacityHours,
        0.000_13,
        "RCU-h",
        "$0.13/thousand",
        "25 RCU",
    ),
    price(Meter::LogsIngested, 0.50e-3, "MB", "$0.50/GB", "5 GB"),
];

const fn price(
    meter: Meter,
    dollars: f64,
    unit: &'static str,
    listed: &'static str,
    free: &'static str,
) -> Price {
    Price {
        meter,
        dollars,
        unit,
        listed,
        free,
    }
}

impl Meter {
    /// Its price. The table is in the order of the meters, which a test checks.
    pub(crate) fn price(self) -> &'static Price {
        const TABLE: &[Price; 9] = &PRICES;
        &TABLE[self as usize]
    }
}
