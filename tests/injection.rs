//! The tool is interrupted after every single call, and every single call is spoiled, on the way
//! up and on the way down: it says so, and the same command again completes the work.
//!
//! `INJECTIONS=all` also lets every single call fail for good, which takes minutes of waiting.

use std::process::{Child, Stdio};
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
const SIDE_BY_SIDE: usize = 24;

/// The account's alias is good to know and no more.
const DISPENSABLE: &str = "iam:ListAccountAliases";

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
        lab.tiny_handlers();
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

    /// Runs a command on `lab`, the call numbered `at` spoiled.
    fn run(&self, proxy: &Proxy, lab: &str, command: &str, at: usize, fault: Fault) -> Run {
        proxy.spoil(at, fault);
        let arguments = arguments(lab, command);
        let child = self.spawn(proxy, &arguments);
        let output = child.wait_with_output().expect("the tool ends");
        let (code, document) = document(&arguments, &output);
        Run {
            code,
            document,
            seen: proxy.seen(),
        }
    }

    /// Starts the tool as one that knows of AWS at the proxy.
    fn spawn(&self, proxy: &Proxy, arguments: &[&str]) -> Child {
        let child = self
            .lab
            .command(arguments)
            .env("ORDERS_LAB_HANDLERS", self.lab.home().join("handlers"))
            .env("AWS_ENDPOINT_URL", proxy.endpoint())
            .env("AWS_REGION", "us-east-1")
            .env("AWS_ACCESS_KEY_ID", "AKIDOFAUSER")
            .env("AWS_SECRET_ACCESS_KEY", "secret")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the tool starts");
        proxy.watch(child.id());
        child
    }

    fn found(&self, lab: &str) -> Vec<String> {
        self.runtime.block_on(found(&self.clients, lab))
    }
}

fn arguments<'a>(lab: &'a str, command: &'a str) -> [&'a str; 7] {
    [command, "--lab", lab, "--target", "aws", "--yes", "--json"]
}

/// What came of the points of a test.
#[derive(Default)]
struct Tally {
    tried: [AtomicUsize; 2],
    looked_late: AtomicUsize,
    /// Whether `up` makes fewer calls than the points that are tried now.
    up_is_over: AtomicBool,
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
    let point = Point {
        bench,
        proxy,
        tally,
        at,
        fault,
        lab: format!("{}-{at}", fault.name()),
    };
    let up = if tally.up_is_over.load(Ordering::SeqCst) {
        bench.run(proxy, &point.lab, "up", 0, Fault::None);
        false
    } else {
        point.try_command(0)
    };
    if !up {
        tally.up_is_over.store(true, Ordering::SeqCst);
    }
    point.try_command(1) || up
}

/// One call of two commands on one lab.
struct Point<'a> {
    bench: &'a Bench,
    proxy: &'a Proxy,
    tally: &'a Tally,
    at: usize,
    fault: Fault,
    lab: String,
}

impl Point<'_> {
    /// Tries the call of `up` (0) or `down` (1); whether it was made.
    fn try_command(&self, place: usize) -> bool {
        let command = ["up", "down"][place];
        let (fault, at, lab) = (self.fault, self.at, &*self.lab);
        let wrong = |what: String| {
            let place = format!("{} at call {at} of `{command}`", fault.name());
            self.tally.wrong(format!("{place}: {what}"));
        };
        let run = self.bench.run(self.proxy, lab, command, at, fault);
        if let Some(spoiled) = &run.seen.spoiled {
            self.tally.tried[place].fetch_add(1, Ordering::SeqCst);
            judge(fault, spoiled, &run).into_iter().for_each(wrong);
            let late = run.seen.late.iter();
            let (looked, changed): (Vec<_>, Vec<_>) = late.partition(|one| looks(one));
            let late = &self.tally.looked_late;
            late.fetch_add(looked.len(), Ordering::SeqCst);
            if !changed.is_empty() {
                wrong(format!("after the interruption it began {changed:?}"));
            }
        }
        let mut wanted = Vec::new();
        if command == "up" {
            wanted = whole(lab);
            let status = self.again(lab, "up", &wrong) && self.is_as_it_should_be(lab);
            if !status {
                wrong("the lab is not as it should be".to_owned());
            }
        } else if run.code != 0 {
            self.again(lab, "down", &wrong);
        }
        let found = self.bench.found(lab);
        if found != wanted {
            wrong(format!("there is {found:?}"));
        }
        run.seen.spoiled.is_some()
    }

    /// Runs the command once more, with nothing spoiled; whether it ended well.
    fn again(&self, lab: &str, command: &str, wrong: &impl Fn(String)) -> bool {
        let again = self.bench.run(self.proxy, lab, command, 0, Fault::None);
        if again.code != 0 {
            let Run { code, document, .. } = &again;
            wrong(format!("again it ended with {code}: {document}"));
        }
        again.code == 0
    }

    fn is_as_it_should_be(&self, lab: &str) -> bool {
        let status = self.bench.run(self.proxy, lab, "status", 0, Fault::None);
        status.document["up"] == true && status.document["drifted"] == false
    }
}

/// What is wrong with how a command took a fault.
fn judge(fault: Fault, spoiled: &str, run: &Run) -> Option<String> {
    let (code, document) = (run.code, &run.document);
    let well = code == 0 && document["ok"] == true;
    let named = document.to_string().contains(spoiled);
    let good = match fault {
        // Where it ended well, it was the last call, or all that was left to do was to look.
        Fault::Interrupt => well || (code == 130 && document["error"]["kind"] == "interrupted"),
        Fault::Denied | Fault::Failing if spoiled == DISPENSABLE => well,
        Fault::Denied | Fault::Failing => {
            let without = document["certificate"]["by_tag"] == false;
            let told = [1, 3, 4].contains(&code) && document["ok"] == false;
            named && (told || (well && without))
        }
        _ => well,
    };
    (!good).then(|| format!("{spoiled} was spoiled, and it ended with {code}: {document}"))
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

#[test]
fn a_second_interruption_ends_at_once() {
    let bench = Bench::new();
    let proxy = Proxy::new(&bench.cloud);
    // The table, say, is never heard of again.
    proxy.spoil(20, Fault::Stuck);
    let child = bench.spawn(&proxy, &arguments("stuck", "up"));
    let output = child.wait_with_output().expect("the tool ends");
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(output.stdout.is_empty(), "it ended by itself: {output:?}");
    for (command, wanted) in [("up", whole("stuck")), ("down", Vec::new())] {
        let again = bench.run(&proxy, "stuck", command, 0, Fault::None);
        assert_eq!(again.code, 0, "{}", again.document);
        assert_eq!(bench.found("stuck"), wanted);
    }
}

#[test]
fn two_at_once_do_no_harm() {
    let bench = Bench::new();
    let round = |round: usize| {
        let (proxy, lab) = (Proxy::new(&bench.cloud), format!("twins-{round}"));
        let run = |command: &str| bench.run(&proxy, &lab, command, 0, Fault::None);
        twice(&bench, &proxy, &lab, "up");
        assert_eq!(bench.found(&lab), whole(&lab));
        let status = run("status").document;
        assert_eq!(status["drifted"], false, "{status}");
        all_are("unchanged", &run("up").document);
        twice(&bench, &proxy, &lab, "down");
        assert_eq!(bench.found(&lab), Vec::<String>::new());
        all_are("absent", &run("down").document);
    };
    thread::scope(|scope| {
        for number in 0..SIDE_BY_SIDE {
            let round = &round;
            scope.spawn(move || round(number));
        }
    });
}

/// Runs a command twice at the same time; both end well.
fn twice(bench: &Bench, proxy: &Proxy, lab: &str, command: &str) {
    let arguments = arguments(lab, command);
    let both = [(); 2].map(|()| bench.spawn(proxy, &arguments));
    for child in both {
        let output = child.wait_with_output().expect("the tool ends");
        let (code, document) = document(&arguments, &output);
        assert_eq!(code, 0, "{document}");
    }
}

fn all_are(outcome: &str, document: &Value) {
    let resources = document["resources"].as_array().expect("resources");
    let same = resources.iter().all(|one| one["outcome"] == outcome);
    assert!(same, "not all are {outcome}: {document}");
}
