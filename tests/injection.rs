//! The tool is interrupted after every single call, and every single call is spoiled, on the way
//! up and on the way down: it says so, and the same command again completes the work. Faults that
//! are alike take turns; `INJECTIONS=all` tries each at every call.

use std::thread;

use serde_json::Value;

use crate::support::fault::{Fault, Which};
use crate::support::harness::Bench;
use crate::support::injection_points::{Run, every_call};
use crate::support::inventory::whole;
use crate::support::lab::document;
use crate::support::proxy::Proxy;

/// How many points are tried side by side. Most of their time they wait: `down` watches for
/// seconds whether a log group comes back.
const SIDE_BY_SIDE: usize = 32;
/// The same where each waits for minutes: for a service to do better, which it will not.
const WAITING_SIDE_BY_SIDE: usize = 160;

/// The account's alias is good to know and no more.
const DISPENSABLE: &str = "iam:ListAccountAliases";

fn is_well(run: &Run) -> bool {
    run.code == 0 && run.document["ok"] == true
}

fn ends_well(_: Fault, _spoiled: &str, _lab: &str, run: &Run) -> Option<String> {
    (!is_well(run)).then(|| "it should have ended well".to_owned())
}

/// What failed for good is named.
fn is_named(fault: Fault, spoiled: &str, _lab: &str, run: &Run) -> Option<String> {
    if spoiled == DISPENSABLE {
        return ends_well(fault, spoiled, "", run);
    }
    let document = &run.document;
    if !document.to_string().contains(spoiled) {
        return Some("it should have been named".to_owned());
    }
    let without = is_well(run) && document["certificate"]["by_tag"] == false;
    let told = [1, 3, 4].contains(&run.code) && document["ok"] == false;
    (!told && !without).then(|| "it should have been told as a failure".to_owned())
}

/// The user is told what stands and which command goes on. Where it ended well, it was the last
/// call, or all that was left to do was to look.
fn is_told_how_to_go_on(_: Fault, _spoiled: &str, lab: &str, run: &Run) -> Option<String> {
    if is_well(run) {
        return None;
    }
    let error = &run.document["error"];
    if run.code != 130 || error["kind"] != "interrupted" {
        return Some("it should have said that it was interrupted".to_owned());
    }
    let message = error["message"].as_str().unwrap_or_default();
    let hints = error["hints"].to_string();
    let untouched =
        message.contains("nothing was changed") || message.contains("before anything was changed");
    let part = message.contains("done: ")
        && message.contains("not finished: ")
        && hints.contains("goes on from here");
    let unseen = hints.contains("Everything was removed");
    let named = hints.contains(&format!("--lab {lab}"));
    let good = untouched || ((part || unseen) && named);
    (!good).then(|| "it should have said what stands and how to go on".to_owned())
}

/// There is no use in going on; what renews the credentials is known by the exit code.
fn asks_for_credentials(_: Fault, _spoiled: &str, _lab: &str, run: &Run) -> Option<String> {
    let good = run.code == 3 && run.document["error"]["kind"] == "credentials";
    (!good).then(|| "it should have ended for want of credentials".to_owned())
}

/// How what will not pass must be taken.
fn is_told(fault: Fault, spoiled: &str, lab: &str, run: &Run) -> Option<String> {
    if fault == Fault::Expired {
        asks_for_credentials(fault, spoiled, lab, run)
    } else {
        is_named(fault, spoiled, lab, run)
    }
}

#[test]
fn an_interruption_after_any_call_is_gone_on_from() {
    every_call(&[Fault::Interrupt], SIDE_BY_SIDE, is_told_how_to_go_on);
}

#[test]
fn any_call_may_be_refused_for_good() {
    every_call(&[Fault::Denied, Fault::Expired], SIDE_BY_SIDE, is_told);
}

#[test]
fn any_call_may_fail_and_be_made_again() {
    let faults = &[Fault::Lost, Fault::FailsOnce, Fault::Throttled];
    every_call(faults, SIDE_BY_SIDE, ends_well);
}

#[test]
fn a_call_that_fails_for_good_is_named() {
    every_call(&[Fault::Failing], WAITING_SIDE_BY_SIDE, is_told);
}

#[test]
fn a_second_interruption_ends_at_once() {
    let bench = Bench::with_tiny_handlers(1000);
    let proxy = Proxy::new(&bench.cloud);
    // The table, say, is never heard of again.
    proxy.spoil(Which::Number(20), Fault::Stuck);
    let output = bench.start(&proxy, &["up", "--lab", "stuck"]).end();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(output.stdout.is_empty(), "it ended by itself: {output:?}");
    assert!(
        !proxy.seen().unheard,
        "the first was not answered: {output:?}"
    );
    for (command, wanted) in [("up", whole("stuck")), ("down", Vec::new())] {
        let again = Run::clean(&bench, &proxy, command, "stuck");
        assert_eq!(again.code, 0, "{}", again.document);
        assert_eq!(bench.found("stuck"), wanted);
    }
}

#[test]
fn two_at_once_do_no_harm() {
    let bench = Bench::with_tiny_handlers(1000);
    let round = |round: usize| {
        let (proxy, lab) = (Proxy::new(&bench.cloud), format!("twins-{round}"));
        let run = |command: &str| Run::clean(&bench, &proxy, command, &lab).document;
        twice(&bench, &proxy, &lab, "up");
        assert_eq!(bench.found(&lab), whole(&lab));
        let status = run("status");
        assert_eq!(status["drifted"], false, "{status}");
        all_are("unchanged", &run("up"));
        twice(&bench, &proxy, &lab, "down");
        assert_eq!(bench.found(&lab), Vec::<String>::new());
        all_are("absent", &run("down"));
    };
    thread::scope(|scope| {
        for number in 0..24 {
            let round = &round;
            scope.spawn(move || round(number));
        }
    });
}

/// Runs a command twice at the same time; both end well.
fn twice(bench: &Bench, proxy: &Proxy, lab: &str, command: &str) {
    let arguments = [command, "--lab", lab];
    let both = [(); 2].map(|()| bench.start(proxy, &arguments));
    for running in both {
        let (code, document) = document(&arguments, &running.end());
        assert_eq!(code, 0, "{document}");
    }
}

fn all_are(outcome: &str, document: &Value) {
    let resources = document["resources"].as_array().expect("resources");
    let same = resources.iter().all(|one| one["outcome"] == outcome);
    assert!(same, "not all are {outcome}: {document}");
}
