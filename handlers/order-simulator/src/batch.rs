//! Splits a range of orders into batches for SQS.

use order::Plan;

use crate::queue::Entry;

/// The largest number of entries in a request. The other limit of SQS, 1 MiB in total, is never
/// reached: an order with its attributes has less than 1 KiB, which a test checks.
pub(crate) const BATCH: u64 = 10;

/// The batches of `first..first + count`, generated lazily. The range must be within the plan's block.
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
