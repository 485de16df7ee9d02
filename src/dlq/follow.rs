//! Follows the messages that were moved back until each is stored or dead-lettered again.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::{DeadLetter, peek};
use crate::error::CommandError;
use crate::lab::{Lab, LabPoller, Places, QueueClock, Retries, in_progress};
use crate::poll::Next;
use crate::runs::OrderId;
use crate::ui::{Event, counted};

/// How many of the moved messages ended where.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcomes {
    /// In the table.
    pub stored: u64,
    /// In the dead-letter queue again.
    pub dead_lettered: u64,
    /// In neither yet.
    pub in_progress: u64,
}

impl Outcomes {
    /// The outcomes of `messages`, given the order ids that the table holds under their numbers,
    /// and the messages in the dead-letter queue. A moved message has a new id, and bodies may be
    /// equal; a message of no run is known by its body alone.
    fn of(
        messages: &[DeadLetter],
        stored: &HashMap<u64, Option<OrderId>>,
        dead_letters: &[DeadLetter],
    ) -> Self {
        let key = |message: &DeadLetter| (message.order_id(), message.body.clone());
        let dead_lettered: HashSet<(Option<OrderId>, String)> =
            dead_letters.iter().map(key).collect();
        let mut outcomes = Self::default();
        for message in messages {
            let holder = message.order_number.and_then(|number| stored.get(&number));
            // Another order may hold the message's number, and a bad one was stored by another message.
            let is_stored = holder.is_some_and(|holder| *holder == message.order_id());
            if is_stored && !message.would_fail_again() {
                outcomes.stored += 1;
            } else if dead_lettered.contains(&key(message)) {
                outcomes.dead_lettered += 1;
            } else {
                outcomes.in_progress += 1;
            }
        }
        outcomes
    }

    fn places(&self) -> Places {
        Places {
            stored: self.stored,
            waiting: self.in_progress,
            in_flight: 0,
            dead_lettered: self.dead_lettered,
        }
    }

    /// Reads the table and the dead-letter queue.
    async fn read(lab: &Lab<'_>, messages: &[DeadLetter]) -> Result<Self, CommandError> {
        let numbers: HashSet<u64> = messages
            .iter()
            .filter_map(|message| message.order_number)
            .collect();
        let mut stored = HashMap::new();
        lab.reader
            .for_each_order(|order| {
                if numbers.contains(&order.number) {
                    stored.insert(order.number, order.id);
                }
            })
            .await?;
        let dead_letters = peek(lab, messages.len() as u64).await?;
        Ok(Self::of(messages, &stored, &dead_letters))
    }
}

/// Follows the messages, which were just moved back, until each is stored or dead-lettered again, for at
/// most `timeout`. The counts of AWS's queues lag, so once they are zero the table and the dead-letter
/// queue are read.
///
/// # Errors
/// When the target refuses or cannot be reached, or the user interrupts.
pub(crate) async fn follow(
    poller: &mut LabPoller<'_>,
    messages: &[DeadLetter],
    timeout: Duration,
) -> Result<Outcomes, CommandError> {
    let of = messages.len() as u64;
    let hopeless = messages.iter().filter(|one| one.would_fail_again());
    let mut failing = Retries::new(poller.lab().redelivery().await?);
    let mut clock = QueueClock::read(poller.context()).await?;
    failing.add(clock.now(poller.context()).await, hopeless.count() as u64);
    let mut shown = None;
    let mut show = async |lab: &Lab<'_>, places| {
        let now = clock.now(&lab.context).await;
        let live = in_progress((of, "moved back"), places, &failing, now);
        shown = Some(live.counts());
        lab.context.events().send(Event::Live(live));
    };
    let followed = poller
        .until(timeout, async |lab, tick| {
            let orders = lab.reader.orders_depth().await?;
            if orders.total() > 0 && !tick.is_last {
                let dead = lab.reader.dead_letter_depth().await?.total();
                show(lab, Places::by_counts(of, orders, dead)).await;
                return Ok(Next::Again(tick.soon()));
            }
            let outcomes = Outcomes::read(lab, messages).await?;
            show(lab, outcomes.places()).await;
            Ok::<_, CommandError>(if outcomes.in_progress == 0 || tick.is_last {
                Next::Done(outcomes)
            } else {
                Next::Again(tick.later())
            })
        })
        .await;
    poller.context().events().send(Event::LiveEnded);
    followed?.ok_or_else(|| {
        let status = poller.context().command("status");
        let so_far =
            shown.unwrap_or_else(|| format!("{} moved back", counted(messages.len(), "message")));
        CommandError::interrupted(format!("interrupted; {so_far}, and processing continues"))
            .hint(format!("{status} shows where they are."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(number: Option<u64>, index: u64, body: &str) -> DeadLetter {
        DeadLetter {
            order_number: number,
            body: body.to_owned(),
            run: Some("r".to_owned()),
            index: Some(index),
            ..DeadLetter::named("m")
        }
    }

    #[test]
    fn what_is_found_nowhere_is_in_progress() {
        let good = DeadLetter {
            reason: "good_order".to_owned(),
            ..message(Some(1), 1, "good")
        };
        let messages = [
            good,
            // The order was repaired and stored before.
            message(Some(1), 1, "bad copy"),
            message(Some(2), 2, "bad"),
            message(None, 3, "{}"),
            message(None, 4, "{}"),
            message(Some(5), 5, "of a number that another order has"),
        ];
        let id = |run: &str, index| {
            let run = run.to_owned();
            Some(OrderId { run, index })
        };
        let stored = [(1, id("r", 1)), (9, None), (5, id("other", 5))].into();
        let dead_letters = [message(Some(2), 2, "bad"), message(None, 3, "{}")];
        let expected = Outcomes {
            stored: 1,
            dead_lettered: 2,
            in_progress: 3,
        };
        assert_eq!(Outcomes::of(&messages, &stored, &dead_letters), expected);
    }
}
