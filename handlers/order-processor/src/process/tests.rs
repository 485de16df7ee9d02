use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use futures_util::FutureExt as _;
use order::{Block, FIRST_NUMBER, Fault, Faults, Plan};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

/// A table in memory that fails for some numbers.
#[derive(Default)]
struct Fake {
    rows: Mutex<BTreeMap<u64, Identity>>,
    failing: BTreeSet<u64>,
}

impl Store for Fake {
    async fn insert(&self, items: &[Item]) -> Vec<Result<Identity, StoreError>> {
        let numbers: BTreeSet<u64> = items.iter().map(|item| item.number).collect();
        assert_eq!(
            numbers.len(),
            items.len(),
            "the numbers of one insert differ"
        );
        let insert = |item: &Item| {
            if self.failing.contains(&item.number) {
                let (code, message) = ("ThrottlingError".to_owned(), "slow down".to_owned());
                return Err(StoreError { code, message });
            }
            Ok(self
                .rows
                .lock()
                .unwrap()
                .entry(item.number)
                .or_insert_with(|| item.identity.clone())
                .clone())
        };
        items.iter().map(insert).collect()
    }
}

fn run(store: &Fake, records: Vec<Value>) -> Result<Processed, InvalidEvent> {
    process(store, json!({ "Records": records }), 1)
        .now_or_never()
        .expect("nothing here waits")
}

fn record(id: &str, body: &str, index: u64) -> Value {
    json!({
        "messageId": id,
        "body": body,
        "attributes": {"SentTimestamp": "1700000000000", "ApproximateReceiveCount": "2"},
        "messageAttributes": {
            "orders-lab.run": {"stringValue": "r-1", "dataType": "String"},
            "orders-lab.index": {"stringValue": index.to_string(), "dataType": "Number"},
        },
    })
}

fn good(number: u64, items: u32) -> String {
    format!(
        r#"{{"order_number":{number},"num_items":{items},"price_per_item":110.0,"item_description":"zTV"}}"#
    )
}

fn failures(processed: &Processed) -> Vec<(&str, &str)> {
    let named: Vec<&str> = processed
        .response
        .batch_item_failures
        .iter()
        .map(|failure| failure.item_identifier.as_str())
        .collect();
    let logged: Vec<&str> = processed
        .failures
        .iter()
        .map(|failure| failure.message_id.as_str())
        .collect();
    assert_eq!(named, logged);
    processed
        .failures
        .iter()
        .map(|failure| (failure.message_id.as_str(), failure.reason.as_str()))
        .collect()
}

#[test]
fn storing_an_order_again_changes_nothing() {
    let store = Fake::default();
    let body = good(FIRST_NUMBER, 2);
    for _ in 0..2 {
        let processed = run(&store, vec![record("a", &body, 0), record("b", &body, 0)]).unwrap();
        assert_eq!(failures(&processed), []);
    }
    assert_eq!(store.rows.lock().unwrap().len(), 1);
}

#[test]
fn a_different_order_with_a_used_number_is_refused() {
    let store = Fake::default();
    let (one, two) = (good(FIRST_NUMBER, 1), good(FIRST_NUMBER, 2));
    let processed = run(&store, vec![record("a", &one, 0), record("b", &two, 0)]).unwrap();
    assert_eq!(failures(&processed), [("b", "number_taken")]);
    let processed = run(
        &store,
        vec![
            record("c", &two, 0),
            record("d", &one, 1),
            record("e", &one, 0),
        ],
    )
    .unwrap();
    assert_eq!(
        failures(&processed),
        [("c", "number_taken"), ("d", "number_taken")]
    );
    let stored = store.rows.lock().unwrap()[&FIRST_NUMBER].clone();
    assert_eq!(
        stored.details,
        order::parse(one.as_bytes()).unwrap().details()
    );
}

#[test]
fn a_store_failure_is_not_a_refusal() {
    let store = Fake {
        failing: BTreeSet::from([FIRST_NUMBER]),
        ..Fake::default()
    };
    let records = vec![
        record("a", &good(FIRST_NUMBER, 1), 0),
        record("b", &good(FIRST_NUMBER + 1, 1), 1),
    ];
    let processed = run(&store, records).unwrap();
    assert_eq!(failures(&processed), [("a", "ThrottlingError")]);
    let line = serde_json::to_value(&processed.failures[0]).unwrap();
    assert_eq!(
        line,
        json!({
            "event": "order_not_stored", "message_id": "a", "attempt": 2, "order_number": FIRST_NUMBER,
            "reason": "ThrottlingError", "detail": "slow down", "run": "r-1", "index": 0,
        })
    );
}

#[test]
fn a_message_without_a_body_is_refused() {
    let records = vec![
        json!({"messageId": "a", "body": null}),
        json!({"messageId": "b"}),
    ];
    let processed = run(&Fake::default(), records).unwrap();
    assert_eq!(failures(&processed), [("a", "no_body"), ("b", "no_body")]);
}

#[test]
fn an_invalid_event_stores_nothing() {
    let store = Fake::default();
    let records = vec![
        record("a", &good(FIRST_NUMBER, 1), 0),
        json!({"body": "{}"}),
    ];
    assert!(matches!(
        run(&store, records),
        Err(InvalidEvent::NoMessageId)
    ));
    let other = process(&store, json!({"hello": 1}), 1)
        .now_or_never()
        .unwrap();
    assert!(matches!(other, Err(InvalidEvent::NotABatch(_))));
    assert!(store.rows.lock().unwrap().is_empty());
}

proptest! {
    /// Whatever is delivered, how often, and in what batches: exactly the bad orders and those for
    /// which the store fails are reported, and no stored order changes.
    #[test]
    fn exactly_the_failed_orders_are_reported(
        seed: u64,
        deliveries in prop::collection::vec(prop::collection::vec(0_u64..40, 1..=10), 1..12),
        failing in prop::collection::btree_set(0_u64..40, 0..5),
    ) {
        let faults = Faults { rate: 0.3, kinds: Fault::ALL.to_vec() };
        let plan = Plan { seed, block: Block { first: FIRST_NUMBER, size: 40 }, faults };
        let failing = failing.iter().map(|index| plan.number(*index).unwrap()).collect();
        let store = Fake { failing, ..Fake::default() };
        for batch in deliveries {
            let before = store.rows.lock().unwrap().clone();
            let message = |(at, index): (usize, &u64)| {
                record(&at.to_string(), &plan.order(*index).unwrap().body, *index)
            };
            let processed = run(&store, batch.iter().enumerate().map(message).collect()).unwrap();
            let named: Vec<String> = failures(&processed).iter().map(|(id, _)| (*id).to_owned()).collect();
            let is_to_fail = |index: u64| {
                let order = plan.order(index).unwrap();
                order.expected.is_err() || store.failing.contains(&order.number)
            };
            let expected: Vec<String> = (0..batch.len())
                .filter(|at| is_to_fail(batch[*at])).map(|at| at.to_string()).collect();
            prop_assert_eq!(named, expected);
            let after = store.rows.lock().unwrap();
            prop_assert!(before.iter().all(|(number, row)| after.get(number) == Some(row)));
        }
    }
}
