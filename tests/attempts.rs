//! An invocation whose answer is an error, or is lost, may have run, so the SDK attempts it only
//! once. `simulate` sends the range again as another invocation, which stores nothing twice.

use crate::support::fault::{Call, CallSelector, Fault};
use crate::support::harness::Harness;
use crate::support::injection_points::CommandRun;
use crate::support::lab::document;
use crate::support::proxy::Proxy;

const INVOKE: &str = "lambda:Invoke";

#[test]
fn invocation_is_attempted_once() {
    let harness = Harness::new(50);
    let proxy = Proxy::new(&harness.cloud);
    let up = CommandRun::without_fault(&harness, &proxy, "up", "once");
    assert_eq!(up.code, 0, "{}", up.document);
    for fault in [Fault::FailsOnce, Fault::Throttled, Fault::Lost] {
        let calls = simulate(&harness, &proxy, fault);
        let (invocations, others): (Vec<_>, Vec<_>) =
            calls.iter().partition(|call| call.operation == INVOKE);
        let attempts: Vec<&str> = invocations.iter().map(|call| &*call.attempt).collect();
        assert_eq!(attempts, ["attempt=1; max=1"; 2], "{}", fault.name());
        assert_eq!(invocations[0].fingerprint(), invocations[1].fingerprint());
        // Of other calls the SDK makes more than one attempt.
        assert!(others.iter().any(|call| call.attempt.contains("max=6")));
    }
    let audit = CommandRun::without_fault(&harness, &proxy, "audit", "once").document;
    assert_eq!(
        (&audit["sent"], &audit["stored"]),
        (&60.into(), &60.into()),
        "{audit}"
    );
}

/// Sends orders with a fault in the first invocation. Returns the calls.
fn simulate(harness: &Harness, proxy: &Proxy, fault: Fault) -> Vec<Call> {
    proxy.inject(CallSelector::NthOf(INVOKE.to_owned(), 1), fault);
    let arguments = [
        "simulate",
        "--lab",
        "once",
        "--count",
        "20",
        "--fault-rate",
        "0",
    ];
    let (code, document) = document(&arguments, &harness.start(proxy, &arguments).end());
    assert_eq!(code, 0, "{}: {document}", fault.name());
    let log = proxy.log();
    assert_eq!(log.injected.as_deref(), Some(INVOKE));
    log.calls
}
