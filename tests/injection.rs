//! The tool is interrupted after every single call, and every single call is spoiled, on the way
//! up and on the way down: it says so, and the same command again completes the work.
//!
//! `INJECTIONS=all` also lets every single call fail for good, which takes minutes of waiting.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use orders_lab::aws::Clients;
use serde_json::Value;

use crate::inventory::{found, whole};
use crate::lab::{Cloud, Lab, document};
use crate::proxy::{Fault, Proxy, Seen};
use crate::wire::looks;

/// How many points are tried side by side. Most of their time they wait: `down` watches for
/// seconds whether a log group comes back.
const SIDE_BY_SIDE: usize = 8;

/// Without these a command does its work all the same, and says what it did without.
const DISPENSABLE: [&str; 2] = ["iam:ListAccountAliases", "tag:GetResources"];

/// One cloud for all points of a test.
struct Bench {
    lab: Lab,
    cloud: Cloud,
    runtime: tokio::runtime::Runtime,
    clients: Clients,
}

/// One command with one call spoiled.
struct Run {
    code: i32,
    document: Value,
    seen: Seen,
}

impl Bench {
    fn new() -> Self {
        let lab = Lab::new();
        let cloud = lab.cloud(1000);
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let clients = runtime.block_on(cloud.clients());
        Self {
            lab,
            cloud,
            runtime,
            clients,
        }
    }

    /// Runs a command on `lab` with `--target aws`, the call numbered `at` spoiled.
    fn run(&self, proxy: &Proxy, lab: &str, command: &str, at: usize, fault: Fault) -> Run {
        proxy.spoil(at, fault);
        let arguments = [command, "--lab", lab, "--target", "aws", "--yes", "--json"];
        let child = self
            .lab
            .command(&arguments)
            .env("AWS_ENDPOINT_URL", proxy.endpoint())
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "AKIDOFAUSER")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the tool starts");
        proxy.watch(child.id());
        let output = child.wait_with_output().expect("the tool ends");
        let (code, document) = document(&arguments, &output);
        Run {
            code,
            document,
            seen: proxy.seen(),
        }
    }

    fn found(&self, lab: &str) -> Vec<String> {
        self.runtime.block_on(found(&self.clients, lab))
    }
}

/// What came of the points of a test.
#[derive(Default)]
struct Tally {
    tried: [AtomicUsize; 2],
    looked_late: AtomicUsize,
    wrong: Mutex<Vec<String>>,
}

impl Tally {
    fn wrong(&self, what: String) {
        let mut all = self.wrong.lock().unwrap_or_else(PoisonError::into_inner);
        all.push(what);
    }
}

/// Tries each call with this fault: `up` with it spoiled, `up` again, `status`, `down` with it
/// spoiled, `down` again. Ends where neither command makes so many calls, or at `most`.
fn every_call(fault: Fault, points: impl Iterator<Item = usize> + Send) {
    let bench = Bench::new();
    let tally = Tally::default();
    let points = Mutex::new(points);
    let over = AtomicBool::new(false);
    thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                let proxy = Proxy::new(&bench.cloud);
                while !over.load(Ordering::SeqCst) {
                    let next = points.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some(at) = next else { break };
                    if !try_point(&bench, &proxy, &tally, at, fault) {
                        over.store(true, Ordering::SeqCst);
                    }
                }
            });
        }
    });
    let left = bench.found("");
    report(fault, &tally);
    let wrong = tally
        .wrong
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(left.is_empty(), "left in the cloud: {left:#?}");
}

#[expect(clippy::print_stderr, reason = "how much was tried is worth knowing")]
fn report(fault: Fault, tally: &Tally) {
    let [up, down] = &tally.tried;
    eprintln!(
        "{}: {} calls of `up` and {} of `down` tried; {} calls that only look came after an interruption",
        fault.name(),
        up.load(Ordering::SeqCst),
        down.load(Ordering::SeqCst),
        tally.looked_late.load(Ordering::SeqCst),
    );
}

/// Tries one point; whether a command made so many calls.
fn try_point(bench: &Bench, proxy: &Proxy, tally: &Tally, at: usize, fault: Fault) -> bool {
    let lab = format!("{}-{at}", fault.name());
    let mut reached = false;
    for (place, command) in ["up", "down"].into_iter().enumerate() {
        let wrong = |what: String| {
            tally.wrong(format!(
                "{} at call {at} of `{command}`: {what}",
                fault.name()
            ));
        };
        let run = bench.run(proxy, &lab, command, at, fault);
        if let Some(spoiled) = &run.seen.spoiled {
            reached = true;
            tally.tried[place].fetch_add(1, Ordering::SeqCst);
            judge(fault, spoiled, &run).into_iter().for_each(wrong);
            let (looked, changed): (Vec<_>, Vec<_>) =
                run.seen.late.iter().partition(|operation| looks(operation));
            tally.looked_late.fetch_add(looked.len(), Ordering::SeqCst);
            if !changed.is_empty() {
                wrong(format!("after the interruption it began {changed:?}"));
            }
        }
        let again = bench.run(proxy, &lab, command, 0, Fault::None);
        if again.code != 0 {
            wrong(format!(
                "again it ended with {}: {:#}",
                again.code, again.document
            ));
        }
        let found = bench.found(&lab);
        let wanted = if command == "up" {
            whole(&lab)
        } else {
            Vec::new()
        };
        if found != wanted {
            wrong(format!("there is {found:?}"));
        }
        if command == "up" {
            let status = bench.run(proxy, &lab, "status", 0, Fault::None).document;
            if status["up"] != true || status["drifted"] != false {
                wrong(format!("the lab is not as it should be: {status:#}"));
            }
        }
    }
    reached
}

/// What is wrong with how a command took a fault.
fn judge(fault: Fault, spoiled: &str, run: &Run) -> Option<String> {
    let text = run.document.to_string();
    let heals = DISPENSABLE.contains(&spoiled);
    let good = match fault {
        Fault::None => true,
        Fault::Interrupt => match run.code {
            130 => run.document["error"]["kind"] == "interrupted",
            // It was the last call, or all that was left to do was to look.
            code => code == 0 && run.document["ok"] == true,
        },
        Fault::Lost | Fault::FailsOnce | Fault::Throttled => run.code == 0,
        Fault::Denied | Fault::Failing if heals => run.code == 0,
        Fault::Denied | Fault::Failing => {
            [1, 3, 4].contains(&run.code) && text.contains(spoiled) && run.document["ok"] == false
        }
    };
    (!good).then(|| {
        format!(
            "{spoiled} was spoiled, and it ended with {}: {text}",
            run.code
        )
    })
}

#[test]
fn an_interruption_after_any_call_is_gone_on_from() {
    every_call(Fault::Interrupt, 1..);
}

#[test]
fn a_right_that_lacks_for_any_call_is_named() {
    every_call(Fault::Denied, 1..);
}

#[test]
fn the_reply_to_any_call_may_be_lost() {
    every_call(Fault::Lost, 1..);
}

#[test]
fn any_call_may_fail_once() {
    every_call(Fault::FailsOnce, (1..).step_by(2));
    every_call(Fault::Throttled, (2..).step_by(2));
}

#[test]
fn a_call_that_fails_for_good_is_named() {
    if std::env::var("INJECTIONS").is_ok_and(|asked| asked == "all") {
        return every_call(Fault::Failing, 1..);
    }
    every_call(Fault::Failing, [3, 11, 19, 27, 35, 43, 51, 59].into_iter());
}
