//! An invocation whose answer is an error, or is lost, may have run: the SDK never attempts one a
//! second time by itself. `simulate` sends the range again, as an invocation of its own, which
//! stores nothing twice.

use crate::support::fault::{Call, Fault, Which};
use crate::support::harness::Bench;
use crate::support::injection_points::Run;
use crate::support::lab::document;
use crate::support::proxy::Proxy;

const INVOKE: &str = "lambda:Invoke";

#[test]
fn an_invocation_is_attempted_once() {
    let bench = Bench::new(50);
    let proxy = Proxy::new(&bench.cloud);
    let up = Run::clean(&bench, &proxy, "up", "once");
    assert_eq!(up.code, 0, "{}", up.document);
    for fault in [Fault::FailsOnce, Fault::Throttled, Fault::Lost] {
        let calls = simulate(&bench, &proxy, fault);
        let (invocations, others): (Vec<_>, Vec<_>) =
            calls.iter().partition(|call| call.operation == INVOKE);
        let attempts: Vec<&str> = invocations.iter().map(|call| &*call.attempt).collect();
        assert_eq!(attempts, ["attempt=1; max=1"; 2], "{}", fault.name());
        assert_eq!(invocations[0].essence(), invocations[1].essence());
        // So do others tell, of which the SDK makes more than one attempt.
        assert!(others.iter().any(|call| call.attempt.contains("max=6")));
    }
    let audit = Run::clean(&bench, &proxy, "audit", "once").document;
    assert_eq!(
        (&audit["sent"], &audit["stored"]),
        (&60.into(), &60.into()),
        "{audit}"
    );
}

/// Sends orders, the first invocation spoiled; what was called.
fn simulate(bench: &Bench, proxy: &Proxy, fault: Fault) -> Vec<Call> {
    proxy.spoil(Which::First(INVOKE.to_owned()), fault);
    let arguments = [
        "simulate",
        "--lab",
        "once",
        "--count",
        "20",
        "--fault-rate",
        "0",
    ];
    let (code, document) = document(&arguments, &bench.start(proxy, &arguments).end());
    assert_eq!(code, 0, "{}: {document}", fault.name());
    let seen = proxy.seen();
    assert_eq!(seen.spoiled.as_deref(), Some(INVOKE));
    seen.calls
}
