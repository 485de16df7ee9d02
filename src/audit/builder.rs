//! Compares the recorded runs with what the lab holds. Pure.
//!
//! An order is known by its run and index, so the builder recomputes what it must be and needs no
//! copy of it. The orders of ranges that were begun and not confirmed count as sent where they are
//! found. What is found but was not sent when the records were read may have been sent since, so
//! the records are read again before it is called unexpected.

use std::collections::HashMap;

use order::wire::RETENTION_SECONDS;

use super::bits::BitSet;
use super::{Listing, RunAudit};
use crate::dlq::Repairs;
use crate::lab::{QueueDepth, StoredOrder};
use crate::runs::{OrderId, Range, Run, Step};

/// What an audit needs to know of a dead letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeadLetterRef {
    /// Which order of which run it is, where the message says so.
    pub id: Option<OrderId>,
    /// The order's number where it can be read, and the message's id otherwise.
    pub name: String,
}

/// What the queues hold beside what was read, by their own counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct QueueCounts {
    /// The queue of orders.
    pub orders: QueueDepth,
    /// Messages in the dead-letter queue that were not read because another reader hides them.
    pub hidden: u64,
    /// Whether these counts lag. Then a count that is not zero says that orders are in progress,
    /// but not how many.
    pub lagging: bool,
}

impl QueueCounts {
    /// How many of the `lost` orders, which were found nowhere, these counts explain.
    fn explained(&self, lost: u64) -> u64 {
        let held = self.orders.total() + self.hidden;
        if self.lagging && held > 0 {
            return lost;
        }
        lost.min(held)
    }
}

/// An audit in the making.
#[derive(Debug)]
pub(crate) struct AuditBuilder {
    runs: HashMap<String, RunOrders>,
    repairs: Repairs,
    /// How many orders are in the table as a repair made them.
    repaired: u64,
    altered: Listing,
    unexpected: Listing,
    unmatched: Vec<Unmatched>,
}

/// An order that claims to be of a run which has not sent it according to the records so far.
#[derive(Debug)]
struct Unmatched {
    id: OrderId,
    name: String,
}

impl AuditBuilder {
    /// An audit of these runs.
    ///
    /// # Errors
    /// When a record contradicts itself; the text names the run.
    pub(crate) fn new(recorded: Vec<Run>) -> Result<Self, String> {
        let runs = recorded
            .into_iter()
            .map(|run| Ok((run.header.run.clone(), RunOrders::new(run)?)))
            .collect::<Result<_, String>>()?;
        Ok(Self {
            runs,
            repairs: Repairs::default(),
            repaired: 0,
            altered: Listing::default(),
            unexpected: Listing::default(),
            unmatched: Vec::new(),
        })
    }

    /// The same audit where these orders were repaired.
    #[must_use]
    pub(crate) fn with_repairs(self, repairs: Repairs) -> Self {
        Self { repairs, ..self }
    }

    /// Adds a stored order.
    pub(crate) fn add_stored(&mut self, found: &StoredOrder) {
        let Some((orders, index)) = sent_order(&mut self.runs, found.id.as_ref()) else {
            return self.add_unmatched(found.id.as_ref(), found.number);
        };
        let sent = orders.run.header.plan.order(index);
        match sent.map(|order| (order.number, order.expected)) {
            Some((number, Ok(order)))
                if number == found.number && order.details() == found.details =>
            {
                orders.stored.insert(index);
            }
            _ if self.repairs.include(found) => {
                orders.stored.insert(index);
                self.repaired += 1;
            }
            Some((_, Ok(_))) => {
                // It exists, though altered, so it is not missing as well.
                orders.stored.insert(index);
                self.altered.add(found.number);
            }
            _ => self.unexpected.add(found.number),
        }
    }

    /// Adds a dead letter.
    pub(crate) fn add_dead_letter(&mut self, found: &DeadLetterRef) {
        match sent_order(&mut self.runs, found.id.as_ref()) {
            Some((orders, index)) => orders.dead_lettered.insert(index),
            None => self.add_unmatched(found.id.as_ref(), &found.name),
        }
    }

    fn add_unmatched(&mut self, id: Option<&OrderId>, name: impl ToString) {
        match id {
            Some(id) => self.unmatched.push(Unmatched {
                id: id.clone(),
                name: name.to_string(),
            }),
            None => self.unexpected.add(name),
        }
    }

    /// Whether all orders were found that were sent for certain.
    pub(crate) fn has_found_all(&self) -> bool {
        let is_found = |orders: &RunOrders, index| {
            orders.stored.contains(index) || orders.dead_lettered.contains(index)
        };
        self.runs.values().all(|orders| {
            let mut sent = orders
                .sent
                .range()
                .filter(|index| orders.sent.contains(*index));
            sent.all(|index| is_found(orders, index))
        })
    }

    /// Whether something was found that may have been sent since the records were read.
    pub(crate) fn has_unmatched(&self) -> bool {
        !self.unmatched.is_empty()
    }

    /// Takes newer records: what has been sent since the builder was made is not part of the audit,
    /// and is not unexpected either.
    ///
    /// # Errors
    /// When a record contradicts itself; the text names the run.
    pub(crate) fn reclassify(&mut self, recorded: Vec<Run>) -> Result<(), String> {
        let mut newer = Self::new(recorded)?;
        for found in self.unmatched.drain(..) {
            if sent_order(&mut newer.runs, Some(&found.id)).is_none() {
                self.unexpected.add(found.name);
            }
        }
        Ok(())
    }

    /// The audit at `now_ms`, in milliseconds since the Unix epoch. `counts` must not have been
    /// read later than the table and the dead letters, so that what is in neither is counted or
    /// missing.
    pub(crate) fn finish(mut self, counts: QueueCounts, now_ms: u64) -> RunAudit {
        for found in std::mem::take(&mut self.unmatched) {
            self.unexpected.add(found.name);
        }
        let mut audit = RunAudit {
            repaired: self.repaired,
            altered: self.altered,
            unexpected: self.unexpected,
            ..RunAudit::default()
        };
        let mut lost = Listing::default();
        let mut runs: Vec<&RunOrders> = self.runs.values().collect();
        runs.sort_by(|one, other| one.run.header.run.cmp(&other.run.header.run));
        for orders in runs {
            orders.count(&mut audit, &mut lost, now_ms);
        }
        let not_as_sent = audit.altered.count + audit.repaired;
        audit.stored -= not_as_sent.min(audit.stored);
        let pending = counts.explained(lost.count);
        if pending == 0 {
            audit.missing = lost;
        } else if pending < lost.count {
            audit.missing.count = lost.count - pending;
            audit.missing_candidates = lost;
        }
        audit.in_flight = pending.min(counts.orders.in_flight);
        audit.hidden = (pending - audit.in_flight).min(counts.hidden);
        audit.waiting = pending - audit.in_flight - audit.hidden;
        audit
    }
}

/// The run and index of an order that a recorded run has, or may have, sent.
fn sent_order<'a>(
    runs: &'a mut HashMap<String, RunOrders>,
    id: Option<&OrderId>,
) -> Option<(&'a mut RunOrders, u64)> {
    let OrderId { run, index } = id?;
    let orders = runs.get_mut(run)?;
    (orders.sent.contains(*index) || orders.unconfirmed.contains(*index))
        .then_some((orders, *index))
}

/// One run's orders in a few bits each, so that ten million orders take a few megabytes.
#[derive(Debug)]
struct RunOrders {
    run: Run,
    sent: BitSet,
    unconfirmed: BitSet,
    stored: BitSet,
    dead_lettered: BitSet,
}

impl RunOrders {
    fn new(run: Run) -> Result<Self, String> {
        let header = &run.header;
        header
            .plan
            .validate()
            .map_err(|problem| format!("the record of run {}: {problem}", header.run))?;
        let count = header.count.min(header.plan.block.size);
        let (mut sent, mut unconfirmed) = (BitSet::new(count), BitSet::new(count));
        for step in &run.steps {
            let (orders, range) = match step {
                Step::Sent(range) => (&mut sent, range),
                Step::Began(range) => (&mut unconfirmed, range),
            };
            let end = end_of(*range, count).ok_or_else(|| {
                format!("the record of run {} sends more than it has", header.run)
            })?;
            (range.first..end).for_each(|index| orders.insert(index));
        }
        let (stored, dead_lettered) = (BitSet::new(count), BitSet::new(count));
        Ok(Self {
            run,
            sent,
            unconfirmed,
            stored,
            dead_lettered,
        })
    }

    /// Adds the run's orders to the audit, and those found nowhere to `lost`.
    fn count(&self, audit: &mut RunAudit, lost: &mut Listing, now_ms: u64) {
        let age_ms = now_ms.saturating_sub(self.run.header.started_ms);
        let is_expired = age_ms >= u64::from(RETENTION_SECONDS) * 1000;
        for index in self.sent.range() {
            let stored = self.stored.contains(index);
            let dead_lettered = self.dead_lettered.contains(index);
            if !(self.sent.contains(index) || stored || dead_lettered) {
                continue;
            }
            let Some(order) = self.run.header.plan.order(index) else {
                continue;
            };
            let good = order.expected.is_ok();
            audit.sent += 1;
            audit.good += u64::from(good);
            audit.bad += u64::from(!good);
            audit.stored += u64::from(stored);
            // Of a repaired order, a copy may be left in the dead-letter queue.
            let is_repaired = stored && !good;
            audit.dead_lettered += u64::from(dead_lettered && !is_repaired);
            if dead_lettered && good {
                audit.dead_lettered_good.add(order.number);
            }
            if !(stored || dead_lettered) {
                if is_expired && !good {
                    audit.expired += 1;
                } else {
                    lost.add(order.number);
                }
            }
        }
    }
}

/// The index after a range; `None` where it does not lie within the run's `count` orders.
fn end_of(range: Range, count: u64) -> Option<u64> {
    let end = range.first.checked_add(range.count)?;
    (end <= count).then_some(end)
}

#[cfg(test)]
mod tests;
