//! Many orders with every fault: each is accounted for, and exactly the bad ones are dead-lettered.

use crate::support::lab::Lab;

#[test]
fn only_bad_orders_are_dead_lettered() {
    let lab = Lab::up();
    let run = lab.good(&[
        "simulate",
        "--count",
        "2000",
        "--fault-rate",
        "0.3",
        "--faults",
        "all",
        "--seed",
        "3",
    ]);
    let audit = lab.good(&["audit"]);
    assert_eq!(audit["sent"], 2000);
    assert_eq!(audit["dead_lettered"], run["bad"]);
    assert_eq!(audit["stored"], run["good"]);
    let inspected = lab.good(&["dlq"]);
    assert_eq!(
        inspected["messages"]
            .as_array()
            .map(Vec::len)
            .map(|count| count as u64),
        run["bad"].as_u64()
    );
    assert!(
        inspected["reasons"]
            .as_object()
            .is_some_and(|reasons| reasons.len() >= 4),
        "{}",
        inspected["reasons"]
    );
}

#[test]
fn runs_do_not_collide() {
    let lab = Lab::up();
    for _ in 0..3 {
        lab.good(&[
            "simulate",
            "--count",
            "30",
            "--seed",
            "1",
            "--fault-rate",
            "0",
        ]);
    }
    assert_eq!(lab.good(&["audit"])["stored"], 90);
}
