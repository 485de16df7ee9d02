//! SIGKILL of the local cloud and of handlers at random moments loses nothing.

use std::process::Output;
use std::thread::sleep;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::Value;

use crate::support::lab::{Lab, document, kill};

/// SplitMix64. The seed is printed; `KILL_SEED` repeats it.
struct Random(u64);

impl Random {
    #[expect(
        clippy::disallowed_methods,
        reason = "a new seed for every run, which is printed"
    )]
    fn new() -> Self {
        let fresh = || {
            SystemTime::now()
                .duration_since(UNIX_EPOCH)
                .expect("after 1970")
                .subsec_nanos()
                .into()
        };
        let seed = std::env::var("KILL_SEED")
            .ok()
            .and_then(|text| text.parse().ok())
            .unwrap_or_else(fresh);
        print_seed(seed);
        Self(seed)
    }

    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }
}

#[expect(clippy::print_stderr, reason = "a failure must be repeatable")]
fn print_seed(seed: u64) {
    eprintln!("KILL_SEED={seed}");
}

/// How often the cloud is killed under each chaos profile; `KILLS` changes it.
fn kills() -> u64 {
    let asked = std::env::var("KILLS").ok();
    asked.and_then(|text| text.parse().ok()).unwrap_or(12)
}

/// Kills the cloud at random moments while orders are sent under a chaos profile. Returns the audit
/// that follows.
fn audit_after_kills(profile: &str) -> Value {
    let mut random = Random::new();
    let lab = Lab::up();
    let seed = random.below(1 << 32).to_string();
    lab.good(&["local", "chaos", profile, "--seed", &seed]);
    let simulate = [
        "simulate",
        "--count",
        "1500",
        "--fault-rate",
        "0.3",
        "--faults",
        "all",
        "--json",
    ];
    let mut child = lab.spawn(&simulate);
    for _ in 0..kills() {
        // The kill comes at a random moment; the test does not wait for anything here.
        sleep(Duration::from_millis(random.below(250)));
        lab.kill_cloud();
        if child.try_wait().expect("the tool can be asked").is_some() {
            child = lab.spawn(&simulate);
        }
    }
    let output: Output = child.wait_with_output().expect("the tool ends");
    document(&simulate, &output);
    // The audit runs without chaos.
    lab.good(&["local", "chaos", "off"]);
    lab.settle();
    let (_, audit) = lab.json(&["audit"]);
    for count in ["missing", "altered", "unexpected"] {
        assert_eq!(audit[count]["count"], 0, "{audit:#}");
    }
    assert_eq!(audit["waiting"], 0, "{audit:#}");
    audit
}

#[test]
fn killed_cloud_loses_nothing() {
    let audit = audit_after_kills("off");
    assert_eq!(audit["dead_lettered_good"]["count"], 0, "{audit:#}");
}

#[test]
fn killed_cloud_under_severe_chaos_loses_nothing() {
    audit_after_kills("severe");
}

#[test]
fn killed_handlers_lose_nothing() {
    let mut random = Random::new();
    let lab = Lab::up();
    let simulate = [
        "simulate",
        "--count",
        "600",
        "--fault-rate",
        "0.1",
        "--json",
    ];
    let mut child = lab.spawn(&simulate);
    while child.try_wait().expect("the tool can be asked").is_none() {
        sleep(Duration::from_millis(5 + random.below(40)));
        handlers_of(&lab).into_iter().for_each(kill);
    }
    let output = child.wait_with_output().expect("the tool ends");
    document(&simulate, &output);
    lab.settle();
    let (_, audit) = lab.json(&["audit"]);
    for count in ["missing", "altered", "unexpected"] {
        assert_eq!(audit[count]["count"], 0, "{audit:#}");
    }
    lab.good(&["redrive"]);
    lab.settle();
    let audit = lab.good(&["audit"]);
    assert_eq!(audit["dead_lettered_good"]["count"], 0, "{audit:#}");
}

/// The process ids of the execution environments' programs: on Linux, each is the child of a supervisor.
fn handlers_of(lab: &Lab) -> Vec<i32> {
    let supervisors = lab.cloud_pid().map(children).unwrap_or_default();
    supervisors.into_iter().flat_map(children).collect()
}

fn children(pid: i32) -> Vec<i32> {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|children| {
            children
                .split_whitespace()
                .filter_map(|pid| pid.parse().ok())
                .collect::<Vec<_>>()
        })
        .collect()
}
