use std::time::Duration;

use super::prices::PRICES;
use super::*;

/// 10,000 good orders in batches of ten, with 128 MB, not followed.
fn ten_thousand() -> Costs {
    let shape = Shape {
        memory_mb: 128,
        ..Shape::default()
    };
    let orders = Run {
        orders: 10_000,
        bad: 0,
        followed: Duration::ZERO,
    };
    run(&shape, &orders)
}

fn amount(costs: &Costs, what: &str) -> f64 {
    let line = costs.lines.iter().find(|line| line.what == what);
    line.map_or(0.0, |line| line.amount)
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() < expected / 100.0
}

#[test]
fn prices_are_in_the_order_of_meters() {
    for price in &PRICES {
        assert_eq!(price.meter.price(), price);
    }
}

#[test]
fn a_run_costs_what_it_does_by_hand() {
    let costs = ten_thousand();
    // 1,000 sends, 1,000 receives, 1,000 deletes; 1,000 batches and 10 ranges; 10,000 writes.
    assert_eq!(amount(&costs, "SQS: send"), 1000.0);
    assert_eq!(amount(&costs, "SQS: trigger"), 2000.0);
    assert_eq!(amount(&costs, "Lambda: invocations"), 1010.0);
    assert_eq!(amount(&costs, "DynamoDB: store"), 10_000.0);
    // 100 ms for each batch and 10 ms for each send, in an eighth of a GB.
    assert!(close(amount(&costs, "Lambda: duration"), 110.0 / 8.0));
    // The list prices of those: 0.0012 + 0.0002 + 0.0002 + 0.0063; then logs and the audit.
    let by_hand = 0.0012 + 0.000_202 + 0.000_229 + 0.006_25;
    let logs = costs.lines.iter().find(|line| line.what == "Logs");
    let audit = costs
        .lines
        .iter()
        .find(|line| line.what == "DynamoDB: audit");
    let beside = logs.map_or(0.0, |line| line.dollars) + audit.map_or(0.0, |line| line.dollars);
    assert!(close(costs.dollars() - beside, by_hand), "{costs:?}");
    assert!(beside < 0.001, "{costs:?}");
}

#[test]
fn an_idle_lab_pays_for_its_trigger() {
    let hour = idle_hour(&Shape::default());
    assert_eq!(amount(&hour, "SQS: the trigger polls"), 900.0);
    assert!(close(hour.dollars() * HOURS_PER_MONTH, 0.2628));
}

#[test]
fn a_provisioned_table_costs_by_the_hour() {
    let shape = Shape {
        provisioned: Some((5, 5)),
        ..Shape::default()
    };
    let on_demand = idle_hour(&Shape::default()).dollars();
    let table = (idle_hour(&shape).dollars() - on_demand) * HOURS_PER_MONTH;
    assert!(close(table, 2.85), "{table}");
    let run = run(&shape, &Run::expected(&shape, 1000));
    assert_eq!(amount(&run, "DynamoDB: store"), 0.0);
}

#[test]
fn bad_orders_are_received_thrice() {
    let orders = |bad| Run {
        orders: 1000,
        bad,
        followed: Duration::ZERO,
    };
    let shape = Shape::default();
    let (good, bad) = (run(&shape, &orders(0)), run(&shape, &orders(100)));
    assert_eq!(amount(&good, "SQS: trigger"), 200.0);
    assert_eq!(amount(&bad, "SQS: trigger"), 240.0);
    assert_eq!(amount(&bad, "DynamoDB: store"), 900.0);
}

#[test]
fn larger_batches_and_arm_cost_less() {
    let orders = Run::expected(&Shape::default(), 10_000);
    let large = Shape {
        batch_size: 100,
        ..Shape::default()
    };
    let arm = Shape {
        arm: true,
        ..Shape::default()
    };
    let small = run(&Shape::default(), &orders);
    assert!(amount(&run(&large, &orders), "Lambda: invocations") < 140.0);
    let duration = |costs: &Costs| {
        let line = costs
            .lines
            .iter()
            .find(|line| line.what == "Lambda: duration");
        line.map_or(0.0, |line| line.dollars)
    };
    assert!(close(duration(&run(&arm, &orders)), duration(&small) * 0.8));
}

#[test]
fn nothing_overflows() {
    let endless = Run {
        orders: u64::MAX,
        bad: u64::MAX,
        followed: Duration::MAX,
    };
    assert!(run(&Shape::default(), &endless).dollars().is_finite());
    let none = Run::expected(&Shape::default(), 0);
    assert!(run(&Shape::default(), &none).lines.is_empty());
}

#[test]
fn money_has_two_significant_digits() {
    for (dollars, words) in [
        (0.0, "$0"),
        (0.000_123_4, "$0.00012"),
        (0.000_36, "$0.00036"),
        (0.2628, "$0.26"),
        (0.05, "$0.050"),
        (2.847, "$2.85"),
        (1234.5, "$1234.50"),
    ] {
        assert_eq!(money(dollars), words);
    }
}
