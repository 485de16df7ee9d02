//! Made-up worlds: orders put where they belong but for what a test changes, and the account
//! must find exactly that.

use order::{Block, Fault, Faults, Plan};
use proptest::prelude::*;

use super::super::record::Header;
use super::*;

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

/// What became of one order.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Fate {
    Right,
    Waiting,
    Lost,
    Altered,
    Dead,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        8 => Just(Fate::Right),
        1 => Just(Fate::Waiting),
        1 => Just(Fate::Lost),
        1 => Just(Fate::Altered),
        1 => Just(Fate::Dead),
    ]
}

proptest! {
    #[test]
    fn the_account_finds_exactly_what_is_wrong(seed: u64, fates in proptest::collection::vec(fate(), 1..200)) {
        let count = fates.len() as u64;
        let run = run("r", seed, count, whole(count));
        let plan = run.header.plan.clone();
        let mut builder = AuditBuilder::open(vec![run]).expect("a sound record");
        let mut want = RunAudit { sent: count, ..RunAudit::default() };
        let mut waiting = 0;
        for (index, fate) in (0..).zip(&fates) {
            let made = plan.order(index).expect("in the block");
            let place = Some(("r".to_owned(), index));
            match (&made.expected, fate) {
                (_, Fate::Waiting) => waiting += 1,
                (_, Fate::Lost) => want.missing.count += 1,
                (Ok(order), Fate::Right) => {
                    want.stored += 1;
                    builder.stored(&StoredOrder { number: made.number, details: order.details(), place });
                }
                (Ok(_), Fate::Altered) => {
                    want.altered.count += 1;
                    builder.stored(&StoredOrder { number: made.number, details: "{}".to_owned(), place });
                }
                (expected, _) => {
                    want.dead_lettered += 1;
                    want.dead_lettered_good.count += u64::from(expected.is_ok());
                    builder.dead(&DeadLetterRef { place, name: made.number.to_string() });
                }
            }
        }
        let account = builder.close(visible(waiting), 0);
        prop_assert_eq!(account.sent, want.sent);
        prop_assert_eq!(account.stored, want.stored);
        prop_assert_eq!(account.waiting, waiting);
        prop_assert_eq!(account.dead_lettered, want.dead_lettered);
        prop_assert_eq!(account.dead_lettered_good.count, want.dead_lettered_good.count);
        prop_assert_eq!(account.missing.count, want.missing.count);
        prop_assert_eq!(account.altered.count, want.altered.count);
        prop_assert_eq!(account.unexpected.count, 0);
        let all = account.stored + account.waiting + account.dead_lettered + account.missing.count + account.altered.count;
        prop_assert_eq!(all, account.sent);
    }
}

#[test]
fn what_nobody_sent_and_bad_orders_that_were_stored_are_unexpected() {
    let run = run("r", 1, 50, whole(20));
    let plan = run.header.plan.clone();
    let bad = (0..20).find(|index| {
        plan.order(*index)
            .is_some_and(|order| order.expected.is_err())
    });
    let mut builder = AuditBuilder::open(vec![run]).expect("a sound record");
    let places = [
        None,
        Some(("other".to_owned(), 0)),
        Some(("r".to_owned(), 20)),
        bad.map(|bad| ("r".to_owned(), bad)),
    ];
    for place in places {
        builder.stored(&StoredOrder {
            number: 7,
            details: String::new(),
            place,
        });
    }
    builder.dead(&DeadLetterRef {
        place: None,
        name: "a-message-id".to_owned(),
    });
    let account = builder.close(QueueCounts::default(), 0);
    assert_eq!(account.unexpected.count, 5);
    let shown = serde_json::to_value(&account.unexpected.orders).expect("text");
    let shown = shown.as_array().expect("a list");
    assert!(shown.contains(&"a-message-id".into()), "{shown:?}");
}

#[test]
fn what_was_sent_while_it_was_looked_is_not_unexpected() {
    let sent = |count| vec![Step::Sent(Range { first: 0, count })];
    let mut builder = AuditBuilder::open(vec![run("r", 1, 20, sent(10))]).expect("a sound record");
    let places = [("r", 10), ("new", 3), ("r", 15), ("unheard of", 0)];
    for (run, index) in places {
        builder.dead(&DeadLetterRef {
            place: Some((run.to_owned(), index)),
            name: format!("{run} {index}"),
        });
    }
    assert!(builder.has_unmatched());
    let begun = vec![Step::Began(Range { first: 0, count: 5 })];
    let by_now = vec![run("r", 1, 20, sent(12)), run("new", 2, 5, begun)];
    builder.reclassify(by_now).expect("sound records");
    let account = builder.close(visible(10), 0);
    assert_eq!(account.unexpected.orders, ["r 15", "unheard of 0"]);
    assert_eq!((account.sent, account.waiting), (10, 10));
}

#[test]
fn counts_that_lag_tell_that_orders_are_on_their_way_but_not_how_many() {
    let close = |visible, lagging| {
        let builder = AuditBuilder::open(vec![run("r", 1, 20, whole(20))]).expect("a sound record");
        let held = QueueCounts {
            lagging,
            ..self::visible(visible)
        };
        let account = builder.close(held, 0);
        (account.waiting, account.missing.count)
    };
    assert_eq!(close(1, false), (1, 19));
    assert_eq!(close(1, true), (20, 0));
    assert_eq!(close(0, true), (0, 20));
}

#[test]
fn letters_that_another_look_hides_are_not_missing() {
    let builder = AuditBuilder::open(vec![run("r", 1, 20, whole(20))]).expect("a sound record");
    let held = QueueCounts {
        orders: QueueDepth {
            visible: 2,
            in_flight: 3,
            delayed: 1,
        },
        hidden: 12,
        lagging: false,
    };
    let account = builder.close(held, 0);
    assert_eq!(
        (account.waiting, account.in_flight, account.hidden),
        (3, 3, 12)
    );
    assert_eq!((account.on_the_way(), account.missing.count), (18, 2));
    assert!(!account.is_settled());
    let account = account.none_missing_yet();
    assert_eq!((account.waiting, account.missing.count), (5, 0));
    assert!(account.is_clean() && account.missing.orders.is_empty());
}

#[test]
fn dead_letters_expire_and_good_orders_do_not() {
    let close = |age_ms| {
        let builder = AuditBuilder::open(vec![run("r", 1, 40, whole(40))]).expect("a sound record");
        builder.close(QueueCounts::default(), age_ms)
    };
    let retention_ms = u64::from(RETENTION_SECONDS) * 1000;
    assert_eq!(close(retention_ms - 1).missing.count, 40);
    let account = close(retention_ms);
    assert!(account.bad > 0 && account.good > 0);
    assert_eq!(account.expired, account.bad);
    assert_eq!(account.missing.count, account.good);
}

#[test]
fn orders_in_doubt_count_only_where_they_are_found() {
    let range = Range {
        first: 0,
        count: 10,
    };
    let run = run("r", 1, 10, vec![Step::Began(range)]);
    let plan = run.header.plan.clone();
    let mut builder = AuditBuilder::open(vec![run]).expect("a sound record");
    builder.dead(&DeadLetterRef {
        place: Some(("r".to_owned(), 3)),
        name: String::new(),
    });
    let account = builder.close(QueueCounts::default(), 0);
    assert_eq!(
        (account.sent, account.dead_lettered, account.missing.count),
        (1, 1, 0)
    );
    assert!(plan.order(3).is_some());
}

#[test]
fn an_order_that_is_stored_and_dead_counts_once_as_sent() {
    let run = run("r", 1, 40, whole(40));
    let plan = run.header.plan.clone();
    let index = (0..40)
        .find(|index| {
            plan.order(*index)
                .is_some_and(|order| order.expected.is_ok())
        })
        .expect("a good one");
    let made = plan.order(index).expect("in the block");
    let mut builder = AuditBuilder::open(vec![run]).expect("a sound record");
    let place = Some(("r".to_owned(), index));
    let details = made.expected.expect("good").details();
    builder.stored(&StoredOrder {
        number: made.number,
        details,
        place: place.clone(),
    });
    builder.dead(&DeadLetterRef {
        place: place.clone(),
        name: String::new(),
    });
    builder.dead(&DeadLetterRef {
        place,
        name: String::new(),
    });
    let account = builder.close(visible(39), 0);
    assert_eq!(
        (account.sent, account.stored, account.dead_lettered),
        (40, 1, 1)
    );
    assert_eq!(
        (
            account.dead_lettered_good.count,
            account.waiting,
            account.missing.count
        ),
        (1, 39, 0)
    );
}

#[test]
fn a_record_that_sends_more_than_it_has_is_named() {
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
        AuditBuilder::open(vec![run])
            .expect_err("too much")
            .contains("run r")
    );
}
