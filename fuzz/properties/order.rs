//! Orders: a valid one is the same when it is written and read again; the description of a defect
//! fits a log line. Requests to the simulator: a valid plan has the orders that it describes.

use order::wire::SimulateRequest;
use order::{FIRST_NUMBER, LAST_NUMBER, Order, parse};

/// Checks any bytes as the body of a message and as an event.
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
    let Ok(request) = serde_json::from_slice::<SimulateRequest>(data) else {
        return;
    };
    if request.plan.validate().is_ok()
        && let Some(generated) = request.plan.order(request.first)
    {
        assert!(request.plan.block.contains(generated.number));
        match (generated.expected, parse(generated.body.as_bytes())) {
            (Ok(expected), read) => assert_eq!(read, Ok(expected)),
            (Err(reason), read) => assert_eq!(read.map_err(|defect| defect.reason), Err(reason)),
        }
    }
}
