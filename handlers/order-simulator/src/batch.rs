//! Cutting a range of orders into batches that SQS takes.

use order::Plan;

use crate::queue::Entry;

/// The most entries that SQS takes in one request. Its other limit, 1 MiB in total, is out of
/// reach: an order with its attributes stays under 1 KiB, which a test holds to.
pub(crate) const BATCH: u64 = 10;

/// The batches of `first..first + count`, made only as they are asked for. The range must lie
/// within the plan's block.
pub(crate) fn batches(plan: &Plan, first: u64, count: u64) -> impl Iterator<Item = Vec<Entry>> {
    let end = first + count;
    (first..end).step_by(BATCH as usize).map(move |start| {
        (start..end.min(start + BATCH))
            .filter_map(|index| plan.order(index))
            .map(|order| Entry {
                index: order.index,
                body: order.body,
            })
            .collect()
    })
}
