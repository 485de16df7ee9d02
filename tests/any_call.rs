//! A fault is injected into every single call of `up` and of `down`, or the tool is interrupted
//! there. It says so, and the same command again completes the work. Similar faults take turns;
//! `INJECTIONS=all` tries each at every call.
//!
//! These tests take the longest, and tests start in the order of their names: this file's comes first.

use crate::support::fault::{CallSelector, Fault};
use crate::support::harness::Harness;
use crate::support::injection_points::{CommandRun, try_every_call};
use crate::support::inventory::complete_lab;
use crate::support::proxy::Proxy;

/// How many points are tried side by side. Most of their time they wait: `down` watches for
/// seconds whether a log group is recreated.
const SIDE_BY_SIDE: usize = 64;
/// The same where each waits for more than a minute for a service to recover, which it does not:
/// all points wait at once.
const WAITING_SIDE_BY_SIDE: usize = 160;

/// Only reads the account's alias, which no command needs.
const OPTIONAL: &str = "iam:ListAccountAliases";

fn succeeded(run: &CommandRun) -> bool {
    run.code == 0 && run.document["ok"] == true
}

fn check_success(_: Fault, _operation: &str, _lab: &str, run: &CommandRun) -> Option<String> {
    (!succeeded(run)).then(|| "it should have succeeded".to_owned())
}

/// A permanent failure names the operation.
fn check_named(fault: Fault, operation: &str, _lab: &str, run: &CommandRun) -> Option<String> {
    if operation == OPTIONAL {
        return check_success(fault, operation, "", run);
    }
    let document = &run.document;
    if !document.to_string().contains(operation) {
        return Some("it should have named the operation".to_owned());
    }
    let is_partial =
        document["certificate"]["by_tag"] == false || document["not_counted"].is_string();
    let skipped = succeeded(run) && is_partial;
    let failed = [1, 3, 4].contains(&run.code) && document["ok"] == false;
    (!failed && !skipped).then(|| "it should have failed".to_owned())
}

/// The user is told what exists and which command continues. A run that succeeded was interrupted
/// in its last call, or when only read-only calls were left.
fn check_resumable(_: Fault, _operation: &str, lab: &str, run: &CommandRun) -> Option<String> {
    if succeeded(run) {
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
    let partial = message.contains("done: ")
        && message.contains("not finished: ")
        && hints.contains("continues from here");
    let unverified = hints.contains("Everything was removed");
    let names_lab = hints.contains(&format!("--lab {lab}"));
    let is_told = untouched || ((partial || unverified) && names_lab);
    (!is_told).then(|| "it should have said what exists and how to continue".to_owned())
}

/// Expired credentials end the command with their own exit code.
fn check_credentials(_: Fault, _operation: &str, _lab: &str, run: &CommandRun) -> Option<String> {
    let is_told = run.code == 3 && run.document["error"]["kind"] == "credentials";
    (!is_told).then(|| "it should have ended with a credentials error".to_owned())
}

/// Permanent faults, by what each must end with.
fn check_permanent(fault: Fault, operation: &str, lab: &str, run: &CommandRun) -> Option<String> {
    if fault == Fault::Expired {
        check_credentials(fault, operation, lab, run)
    } else {
        check_named(fault, operation, lab, run)
    }
}

#[test]
fn interrupted() {
    try_every_call(&[Fault::Interrupt], SIDE_BY_SIDE, check_resumable);
}

#[test]
fn denied() {
    let faults = &[Fault::Denied, Fault::Expired];
    try_every_call(faults, SIDE_BY_SIDE, check_permanent);
}

#[test]
fn fails_once() {
    let faults = &[Fault::Lost, Fault::FailsOnce, Fault::Throttled];
    try_every_call(faults, SIDE_BY_SIDE, check_success);
}

#[test]
fn keeps_failing() {
    try_every_call(&[Fault::Failing], WAITING_SIDE_BY_SIDE, check_permanent);
}

#[test]
fn second_interruption_ends_at_once() {
    let harness = Harness::with_stub_handlers(1000);
    let proxy = Proxy::new(&harness.cloud);
    // The table, say, is never answered for.
    proxy.inject(CallSelector::Nth(20), Fault::Stuck);
    let output = harness.start(&proxy, &["up", "--lab", "stuck"]).end();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    assert!(output.stdout.is_empty(), "it ended by itself: {output:?}");
    assert!(
        !proxy.log().unacknowledged,
        "the first interruption was not acknowledged: {output:?}"
    );
    for (command, wanted) in [("up", complete_lab("stuck")), ("down", Vec::new())] {
        let again = CommandRun::without_fault(&harness, &proxy, command, "stuck");
        assert_eq!(again.code, 0, "{}", again.document);
        assert_eq!(harness.resources_of("stuck"), wanted);
    }
}
