//! Orders: one that is taken is the same when it is written and read; a refusal is short enough
//! for a line of log. Also what the simulator is asked for: a plan that makes sense has orders.

use order::wire::SimulateRequest;
use order::{FIRST_NUMBER, LAST_NUMBER, Order, parse};

/// Any bytes of a message's body or of an event.
pub(crate) fn order(data: &[u8]) {
    match parse(data) {
        Ok(order) => {
            assert!((FIRST_NUMBER..=LAST_NUMBER).contains(&order.order_number));
            assert!(order.price_per_item.is_finite() && order.price_per_item > 0.0);
            let written = serde_json::to_vec(&order).expect("an order has a JSON form");
            let read: Order = parse(&written).expect("it was written here");
            assert_eq!(read.details(), order.details());
            assert_eq!(read, order);
        }
        Err(defect) => assert!(!defect.detail.is_empty() && defect.detail.len() < 400),
    }
    let Ok(asked) = serde_json::from_slice::<SimulateRequest>(data) else {
        return;
    };
    if asked.plan.validate().is_ok()
        && let Some(generated) = asked.plan.order(asked.first)
    {
        assert!(asked.plan.block.contains(generated.number));
        match (generated.expected, parse(generated.body.as_bytes())) {
            (Ok(expected), read) => assert_eq!(read, Ok(expected)),
            (Err(reason), read) => assert_eq!(read.map_err(|defect| defect.reason), Err(reason)),
        }
    }
}
