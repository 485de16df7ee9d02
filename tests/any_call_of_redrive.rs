//! Whatever call of a `redrive` of changed dead letters goes wrong: with `--resume`, no message is lost
//! and none is sent twice.

use std::collections::HashMap;
use std::thread;

use serde_json::Value;

use crate::support::fault::{CallSelector, Fault};
use crate::support::harness::Harness;
use crate::support::injection_points::CommandRun;
use crate::support::lab::document;
use crate::support::proxy::Proxy;

/// How many dead letters a redrive is tried on.
const LETTERS: u64 = 12;
/// How often is looked whether all are dead letters again.
const LOOKS: usize = 100;

#[test]
fn loses_and_doubles_nothing() {
    let faults = [
        Fault::Interrupt,
        Fault::Denied,
        Fault::Throttled,
        Fault::Lost,
    ];
    let tried: usize = thread::scope(|scope| {
        let trials = faults.map(|fault| scope.spawn(move || Trial::new(fault).run()));
        trials
            .map(|trial| trial.join().expect("all is accounted for"))
            .iter()
            .sum()
    });
    assert!(tried > 40, "{tried} points");
    report(tried);
}

#[expect(clippy::print_stderr, reason = "how much was tried is worth knowing")]
fn report(tried: usize) {
    eprintln!("{tried} calls of `redrive` tried");
}

/// A fault in each call of a redrive, one after another, in a cloud of its own.
struct Trial {
    fault: Fault,
    harness: Harness,
    proxy: Proxy,
}

impl Trial {
    fn new(fault: Fault) -> Self {
        let harness = Harness::new(50);
        let proxy = Proxy::new(&harness.cloud);
        let trial = Self {
            fault,
            harness,
            proxy,
        };
        trial.good(&["up"]);
        let count = LETTERS.to_string();
        let all_bad = ["--fault-rate", "1", "--faults", "price_err"];
        trial.good(&[&["simulate", "--count", &count][..], &all_bad].concat());
        trial
    }

    fn run(&self) -> usize {
        let usual = self.redrive(CallSelector::Nth(0), Fault::None);
        self.require_each_once("without a fault");
        let mut numbers: HashMap<String, usize> = HashMap::new();
        let mut tried = 0;
        for call in usual.log.calls {
            let number = numbers.entry(call.operation.clone()).or_default();
            *number += 1;
            // Later calls of an operation only look again.
            if *number > 3 {
                continue;
            }
            let selector = CallSelector::NthOf(call.operation.clone(), *number);
            let run = self.redrive(selector, self.fault);
            let what = format!("{} in {} {number}", self.fault.name(), call.operation);
            if run.log.injected.is_some() {
                tried += 1;
            }
            self.finish(&what);
            self.require_each_once(&what);
        }
        tried
    }

    /// Changes all dead letters so that they stay bad, and moves them.
    fn redrive(&self, selector: CallSelector, fault: Fault) -> CommandRun {
        self.proxy.inject(selector, fault);
        let arguments = ["redrive", "--set", "body.note=1"];
        let output = self.harness.start(&self.proxy, &arguments).end();
        let (code, document) = document(&arguments, &output);
        CommandRun {
            code,
            document,
            log: self.proxy.log(),
        }
    }

    /// Goes on until nothing is left to go on with.
    fn finish(&self, what: &str) {
        for _ in 0..3 {
            let (code, resumed) = self.json(&["redrive", "--resume"]);
            if resumed["error"]["kind"] == "not_found" {
                return;
            }
            assert!([0, 1].contains(&code), "{what}: {resumed:#}");
        }
        panic!("{what}: it does not end");
    }

    /// Each order is in the dead-letter queue, once, as soon as nothing is on its way any more.
    fn require_each_once(&self, what: &str) {
        for _ in 0..LOOKS {
            let letters = self.good(&["dlq"]);
            let letters = letters["messages"].as_array().expect("messages").clone();
            let mut numbers: Vec<u64> = letters
                .iter()
                .map(|letter| letter["order_number"].as_u64().expect("a number"))
                .collect();
            numbers.sort_unstable();
            numbers.dedup();
            assert_eq!(letters.len(), numbers.len(), "{what}: {letters:#?}");
            let status = self.good(&["status"]);
            let queues = status["queues"].as_array().expect("queues");
            let is_idle = |queue: &Value| queue["visible"] == 0 && queue["in_flight"] == 0;
            let orders = queues.iter().find(|queue| queue["name"] == "orders-queue");
            if letters.len() as u64 == LETTERS && orders.is_some_and(is_idle) {
                return;
            }
        }
        panic!("{what}: not all orders are dead letters again");
    }

    fn good(&self, arguments: &[&str]) -> Value {
        let (code, document) = self.json(arguments);
        assert_eq!(code, 0, "{arguments:?}: {document:#}");
        document
    }

    fn json(&self, arguments: &[&str]) -> (i32, Value) {
        self.proxy.inject(CallSelector::Nth(0), Fault::None);
        let output = self.harness.start(&self.proxy, arguments).end();
        document(arguments, &output)
    }
}
