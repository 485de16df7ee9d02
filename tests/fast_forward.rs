//! `local fast-forward`: everything happens that would have happened in the time that is skipped.

use crate::support::lab::Lab;

/// As on AWS, so that nothing happens in the meantime that was not skipped.
const SPEED: &str = "1";

/// What happened in the time that was skipped: processed, failed and dead-lettered messages.
fn skip(lab: &Lab, time: &str) -> [u64; 3] {
    let skipped = lab.good(&["local", "fast-forward", time]);
    ["processed", "failed", "dead_lettered"].map(|name| skipped[name].as_u64().expect("a number"))
}

#[test]
fn skipped_time_is_lived_through() {
    let lab = Lab::new();
    lab.good(&["up", "--speed", SPEED]);
    lab.good(&["simulate", "--count", "5", "--fault-rate", "1", "--no-wait"]);
    // By its end each order has failed once.
    skip(&lab, "1s");
    assert_eq!(skip(&lab, "61s"), [0, 10, 0], "two more failures of each");
    assert_eq!(skip(&lab, "30s"), [0, 0, 5]);
    let dead = lab.good(&["dlq"]);
    assert_eq!(dead["messages"].as_array().map(Vec::len), Some(5));
    assert_eq!(skip(&lab, "12h"), [0, 0, 0]);
}

#[test]
fn a_long_skip_takes_all_attempts() {
    let lab = Lab::new();
    lab.good(&["up", "--speed", SPEED, "--max-receives", "20"]);
    lab.good(&["simulate", "--count", "1", "--fault-rate", "1", "--no-wait"]);
    skip(&lab, "1s");
    assert_eq!(skip(&lab, "1h"), [0, 19, 1]);
    assert_eq!(lab.good(&["audit"])["dead_lettered"], 1);
}
