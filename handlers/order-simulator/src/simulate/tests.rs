use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Mutex;

use futures_util::FutureExt as _;
use order::{Block, FIRST_NUMBER, Faults, Plan};
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// A queue in memory that refuses some entries.
#[derive(Default)]
struct Fake {
    /// How often each index is still to be refused.
    refusals: Mutex<BTreeMap<u64, u32>>,
    /// Whether a refused entry cannot be retried.
    is_fatal: bool,
    taken: Mutex<Vec<u64>>,
}

impl Queue for Fake {
    async fn send(&self, _run: &str, entries: &[Entry]) -> Vec<Rejected> {
        assert!((1..=10).contains(&entries.len()));
        let mut refusals = self.refusals.lock().unwrap();
        let mut rejected = Vec::new();
        for Entry { index, .. } in entries {
            match refusals.get_mut(index).filter(|left| **left > 0) {
                Some(left) => {
                    *left -= 1;
                    let (code, message) = ("RequestThrottled".to_owned(), "slow down".to_owned());
                    rejected.push(Rejected {
                        index: *index,
                        code,
                        message,
                        can_retry: !self.is_fatal,
                    });
                }
                None => self.taken.lock().unwrap().push(*index),
            }
        }
        rejected
    }
}

fn plan() -> Plan {
    Plan {
        seed: 7,
        block: Block {
            first: FIRST_NUMBER,
            size: 10_000_000,
        },
        faults: Faults::default(),
    }
}

fn event(first: u64, count: u64) -> serde_json::Value {
    json!({"run": "r-1", "plan": plan(), "first": first, "count": count})
}

fn run(
    queue: &Fake,
    event: serde_json::Value,
) -> (Result<SimulateReport, SimulateError>, Vec<Duration>) {
    let pauses = RefCell::new(Vec::new());
    let pause = |pause| {
        pauses.borrow_mut().push(pause);
        async {}
    };
    let outcome = simulate(queue, event, pause)
        .now_or_never()
        .expect("nothing here waits");
    (outcome, pauses.into_inner())
}

fn taken(queue: &Fake) -> Vec<u64> {
    let mut taken = queue.taken.lock().unwrap().clone();
    taken.sort_unstable();
    taken
}

#[test]
fn the_range_is_sent_in_batches_of_ten() {
    let queue = Fake::default();
    let report = run(&queue, event(95, 23)).0.unwrap();
    assert_eq!((report.sent, report.requests, report.retried), (23, 3, 0));
    assert_eq!(taken(&queue), (95..118).collect::<Vec<_>>());
}

#[test]
fn a_batch_stays_far_below_a_mebibyte() {
    let mut plan = plan();
    plan.faults = Faults {
        rate: 0.5,
        kinds: order::Fault::ALL.to_vec(),
    };
    let largest = batches(&plan, 0, 10_000)
        .flatten()
        .map(|entry| entry.body.len())
        .max()
        .unwrap();
    let attributes = 128 + 20 + 64;
    assert!(largest + attributes < 1024, "{largest}");
}

#[test]
fn pauses_double() {
    let queue = Fake {
        refusals: Mutex::new(BTreeMap::from([(3, 3)])),
        ..Fake::default()
    };
    let (report, pauses) = run(&queue, event(0, 10));
    assert_eq!(pauses, [100, 200, 400].map(Duration::from_millis));
    assert_eq!(report.unwrap().retried, 3);
}

#[test]
fn a_fatal_refusal_reports_what_was_sent() {
    let queue = Fake {
        refusals: Mutex::new(BTreeMap::from([(12, 1)])),
        is_fatal: true,
        ..Fake::default()
    };
    let (outcome, pauses) = run(&queue, event(0, 1000));
    let Err(SimulateError::NotSent {
        sent,
        count,
        rejected,
    }) = outcome
    else {
        panic!("{outcome:?}")
    };
    assert_eq!(
        (sent, count, rejected.index),
        (taken(&queue).len() as u64, 1000, 12)
    );
    assert!(sent < 1000, "no batch is begun after one has failed");
    assert!(pauses.is_empty());
}

#[test]
fn attempts_are_limited() {
    let refusals = (0..10).map(|index| (index, u32::MAX)).collect();
    let queue = Fake {
        refusals: Mutex::new(refusals),
        ..Fake::default()
    };
    let (outcome, pauses) = run(&queue, event(0, 10));
    assert_eq!(pauses.len(), 5);
    let diagnostic = lambda_runtime::Diagnostic::from(outcome.unwrap_err());
    assert_eq!(diagnostic.error_type, "OrdersNotSent");
    assert!(
        diagnostic
            .error_message
            .starts_with("the queue accepted 0 of 10 orders")
    );
}

#[test]
fn an_invalid_request_sends_nothing() {
    let mut bad_plan = event(0, 1);
    bad_plan["plan"]["faults"]["rate"] = json!(2.0);
    let mut bad_run = event(0, 1);
    bad_run["run"] = json!("a b");
    let invalid = [
        event(0, 0),
        event(0, 10_001),
        event(9_999_999, 2),
        event(u64::MAX, 2),
        bad_plan,
        bad_run,
        json!("hello"),
        json!({"run": "r-1"}),
    ];
    for event in invalid {
        let queue = Fake::default();
        let diagnostic = lambda_runtime::Diagnostic::from(run(&queue, event).0.unwrap_err());
        assert_eq!(
            diagnostic.error_type, "InvalidRequest",
            "{}",
            diagnostic.error_message
        );
        assert!(taken(&queue).is_empty());
    }
}

proptest! {
    #[test]
    fn each_order_is_sent_once_despite_throttling(
        refusals in prop::collection::btree_map(0_u64..200, 0_u32..5, 0..60),
        count in 1_u64..200,
    ) {
        let queue = Fake { refusals: Mutex::new(refusals), ..Fake::default() };
        let report = run(&queue, event(0, count)).0.unwrap();
        prop_assert_eq!(report.sent, count);
        prop_assert_eq!(taken(&queue), (0..count).collect::<Vec<_>>());
    }
}
