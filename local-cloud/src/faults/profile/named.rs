//! The named profiles: `off`, `aws`, `severe`.

use super::{ChaosProfile, Delays, Deliveries, Rule, Span};

impl ChaosProfile {
    /// The profile of this name: `off`, `aws` or `severe`.
    pub fn named(name: &str, seed: u64) -> Option<Self> {
        let (delays, rule, deliveries) = match name {
            "off" => (Delays::default(), None, Deliveries::default()),
            "aws" => (Delays::aws(), Some(usual_requests()), usual_deliveries()),
            "severe" => (Delays::severe(), Some(bad_requests()), bad_deliveries()),
            _ => return None,
        };
        Some(Self {
            name: name.to_owned(),
            seed,
            delays,
            requests: rule.into_iter().collect(),
            deliveries,
        })
    }
}

impl Delays {
    /// AWS on a usual day.
    fn aws() -> Self {
        Self {
            role: seconds(5, 12),
            table: seconds(3, 8),
            function: seconds(1, 4),
            mapping: seconds(2, 8),
            counts: seconds(1, 5),
            logs: seconds(1, 10),
            queue: seconds(1, 3),
            attributes: seconds(2, 10),
            iam: seconds(1, 4),
            tags: seconds(1, 5),
            task: seconds(1, 3),
        }
    }

    /// AWS on a bad day. Attributes take up to a minute, as AWS's reference of SetQueueAttributes
    /// says.
    fn severe() -> Self {
        Self {
            role: seconds(10, 40),
            table: seconds(5, 25),
            function: seconds(3, 15),
            mapping: seconds(5, 25),
            counts: seconds(5, 30),
            logs: seconds(5, 45),
            queue: seconds(2, 15),
            attributes: seconds(10, 60),
            iam: seconds(2, 15),
            tags: seconds(5, 30),
            task: seconds(2, 15),
        }
    }
}

fn usual_requests() -> Rule {
    everywhere(0.002, 0.0005, 0.0005, Span { least: 2, most: 15 })
}

fn bad_requests() -> Rule {
    everywhere(0.1, 0.03, 0.03, Span { least: 5, most: 80 })
}

fn usual_deliveries() -> Deliveries {
    Deliveries {
        repeated: 0.001,
        disordered: 0.2,
    }
}

fn bad_deliveries() -> Deliveries {
    Deliveries {
        repeated: 0.03,
        disordered: 0.5,
    }
}

fn everywhere(throttled: f64, failed: f64, lost: f64, latency: Span) -> Rule {
    Rule {
        of: "*".to_owned(),
        throttled,
        failed,
        lost,
        latency,
    }
}

fn seconds(least: u64, most: u64) -> Span {
    Span {
        least: least * 1000,
        most: most * 1000,
    }
}
