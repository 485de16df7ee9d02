//! Where orders are that are followed, as it is shown while they are. Pure.

use std::time::Duration;

use super::{QueueDepth, Retries};
use crate::ui::{Count, CountKind, Live};

/// Where orders are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Places {
    /// In the table.
    pub stored: u64,
    /// Waiting to be received.
    pub waiting: u64,
    /// Received, and neither stored nor visible again.
    pub in_flight: u64,
    /// In the dead-letter queue.
    pub dead_lettered: u64,
}

impl Places {
    /// Where `of` orders are by the counts of the queues: what is in neither is stored.
    pub(crate) fn by_counts(of: u64, orders: QueueDepth, dead_lettered: u64) -> Self {
        let dead_lettered = dead_lettered.min(of);
        let in_queue = orders.total().min(of - dead_lettered);
        let in_flight = orders.in_flight.min(in_queue);
        Self {
            stored: of - dead_lettered - in_queue,
            waiting: in_queue - in_flight,
            in_flight,
            dead_lettered,
        }
    }

    /// How many of the `bad` orders are tried again, and how many other orders wait. Once there are no
    /// more orders in the queue than bad ones are left, all of them are bad ones.
    fn retried(self, bad: u64) -> (u64, u64) {
        let in_queue = self.waiting + self.in_flight;
        let bad = bad.saturating_sub(self.dead_lettered);
        let retried = if in_queue <= bad {
            in_queue
        } else {
            self.in_flight.min(bad)
        };
        (retried, in_queue - retried)
    }
}

/// What is shown of orders that are followed: `of` of them were, for example, `sent`, and some will fail
/// each time; `now` is the queues' time.
pub(crate) fn in_progress(
    (of, done): (u64, &'static str),
    places: Places,
    failing: &Retries,
    now: Duration,
) -> Live {
    let (retried, waiting) = places.retried(failing.count());
    let count = |label, count, kind| Count { label, count, kind };
    let mut counts = vec![
        count(done, of, CountKind::Plain),
        count("stored", places.stored, CountKind::Good),
        count("waiting", waiting, CountKind::Plain),
        count("being retried", retried, CountKind::Warning),
        count("dead-lettered", places.dead_lettered, CountKind::Bad),
    ];
    counts.retain(|one| one.count > 0 || one.label != "waiting");
    Live {
        of,
        counts,
        waits: failing
            .wait(now, places.dead_lettered)
            .into_iter()
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Redelivery;
    use super::*;

    fn depth(visible: u64, in_flight: u64) -> QueueDepth {
        QueueDepth {
            visible,
            in_flight,
            delayed: 0,
        }
    }

    fn shown(places: Places) -> Vec<(&'static str, u64)> {
        let now = Duration::ZERO;
        let mut failing = Retries::new(Redelivery {
            visibility_timeout: 30,
            max_receives: Some(3),
            speed: 1,
        });
        failing.add(now, 3);
        let live = in_progress((20, "sent"), places, &failing, now);
        assert_eq!(live.waits.is_empty(), places.dead_lettered >= 3);
        live.counts
            .iter()
            .map(|one| (one.label, one.count))
            .collect()
    }

    #[test]
    fn what_is_in_no_queue_is_stored() {
        let begun = shown(Places::by_counts(20, depth(5, 4), 0));
        let expected = [
            ("sent", 20),
            ("stored", 11),
            ("waiting", 6),
            ("being retried", 3),
            ("dead-lettered", 0),
        ];
        assert_eq!(begun, expected);
    }

    #[test]
    fn bad_orders_remain() {
        for orders in [depth(2, 0), depth(0, 2)] {
            let expected = [
                ("sent", 20),
                ("stored", 17),
                ("being retried", 2),
                ("dead-lettered", 1),
            ];
            assert_eq!(shown(Places::by_counts(20, orders, 1)), expected);
        }
    }

    #[test]
    fn counts_that_lag_exceed_nothing() {
        let places = Places::by_counts(20, depth(30, 0), 40);
        assert_eq!(
            (places.stored, places.waiting, places.dead_lettered),
            (0, 0, 20)
        );
    }
}
