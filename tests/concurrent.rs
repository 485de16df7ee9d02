//! Two commands at once, on one lab.

use std::thread;

use serde_json::Value;

use crate::support::harness::Harness;
use crate::support::injection_points::{CommandRun, yield_to_other_tests};
use crate::support::inventory::complete_lab;
use crate::support::lab::document;
use crate::support::proxy::Proxy;

#[test]
fn the_same_command_twice_at_once_succeeds() {
    yield_to_other_tests();
    let harness = Harness::with_stub_handlers(1000);
    let round = |round: usize| {
        let (proxy, lab) = (Proxy::new(&harness.cloud), format!("twins-{round}"));
        let run =
            |command: &str| CommandRun::without_fault(&harness, &proxy, command, &lab).document;
        run_twice(&harness, &proxy, &lab, "up");
        assert_eq!(harness.resources_of(&lab), complete_lab(&lab));
        let status = run("status");
        assert_eq!(status["drifted"], false, "{status}");
        require_outcome("unchanged", &run("up"));
        run_twice(&harness, &proxy, &lab, "down");
        assert_eq!(harness.resources_of(&lab), Vec::<String>::new());
        require_outcome("absent", &run("down"));
    };
    thread::scope(|scope| {
        for number in 0..24 {
            let round = &round;
            scope.spawn(move || round(number));
        }
    });
}

/// Runs a command twice at the same time. Both must succeed.
fn run_twice(harness: &Harness, proxy: &Proxy, lab: &str, command: &str) {
    let arguments = [command, "--lab", lab];
    let both = [(); 2].map(|()| harness.start(proxy, &arguments));
    for running in both {
        let (code, document) = document(&arguments, &running.end());
        assert_eq!(code, 0, "{document}");
    }
}

fn require_outcome(outcome: &str, document: &Value) {
    let resources = document["resources"].as_array().expect("resources");
    let same = resources.iter().all(|one| one["outcome"] == outcome);
    assert!(same, "not all are {outcome}: {document}");
}
