//! The account of every order: recorded runs against what the lab holds. Pure.
//!
//! An order is known by its run and index, so the account recomputes what it must be and needs
//! no memory of what it was. Orders of ranges that were begun but never confirmed may be
//! anywhere or nowhere: they count as sent where they are found. What is found but was not sent
//! when the records were read may have been sent since, so they are read again before it is called
//! unexpected.

mod bits;

use std::collections::HashMap;

use order::wire::RETENTION_SECONDS;
use serde::{Serialize, Serializer};

use self::bits::Bits;
use super::reader::{QueueDepth, StoredOrder};
use super::record::{Range, Run, Step};

/// How many orders a listing names.
const NAMED: usize = 100;

/// A dead letter, as far as the account needs to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetterRef {
    /// The run and the index in it, where the message tells them.
    pub place: Option<(String, u64)>,
    /// The order's number where it can be read, and the message's id otherwise.
    pub name: String,
}

/// Orders of one kind: how many, and the first of them by number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Listing {
    /// How many.
    pub count: u64,
    /// Up to 100 of them: order numbers, or message ids where there is no number.
    #[serde(serialize_with = "numbers_as_numbers")]
    pub orders: Vec<String>,
}

/// Where every order is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct RunAudit {
    /// Orders that the queue accepted.
    pub sent: u64,
    /// Those of them that are as they should be.
    pub good: u64,
    /// Those that are bad on purpose.
    pub bad: u64,
    /// Orders in the table, each as it was sent.
    pub stored: u64,
    /// Orders that wait in the queue.
    pub waiting: u64,
    /// Orders that are being processed, or will be again.
    pub in_flight: u64,
    /// Orders in the dead-letter queue that another look at it hides at the moment.
    pub hidden: u64,
    /// Orders in the dead-letter queue.
    pub dead_lettered: u64,
    /// Bad orders of runs so old that SQS has thrown their dead letters away.
    pub expired: u64,
    /// Good orders among them.
    pub dead_lettered_good: Listing,
    /// Orders that are nowhere.
    pub missing: Listing,
    /// Orders in the table that are not as they were sent.
    pub altered: Listing,
    /// What is in the table or the dead-letter queue and should not be: bad orders that were
    /// stored, and what no recorded run has sent.
    pub unexpected: Listing,
}

impl RunAudit {
    /// Whether nothing is wrong: every order is somewhere, as it was sent, and only bad ones are
    /// dead.
    pub fn is_clean(&self) -> bool {
        [
            &self.missing,
            &self.altered,
            &self.unexpected,
            &self.dead_lettered_good,
        ]
        .iter()
        .all(|listing| listing.count == 0)
    }

    /// Whether every order is where it will stay.
    pub fn is_settled(&self) -> bool {
        self.on_the_way() + self.missing.count == 0
    }

    /// Orders that are known to be somewhere, and not to stay there.
    pub fn on_the_way(&self) -> u64 {
        self.waiting + self.in_flight + self.hidden
    }

    /// The same account where it is too early to call an order missing: whatever was not found is
    /// on its way.
    #[must_use]
    pub fn none_missing_yet(mut self) -> Self {
        self.waiting += std::mem::take(&mut self.missing).count;
        self
    }
}

/// What the queues hold beside what was read, as they say themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct QueueCounts {
    /// The queue of orders.
    pub orders: QueueDepth,
    /// Letters in the dead-letter queue that were not read, because another look hides them.
    pub hidden: u64,
    /// Whether these counts lag behind: then one that is not zero says that orders are on their
    /// way, and not how many.
    pub lagging: bool,
}

impl QueueCounts {
    /// How many of the `lost` orders, which were found nowhere, they account for.
    fn holds(&self, lost: u64) -> u64 {
        let held = self.orders.total() + self.hidden;
        if self.lagging && held > 0 {
            return lost;
        }
        lost.min(held)
    }
}

impl Listing {
    fn add(&mut self, name: impl ToString) {
        self.count += 1;
        if self.orders.len() < NAMED {
            self.orders.push(name.to_string());
        }
    }
}

/// The account while it is being made.
#[derive(Debug)]
pub struct AuditBuilder {
    runs: HashMap<String, RunOrders>,
    altered: Listing,
    unexpected: Listing,
    unmatched: Vec<Unmatched>,
}

/// What says that a run has sent it, though no record says so yet.
#[derive(Debug)]
struct Unmatched {
    place: (String, u64),
    name: String,
}

/// One run's orders: a few bits per order, so that ten million orders take a few megabytes.
#[derive(Debug)]
struct RunOrders {
    run: Run,
    sent: Bits,
    doubtful: Bits,
    stored: Bits,
    dead: Bits,
}

impl AuditBuilder {
    /// An account of these runs.
    ///
    /// # Errors
    /// When a record contradicts itself; the text names the run.
    pub fn open(runs: Vec<Run>) -> Result<Self, String> {
        let all = runs
            .into_iter()
            .map(|run| Ok((run.header.run.clone(), RunOrders::open(run)?)));
        Ok(Self {
            runs: all.collect::<Result<_, String>>()?,
            altered: Listing::default(),
            unexpected: Listing::default(),
            unmatched: Vec::new(),
        })
    }

    /// Enters a stored order.
    pub fn stored(&mut self, item: &StoredOrder) {
        let Some((orders, index)) = orders(&mut self.runs, item.place.as_ref()) else {
            return self.unknown(item.place.as_ref(), item.number);
        };
        match orders
            .run
            .header
            .plan
            .order(index)
            .map(|order| (order.number, order.expected))
        {
            Some((number, Ok(order)))
                if number == item.number && order.details() == item.details =>
            {
                orders.stored.set(index);
            }
            Some((_, Ok(_))) => {
                // It is there, though not as it should be, so it is not missing as well.
                orders.stored.set(index);
                self.altered.add(item.number);
            }
            _ => self.unexpected.add(item.number),
        }
    }

    /// Enters a dead letter.
    pub fn dead(&mut self, letter: &DeadLetterRef) {
        match orders(&mut self.runs, letter.place.as_ref()) {
            Some((orders, index)) => orders.dead.set(index),
            None => self.unknown(letter.place.as_ref(), &letter.name),
        }
    }

    fn unknown(&mut self, place: Option<&(String, u64)>, name: impl ToString) {
        match place {
            Some(place) => self.unmatched.push(Unmatched {
                place: place.clone(),
                name: name.to_string(),
            }),
            None => self.unexpected.add(name),
        }
    }

    /// Whether something was found that may have been sent since the records were read.
    pub fn has_unmatched(&self) -> bool {
        !self.unmatched.is_empty()
    }

    /// Takes what the records say by now: whatever has been sent since the account was opened is no
    /// part of it, and nothing unexpected.
    ///
    /// # Errors
    /// When a record contradicts itself; the text names the run.
    pub fn reclassify(&mut self, by_now: Vec<Run>) -> Result<(), String> {
        let mut by_now = Self::open(by_now)?;
        for found in self.unmatched.drain(..) {
            if orders(&mut by_now.runs, Some(&found.place)).is_none() {
                self.unexpected.add(found.name);
            }
        }
        Ok(())
    }

    /// Closes the account at `now_ms`, in milliseconds since the Unix epoch. `held` was read no
    /// later than the table and the dead letters were, so that what is in neither is in it, or
    /// missing.
    pub fn close(mut self, held: QueueCounts, now_ms: u64) -> RunAudit {
        for found in std::mem::take(&mut self.unmatched) {
            self.unexpected.add(found.name);
        }
        let mut account = RunAudit {
            altered: self.altered,
            unexpected: self.unexpected,
            ..RunAudit::default()
        };
        let mut lost = Listing::default();
        let mut all: Vec<&RunOrders> = self.runs.values().collect();
        all.sort_by(|one, other| one.run.header.run.cmp(&other.run.header.run));
        for orders in all {
            orders.tell(&mut account, &mut lost, now_ms);
        }
        account.stored -= account.altered.count.min(account.stored);
        let pending = held.holds(lost.count);
        account.missing.count = lost.count - pending;
        if account.missing.count > 0 {
            account.missing.orders = lost.orders;
        }
        account.in_flight = pending.min(held.orders.in_flight);
        account.hidden = (pending - account.in_flight).min(held.hidden);
        account.waiting = pending - account.in_flight - account.hidden;
        account
    }
}

/// The orders and index of an order that a recorded run has, or may have, sent.
fn orders<'a>(
    runs: &'a mut HashMap<String, RunOrders>,
    place: Option<&(String, u64)>,
) -> Option<(&'a mut RunOrders, u64)> {
    let (run, index) = place?;
    let orders = runs.get_mut(run)?;
    (orders.sent.has(*index) || orders.doubtful.has(*index)).then_some((orders, *index))
}

impl RunOrders {
    fn open(run: Run) -> Result<Self, String> {
        let header = &run.header;
        header
            .plan
            .validate()
            .map_err(|problem| format!("the record of run {}: {problem}", header.run))?;
        let count = header.count.min(header.plan.block.size);
        let (mut sent, mut doubtful) = (Bits::new(count), Bits::new(count));
        for step in &run.steps {
            let (
                bits,
                Range {
                    first,
                    count: length,
                },
            ) = match step {
                Step::Sent(range) => (&mut sent, *range),
                Step::Began(range) => (&mut doubtful, *range),
            };
            let end = first.checked_add(length).filter(|end| *end <= count);
            let end = end.ok_or_else(|| {
                format!("the record of run {} sends more than it has", header.run)
            })?;
            (first..end).for_each(|index| bits.set(index));
        }
        let (stored, dead) = (Bits::new(count), Bits::new(count));
        Ok(Self {
            run,
            sent,
            doubtful,
            stored,
            dead,
        })
    }

    /// Adds the run's orders to the account, and those found nowhere to `lost`.
    fn tell(&self, account: &mut RunAudit, lost: &mut Listing, now_ms: u64) {
        let age = now_ms.saturating_sub(self.run.header.started_ms);
        let is_expired = age >= u64::from(RETENTION_SECONDS) * 1000;
        for index in 0..self.sent.len {
            let (stored, dead) = (self.stored.has(index), self.dead.has(index));
            if !(self.sent.has(index) || stored || dead) {
                continue;
            }
            let Some(order) = self.run.header.plan.order(index) else {
                continue;
            };
            let good = order.expected.is_ok();
            account.sent += 1;
            account.good += u64::from(good);
            account.bad += u64::from(!good);
            account.stored += u64::from(stored);
            account.dead_lettered += u64::from(dead);
            if dead && good {
                account.dead_lettered_good.add(order.number);
            }
            if !(stored || dead) {
                if is_expired && !good {
                    account.expired += 1;
                } else {
                    lost.add(order.number);
                }
            }
        }
    }
}

/// Order numbers as JSON numbers, message ids as text.
fn numbers_as_numbers<S: Serializer>(orders: &[String], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(orders.iter().map(|name| {
        name.parse::<u64>().map_or_else(
            |_| serde_json::Value::from(name.as_str()),
            serde_json::Value::from,
        )
    }))
}

#[cfg(test)]
#[path = "audit/tests.rs"]
mod tests;
