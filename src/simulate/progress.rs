//! How far a run has got, as it is shown while it is sent and followed.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::audit::RunAudit;
use crate::context::Context;
use crate::lab::{Places, QueueClock, QueueDepth, Redelivery, Retries, in_progress};
use crate::runs::{Header, Range};
use crate::ui::{Live, Wait};

/// How many bad orders are named at most.
const NAMED: u64 = 5;

/// The progress of one run.
#[derive(Debug)]
pub(crate) struct RunProgress<'r> {
    header: &'r Header,
    /// How many messages the dead-letter queue held before the run.
    dead_before: u64,
    clock: QueueClock,
    failing: Retries,
    /// The numbers of the bad orders that were sent, by what is wrong with them.
    bad: BTreeMap<&'static str, Vec<u64>>,
}

impl<'r> RunProgress<'r> {
    /// The progress of a run of which nothing is sent yet.
    pub(crate) fn new(
        header: &'r Header,
        dead_before: u64,
        clock: QueueClock,
        rules: Redelivery,
    ) -> Self {
        Self {
            header,
            dead_before,
            clock,
            failing: Retries::new(rules),
            bad: BTreeMap::new(),
        }
    }

    /// The run.
    pub(super) fn header(&self) -> &'r Header {
        self.header
    }

    /// How many messages the dead-letter queue held before the run.
    pub(super) fn dead_before(&self) -> u64 {
        self.dead_before
    }

    /// The queues' time now.
    pub(super) async fn now(&mut self, context: &Context<'_>) -> Duration {
        self.clock.now(context).await
    }

    /// Adds orders that were sent at this time.
    pub(super) fn add_sent(&mut self, range: Range, now: Duration) {
        let plan = &self.header.plan;
        let bad: Vec<u64> = (range.first..range.first + range.count)
            .filter(|index| plan.is_bad(*index))
            .collect();
        self.failing.add(now, bad.len() as u64);
        if self.failing.count() <= NAMED {
            let orders = bad.into_iter().filter_map(|index| plan.order(index));
            for order in orders {
                if let Err(reason) = order.expected {
                    self.bad
                        .entry(reason.code())
                        .or_default()
                        .push(order.number);
                }
            }
        }
    }

    /// What is shown while the orders are sent.
    pub(super) fn sending(&self, sent: u64) -> Live {
        Live::progress("sent", sent, self.header.count)
    }

    /// What is shown of the queues' counts.
    pub(super) fn counted(
        &self,
        orders: QueueDepth,
        dead_letters: QueueDepth,
        now: Duration,
    ) -> Live {
        let dead_lettered = dead_letters.total().saturating_sub(self.dead_before);
        let places = Places::by_counts(self.header.count, orders, dead_lettered);
        self.live(places, now)
    }

    /// What is shown of an audit.
    pub(super) fn audited(&self, audit: &RunAudit, now: Duration) -> Live {
        let places = Places {
            stored: audit.stored,
            waiting: audit.waiting + audit.hidden + audit.missing.count,
            in_flight: audit.in_flight,
            dead_lettered: audit.dead_lettered,
        };
        self.live(places, now)
    }

    fn live(&self, places: Places, now: Duration) -> Live {
        let mut live = in_progress((self.header.count, "sent"), places, &self.failing, now);
        if !live.waits.is_empty() {
            live.waits.extend(self.named());
        }
        live
    }

    /// The bad orders by name, where they are few.
    fn named(&self) -> Option<Wait> {
        if self.failing.count() > NAMED {
            return None;
        }
        let reasons: Vec<String> = self
            .bad
            .iter()
            .map(|(reason, numbers)| {
                let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
                format!("{reason}: {}", numbers.join(", "))
            })
            .collect();
        Some(Wait {
            text: reasons.join("; "),
            next: Vec::new(),
        })
    }
}
