//! What the control service of the local cloud reports, as its JSON has it.

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The name of the chaos profile under which nothing ever goes wrong.
const OFF: &str = "off";

/// The state of a running cloud.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct CloudStatus {
    /// The cloud's version.
    pub version: String,
    /// Its process id.
    pub pid: u32,
    /// How many seconds of lab time pass in a real second.
    pub speed: u32,
    /// When it started, in milliseconds since the Unix epoch.
    pub started_at: u64,
    /// How long it has been running, in seconds of real time.
    pub uptime: u64,
    /// Milliseconds of lab time since the cloud's first start.
    pub lab_time: u64,
    /// The account id, twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// The endpoint of all its services, an HTTP URL.
    pub endpoint: String,
    /// The directory that holds its state.
    pub home: String,
    /// Resident memory in bytes; `None` where the system does not report it.
    pub memory: Option<u64>,
    /// What goes wrong in it.
    pub chaos: ChaosProfile,
}

impl CloudStatus {
    /// The queues' time since the cloud's first start.
    pub fn queue_time(&self) -> Duration {
        Duration::from_millis(self.lab_time)
    }
}

/// How far the local cloud is from behaving at its best. Delays are in lab time, latencies in
/// real time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ChaosProfile {
    /// `off`, `aws` or `severe`; followed by ` (changed)` where single settings were changed.
    pub name: String,
    /// The seed of all random decisions.
    pub seed: u64,
    /// How long changes take to propagate.
    pub delays: ChaosDelays,
    /// What happens to requests; of all rules that match a request the last one applies.
    pub requests: Vec<RequestRule>,
    /// What happens to messages.
    pub deliveries: DeliveryFaults,
}

impl ChaosProfile {
    /// Whether this is the profile `off`, unchanged.
    pub fn is_off(&self) -> bool {
        self.name == OFF
    }

    /// Its name and seed, for people.
    pub fn summary(&self) -> String {
        let Self { name, seed, .. } = self;
        if self.is_off() {
            name.clone()
        } else {
            format!("{name}, seed {seed}")
        }
    }
}

/// How long changes take to propagate, in lab time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct ChaosDelays {
    /// Until a new role can be assumed, a new access key works, and a changed policy applies.
    pub role: MillisecondRange,
    /// Until a new table is active, and a deleted one is gone.
    pub table: MillisecondRange,
    /// Until a new or changed function is active.
    pub function: MillisecondRange,
    /// Until an event source mapping has reached its next state.
    pub mapping: MillisecondRange,
    /// How old the approximate counts of a queue are.
    pub counts: MillisecondRange,
    /// Until a function's output is in its log group.
    pub logs: MillisecondRange,
    /// Until a new queue is visible everywhere, and a deleted one nowhere.
    pub queue: MillisecondRange,
    /// Until a queue's changed attributes are visible everywhere.
    pub attributes: MillisecondRange,
    /// Until IAM's own API shows a new role, or one without its policies, everywhere.
    pub iam: MillisecondRange,
    /// Until tags are up to date everywhere.
    pub tags: MillisecondRange,
    /// Until a message move task is listed with its progress.
    pub task: MillisecondRange,
}

/// What happens to requests for certain actions. Probabilities are from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RequestRule {
    /// The actions, with wildcards: `sqs:*`, `lambda:CreateFunction`.
    pub of: String,
    /// The probability that a request is throttled.
    pub throttled: f64,
    /// The probability that it fails with a server error and has no effect.
    pub failed: f64,
    /// The probability that it takes effect and its reply is replaced by a server error.
    pub lost: f64,
    /// How long a request waits before it is processed, in real time.
    pub latency: MillisecondRange,
}

/// What happens to messages. Probabilities are from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct DeliveryFaults {
    /// The probability that a deleted message is delivered once more.
    pub repeated: f64,
    /// The probability that a receive returns any message rather than the oldest.
    pub disordered: f64,
}

/// A range of milliseconds, both ends included. The cloud calls them `least` and `most`; documents
/// name the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct MillisecondRange {
    /// The least, in milliseconds.
    #[serde(rename(serialize = "least_ms"))]
    pub least: u64,
    /// The most, in milliseconds.
    #[serde(rename(serialize = "most_ms"))]
    pub most: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_reads_as_the_cloud_writes_it() {
        let range = |most: u64| format!(r#"{{"least": 0, "most": {most}}}"#);
        let delays = [
            "role",
            "table",
            "function",
            "mapping",
            "counts",
            "logs",
            "queue",
            "attributes",
            "iam",
            "tags",
            "task",
        ];
        let members = delays.map(|name| format!("\"{name}\": {}", range(5)));
        let text = format!(
            r#"{{"version": "0.1.0", "pid": 7, "speed": 10, "started_at": 1, "uptime": 2,
            "lab_time": 3, "account": "000000000000", "region": "us-east-1",
            "endpoint": "http://127.0.0.1:4000", "home": "/state", "memory": null,
            "chaos": {{"name": "aws (changed)", "seed": 1, "delays": {{{}}},
            "requests": [{{"of": "*", "throttled": 0.1, "failed": 0.0, "lost": 0.0, "latency": {}}}],
            "deliveries": {{"repeated": 0.0, "disordered": 0.5}}}}}}"#,
            members.join(", "),
            range(80)
        );
        let status: CloudStatus = serde_json::from_str(&text).expect("a status");
        assert_eq!(status.chaos.delays.counts.most, 5);
        assert_eq!(status.chaos.requests[0].latency.most, 80);
        assert!(!status.chaos.is_off());
        let written = serde_json::to_value(&status.chaos).expect("JSON");
        let range = serde_json::json!({ "least_ms": 0, "most_ms": 80 });
        assert_eq!(written["requests"][0]["latency"], range);
        assert_eq!(written["name"], "aws (changed)");
    }
}
