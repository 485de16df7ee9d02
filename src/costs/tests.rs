use proptest::prelude::*;

use super::*;

const LAB: Shape = Shape {
    memory_mb: 128,
    arm: false,
    batch_size: 10,
    provisioned: None,
};

fn quantity(bill: &Bill, what: &str) -> f64 {
    let mut lines = bill.lines.iter();
    let line = lines.find(|line| line.what == what);
    line.map_or(0.0, |line| line.quantity)
}

fn near(usd: f64, expected: f64) -> bool {
    (usd - expected).abs() <= expected * 0.001
}

/// 3,000 requests, 1,000 batches of 100 ms and 10,000 writes are 0.0079; the simulator adds 1.25
/// GB-s, and logs 1 MB.
#[test]
fn ten_thousand_orders_cost_less_than_a_cent() {
    let bill = run(&LAB, &Load::good(10_000));
    let requests: f64 = bill
        .lines
        .iter()
        .filter(|line| line.price == SQS_REQUEST.of(1.0))
        .map(|line| line.quantity)
        .sum();
    assert_eq!(requests, 3000.0);
    assert_eq!(quantity(&bill, "the processor"), 1000.0);
    assert_eq!(quantity(&bill, "the simulator"), 10.0);
    assert_eq!(quantity(&bill, "both at work"), 13.75);
    assert_eq!(quantity(&bill, "writing to the table"), 10_000.0);
    let expected = 0.0012 + 0.000_202 + 0.000_229 + 0.006_25 + 0.000_505;
    assert!(near(bill.usd, expected), "{bill:#?}");
}

#[test]
fn an_idle_trigger_polls() {
    let month = standing(&LAB, MONTH);
    // 648,000 in a month of 30 days.
    assert_eq!(
        quantity(&standing(&LAB, 30 * DAY), "the idle trigger's polls"),
        648_000.0
    );
    assert_eq!(month.lines.len(), 1);
    assert!(near(month.usd, 0.2628), "{month:#?}");
}

#[test]
fn provisioned_capacity_costs_standing_and_not_by_the_write() {
    let shape = Shape {
        provisioned: Some((5, 5)),
        ..LAB
    };
    let month = standing(&shape, MONTH);
    assert!(near(month.usd, 0.2628 + 2.847), "{month:#?}");
    let bill = run(&shape, &Load::good(10));
    assert_eq!(quantity(&bill, "writing to the table"), 0.0);
}

#[test]
fn bad_orders_are_received_again_and_never_stored() {
    let load = Load {
        bad: 10,
        receives: 3,
        looks: 7,
        ..Load::good(100)
    };
    let bill = run(&LAB, &load);
    assert_eq!(quantity(&bill, "receiving them"), 12.0);
    assert_eq!(quantity(&bill, "deleting them"), 9.0);
    assert_eq!(quantity(&bill, "following the run"), 7.0);
    assert_eq!(quantity(&bill, "writing to the table"), 90.0);
}

#[test]
fn amounts_have_two_figures_that_tell_something() {
    for (usd, text) in [
        (0.0, "$0.00"),
        (1234.5, "$1234.50"),
        (0.2628, "$0.26"),
        (0.0084, "$0.0084"),
        (0.000_123, "$0.00012"),
        (0.000_006_23, "$0.0000062"),
    ] {
        assert_eq!(dollars(usd), text);
    }
}

proptest! {
    #[test]
    fn more_orders_cost_more_and_smaller_batches_too(
        orders in 1_u64..1_000_000,
        batch_size in 1_u32..=10_000,
        memory_mb in 128_u32..=10_240,
        arm: bool,
    ) {
        let shape = Shape { memory_mb, arm, batch_size, provisioned: None };
        let bill = run(&shape, &Load::good(orders));
        prop_assert!(bill.usd < run(&shape, &Load::good(2 * orders)).usd);
        let single = Shape { batch_size: 1, ..shape };
        prop_assert!(bill.usd <= run(&single, &Load::good(orders)).usd);
        let sum: f64 = bill.lines.iter().map(|line| line.usd).sum();
        prop_assert!((sum - bill.usd).abs() < 1e-9);
    }
}
