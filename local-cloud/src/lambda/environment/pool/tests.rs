//! Which invocations may run, and which are throttled.

use futures_util::FutureExt as _;

use super::*;
use crate::clock::{LabMs, Now};
use crate::ids::SeededIds;
use crate::lambda::engine::{Configuration, Loaded, NewFunction, Registry};

fn function(name: &str, reserved: Option<u32>) -> Function {
    let mut registry = Registry::load(("000000000000", "us-east-1"), Loaded::default()).unwrap();
    let text = |text: &str| Some(text.to_owned());
    let new = NewFunction {
        name: name.to_owned(),
        configuration: Configuration {
            role_arn: text("arn:aws:iam::000000000000:role/r"),
            runtime: text("provided.al2023"),
            handler: text("bootstrap"),
            ..Configuration::default()
        },
        ..NewFunction::default()
    };
    let now = Now {
        wall: WallMs(0),
        lab: LabMs(0),
    };
    let created = registry.create_function(new, now, &mut SeededIds(1));
    let mut function = created.unwrap().0;
    function.reserved_concurrency = reserved;
    function
}

/// The slot, or why there is none. Never waits for a permit.
fn slot(pool: &Arc<Pool>, function: &Function, shared: u32) -> Result<Slot, String> {
    let outcome = pool.slot(function, shared).now_or_never();
    outcome.expect("a permit is free").map_err(|error| {
        assert_eq!(
            (&*error.code, error.status),
            ("TooManyRequestsException", 429)
        );
        assert_eq!(error.message, "Rate Exceeded.");
        error.members[0].1.as_str().unwrap().to_owned()
    })
}

#[test]
fn reserved_concurrency_is_a_limit() {
    let pool = Pool::new();
    let (one, none) = (function("one", Some(1)), function("none", Some(0)));
    let held = slot(&pool, &one, 0).unwrap();
    let reason = "ReservedFunctionConcurrentInvocationLimitExceeded";
    assert_eq!(slot(&pool, &one, 0).unwrap_err(), reason);
    assert_eq!(slot(&pool, &none, 10).unwrap_err(), reason);
    drop(held);
    assert!(slot(&pool, &one, 0).is_ok());
}

#[test]
fn functions_without_reservations_share_the_rest() {
    let pool = Pool::new();
    let (a, b) = (function("a", None), function("b", None));
    let reserved = function("c", Some(1));
    let held = [slot(&pool, &a, 2).unwrap(), slot(&pool, &b, 2).unwrap()];
    let reason = "ConcurrentInvocationLimitExceeded";
    assert_eq!(slot(&pool, &a, 2).unwrap_err(), reason);
    assert!(slot(&pool, &reserved, 2).is_ok());
    drop(held);
    assert!(slot(&pool, &a, 2).is_ok());
}
