//! Orders are put where they belong but for what a test changes; the audit must find exactly that.

use order::{Block, Fault, Faults, Order, Plan};
use proptest::prelude::*;

use super::*;
use crate::runs::Header;

fn run(name: &str, seed: u64, count: u64, steps: Vec<Step>) -> Run {
    let plan = Plan {
        seed,
        block: Block {
            first: 100_000_000_001,
            size: 10_000_000,
        },
        faults: Faults {
            rate: 0.3,
            kinds: Fault::ALL.to_vec(),
        },
    };
    Run {
        header: Header::new(name.to_owned(), plan, count, 0),
        steps,
    }
}

fn whole(count: u64) -> Vec<Step> {
    let range = Range { first: 0, count };
    vec![Step::Began(range), Step::Sent(range)]
}

fn order_id(run: &str, index: u64) -> Option<OrderId> {
    Some(OrderId {
        run: run.to_owned(),
        index,
    })
}

/// Exact counts: so many orders wait.
fn visible(visible: u64) -> QueueCounts {
    let orders = QueueDepth {
        visible,
        ..QueueDepth::default()
    };
    QueueCounts {
        orders,
        ..QueueCounts::default()
    }
}

/// What happened to one order.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Outcome {
    Correct,
    Waiting,
    Lost,
    Altered,
    DeadLettered,
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        8 => Just(Outcome::Correct),
        1 => Just(Outcome::Waiting),
        1 => Just(Outcome::Lost),
        1 => Just(Outcome::Altered),
        1 => Just(Outcome::DeadLettered),
    ]
}

proptest! {
    #[test]
    fn the_audit_finds_exactly_what_is_wrong(seed: u64, outcomes in proptest::collection::vec(outcome(), 1..200)) {
        let count = outcomes.len() as u64;
        let run = run("r", seed, count, whole(count));
        let plan = run.header.plan.clone();
        let mut builder = AuditBuilder::new(vec![run]).expect("a sound record");
        let mut want = RunAudit { sent: count, ..RunAudit::default() };
        let mut waiting = 0;
        for (index, outcome) in (0..).zip(&outcomes) {
            let made = plan.order(index).expect("in the block");
            let id = order_id("r", index);
            match (&made.expected, outcome) {
                (_, Outcome::Waiting) => waiting += 1,
                (_, Outcome::Lost) => want.missing.count += 1,
                (Ok(order), Outcome::Correct) => {
                    want.stored += 1;
                    builder.add_stored(&StoredOrder { number: made.number, details: order.details(), id });
                }
                (Ok(_), Outcome::Altered) => {
                    want.altered.count += 1;
                    builder.add_stored(&StoredOrder { number: made.number, details: "{}".to_owned(), id });
                }
                (expected, _) => {
                    want.dead_lettered += 1;
                    want.dead_lettered_good.count += u64::from(expected.is_ok());
                    builder.add_dead_letter(&DeadLetterRef { id, name: made.number.to_string() });
                }
            }
        }
        let audit = builder.finish(visible(waiting), 0);
        prop_assert_eq!(audit.sent, want.sent);
        prop_assert_eq!(audit.stored, want.stored);
        prop_assert_eq!(audit.waiting, waiting);
        prop_assert_eq!(audit.dead_lettered, want.dead_lettered);
        prop_assert_eq!(audit.dead_lettered_good.count, want.dead_lettered_good.count);
        prop_assert_eq!(audit.missing.count, want.missing.count);
        prop_assert_eq!(audit.altered.count, want.altered.count);
        prop_assert_eq!(audit.unexpected.count, 0);
        let all = audit.stored + audit.waiting + audit.dead_lettered + audit.missing.count + audit.altered.count;
        prop_assert_eq!(all, audit.sent);
    }
}

#[test]
fn orders_never_sent_are_unexpected() {
    let run = run("r", 1, 50, whole(20));
    let plan = run.header.plan.clone();
    let bad = (0..20).find(|index| {
        plan.order(*index)
            .is_some_and(|order| order.expected.is_err())
    });
    let mut builder = AuditBuilder::new(vec![run]).expect("a sound record");
    let ids = [
        None,
        order_id("other", 0),
        order_id("r", 20),
        bad.and_then(|bad| order_id("r", bad)),
    ];
    for id in ids {
        builder.add_stored(&StoredOrder {
            number: 7,
            details: String::new(),
            id,
        });
    }
    builder.add_dead_letter(&DeadLetterRef {
        id: None,
        name: "a-message-id".to_owned(),
    });
    let audit = builder.finish(QueueCounts::default(), 0);
    assert_eq!(audit.unexpected.count, 5);
    let orders = serde_json::to_value(&audit.unexpected.orders).expect("text");
    let shown = orders.as_array().expect("a list");
    assert!(shown.contains(&"a-message-id".into()), "{shown:?}");
}

#[test]
fn repaired_orders_are_neither_altered_nor_unexpected() {
    let run = run("r", 1, 200, whole(200));
    let plan = run.header.plan.clone();
    let orders = (0..200).filter_map(|index| Some((index, plan.order(index)?)));
    let (index, bad) = orders
        .clone()
        .find(|(_, order)| order.expected.is_err())
        .expect("a bad order");
    let (_, good) = orders
        .clone()
        .find(|(_, order)| order.expected.is_ok())
        .expect("a good order");
    let repaired = Order {
        order_number: bad.number,
        ..good.expected.expect("a good order")
    };
    let audit_of = |details: String, is_left: bool| {
        let id = order_id("r", index);
        let repairs = Repairs::one(id.clone().expect("an id"), &repaired);
        let builder = AuditBuilder::new(vec![run.clone()]).expect("a sound record");
        let mut builder = builder.with_repairs(repairs);
        builder.add_stored(&StoredOrder {
            number: bad.number,
            details,
            id: id.clone(),
        });
        if is_left {
            let name = bad.number.to_string();
            builder.add_dead_letter(&DeadLetterRef { id, name });
        }
        builder.finish(visible(199), 0)
    };
    let copied = audit_of(repaired.details(), true);
    assert_eq!((copied.repaired, copied.dead_lettered), (1, 0));
    let audit = audit_of(repaired.details(), false);
    assert!(audit.is_clean(), "{audit:?}");
    assert_eq!((audit.repaired, audit.stored, audit.waiting), (1, 0, 199));
    let other = audit_of("{}".to_owned(), false);
    assert_eq!((other.repaired, other.unexpected.count), (0, 1));
}

#[test]
fn orders_sent_meanwhile_are_not_unexpected() {
    let sent = |count| vec![Step::Sent(Range { first: 0, count })];
    let mut builder = AuditBuilder::new(vec![run("r", 1, 20, sent(10))]).expect("a sound record");
    let ids = [("r", 10), ("new", 3), ("r", 15), ("unknown", 0)];
    for (run, index) in ids {
        builder.add_dead_letter(&DeadLetterRef {
            id: order_id(run, index),
            name: format!("{run} {index}"),
        });
    }
    assert!(builder.has_unmatched());
    let begun = vec![Step::Began(Range { first: 0, count: 5 })];
    let by_now = vec![run("r", 1, 20, sent(12)), run("new", 2, 5, begun)];
    builder.reclassify(by_now).expect("sound records");
    let audit = builder.finish(visible(10), 0);
    assert_eq!(audit.unexpected.orders, ["r 15", "unknown 0"]);
    assert_eq!((audit.sent, audit.waiting), (10, 10));
}

#[test]
fn lagging_counts_explain_all_lost_orders() {
    let close = |visible, lagging| {
        let builder = AuditBuilder::new(vec![run("r", 1, 20, whole(20))]).expect("a sound record");
        let counts = QueueCounts {
            lagging,
            ..self::visible(visible)
        };
        let audit = builder.finish(counts, 0);
        (audit.waiting, audit.missing.count)
    };
    assert_eq!(close(1, false), (1, 19));
    assert_eq!(close(1, true), (20, 0));
    assert_eq!(close(0, true), (0, 20));
}

#[test]
fn missing_orders_are_named_once_the_others_are_found() {
    let close = |waiting| {
        let builder = AuditBuilder::new(vec![run("r", 1, 20, whole(20))]).expect("a sound record");
        let audit = builder.finish(visible(waiting), 0);
        let named = audit.missing.orders.len();
        (audit.missing.count, named, audit.missing_candidates.count)
    };
    assert_eq!(close(20), (0, 0, 0));
    assert_eq!(close(19), (1, 0, 20));
    assert_eq!(close(0), (20, 20, 0));
}

#[test]
fn hidden_dead_letters_are_not_missing() {
    let builder = AuditBuilder::new(vec![run("r", 1, 20, whole(20))]).expect("a sound record");
    let counts = QueueCounts {
        orders: QueueDepth {
            visible: 2,
            in_flight: 3,
            delayed: 1,
        },
        hidden: 12,
        lagging: false,
    };
    let audit = builder.finish(counts, 0);
    assert_eq!((audit.waiting, audit.in_flight, audit.hidden), (3, 3, 12));
    assert_eq!((audit.in_progress(), audit.missing.count), (18, 2));
    assert!(!audit.is_settled());
    let early = audit.none_missing_yet();
    assert_eq!((early.waiting, early.missing.count), (5, 0));
    assert!(early.is_clean() && early.missing.orders.is_empty());
}

#[test]
fn only_dead_letters_expire() {
    let close = |age_ms| {
        let builder = AuditBuilder::new(vec![run("r", 1, 40, whole(40))]).expect("a sound record");
        builder.finish(QueueCounts::default(), age_ms)
    };
    let retention_ms = u64::from(RETENTION_SECONDS) * 1000;
    assert_eq!(close(retention_ms - 1).missing.count, 40);
    let audit = close(retention_ms);
    assert!(audit.bad > 0 && audit.good > 0);
    assert_eq!(audit.expired, audit.bad);
    assert_eq!(audit.missing.count, audit.good);
}

#[test]
fn unconfirmed_orders_count_where_found() {
    let range = Range {
        first: 0,
        count: 10,
    };
    let run = run("r", 1, 10, vec![Step::Began(range)]);
    let plan = run.header.plan.clone();
    let mut builder = AuditBuilder::new(vec![run]).expect("a sound record");
    builder.add_dead_letter(&DeadLetterRef {
        id: order_id("r", 3),
        name: String::new(),
    });
    let audit = builder.finish(QueueCounts::default(), 0);
    assert_eq!(
        (audit.sent, audit.dead_lettered, audit.missing.count),
        (1, 1, 0)
    );
    assert!(plan.order(3).is_some());
}

#[test]
fn an_order_found_twice_was_sent_once() {
    let run = run("r", 1, 40, whole(40));
    let plan = run.header.plan.clone();
    let index = (0..40)
        .find(|index| {
            plan.order(*index)
                .is_some_and(|order| order.expected.is_ok())
        })
        .expect("a good one");
    let made = plan.order(index).expect("in the block");
    let mut builder = AuditBuilder::new(vec![run]).expect("a sound record");
    let id = order_id("r", index);
    let details = made.expected.expect("good").details();
    builder.add_stored(&StoredOrder {
        number: made.number,
        details,
        id: id.clone(),
    });
    builder.add_dead_letter(&DeadLetterRef {
        id: id.clone(),
        name: String::new(),
    });
    builder.add_dead_letter(&DeadLetterRef {
        id,
        name: String::new(),
    });
    let audit = builder.finish(visible(39), 0);
    assert_eq!((audit.sent, audit.stored, audit.dead_lettered), (40, 1, 1));
    assert_eq!(
        (
            audit.dead_lettered_good.count,
            audit.waiting,
            audit.missing.count
        ),
        (1, 39, 0)
    );
}

#[test]
fn a_contradictory_record_is_named() {
    let run = run(
        "r",
        1,
        5,
        vec![Step::Sent(Range {
            first: 1,
            count: u64::MAX,
        })],
    );
    assert!(
        AuditBuilder::new(vec![run])
            .expect_err("too much")
            .contains("run r")
    );
}
