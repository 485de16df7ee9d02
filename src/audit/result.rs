//! The result of an audit. Pure.

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

/// How many orders a listing names at most.
const NAMED: usize = 100;

/// Orders of one kind: how many, and the first of them by number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct Listing {
    /// How many.
    pub count: u64,
    /// Up to 100 of them: order numbers, or message ids where there is no number.
    #[serde(serialize_with = "as_order_names")]
    #[schemars(with = "Vec<OrderName<'_>>")]
    pub orders: Vec<String>,
}

impl Listing {
    pub(super) fn add(&mut self, name: impl ToString) {
        self.count += 1;
        if self.orders.len() < NAMED {
            self.orders.push(name.to_string());
        }
    }
}

/// Where every order is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub(crate) struct RunAudit {
    /// Orders that the queue accepted.
    pub sent: u64,
    /// Sent orders that are as they should be.
    pub good: u64,
    /// Sent orders that are bad on purpose.
    pub bad: u64,
    /// Orders in the table, each as it was sent.
    pub stored: u64,
    /// Bad orders in the table that `redrive` has changed into good ones, each as it was changed.
    pub repaired: u64,
    /// Orders that wait in the queue.
    pub waiting: u64,
    /// Orders that are being processed, or will be again.
    pub in_flight: u64,
    /// Orders in the dead-letter queue that are invisible because another reader received them.
    pub hidden: u64,
    /// Orders in the dead-letter queue.
    pub dead_lettered: u64,
    /// Bad orders of runs so old that SQS has deleted their messages from the dead-letter queue.
    pub expired: u64,
    /// Good orders among the dead-lettered.
    pub dead_lettered_good: Listing,
    /// Orders that are nowhere. They are named once every other order has been found; until then
    /// they are among the `missing_candidates`.
    pub missing: Listing,
    /// While some orders are missing and others are in progress: the orders that were not found, each
    /// of which is one or the other. Otherwise none.
    pub missing_candidates: Listing,
    /// Orders in the table that are not as they were sent.
    pub altered: Listing,
    /// What is in the table or the dead-letter queue and should not be: bad orders that were
    /// stored, and what no recorded run has sent.
    pub unexpected: Listing,
}

impl RunAudit {
    /// Whether nothing is wrong: every order is somewhere, as it was sent, and only bad ones are
    /// dead-lettered.
    pub(crate) fn is_clean(&self) -> bool {
        [
            &self.missing,
            &self.altered,
            &self.unexpected,
            &self.dead_lettered_good,
        ]
        .iter()
        .all(|listing| listing.count == 0)
    }

    /// Whether every order has reached the table or the dead-letter queue.
    pub(crate) fn is_settled(&self) -> bool {
        self.in_progress() + self.missing.count == 0
    }

    /// Orders that are known to be somewhere, and not to stay there.
    pub(crate) fn in_progress(&self) -> u64 {
        self.waiting + self.in_flight + self.hidden
    }

    /// The same audit where it is too early to call an order missing: what was not found counts as
    /// waiting.
    #[must_use]
    pub(crate) fn none_missing_yet(mut self) -> Self {
        self.waiting += std::mem::take(&mut self.missing).count;
        self.missing_candidates = Listing::default();
        self
    }
}

/// What names an order in a JSON document.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
#[schemars(inline)]
enum OrderName<'a> {
    /// Its number.
    Number(u64),
    /// The message's id.
    MessageId(&'a str),
}

fn as_order_names<S: Serializer>(orders: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(orders.iter().map(|name| {
        name.parse()
            .map_or(OrderName::MessageId(name), OrderName::Number)
    }))
}
