//! What may still come to a dead-letter queue that is empty, in words.

use std::time::Duration;

use super::{Lab, QueueDepth, Redelivery};
use crate::aws::AwsFailure;
use crate::ui::{counted, number};

/// What to say of a dead-letter queue that is empty.
#[derive(Debug)]
pub(crate) struct EmptyQueue {
    /// Whether orders that are being processed may still come.
    pub text: String,
    /// What to do next.
    pub next: String,
}

impl Lab<'_> {
    /// What to say of the dead-letter queue, which is empty.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub(crate) async fn empty_dead_letter_queue(&self) -> Result<EmptyQueue, AwsFailure> {
        let orders = self.reader.orders_depth().await?;
        if orders.total() == 0 {
            return Ok(EmptyQueue {
                text: "The dead-letter queue is empty, and no order is in the orders queue."
                    .to_owned(),
                next: format!(
                    "Next: {} shows what the lab holds.",
                    self.context.command("status")
                ),
            });
        }
        let rules = self.redelivery().await?;
        let skip = rules
            .until_dead_lettered()
            .filter(|_| self.context.target.is_local());
        let status = self.context.command("status");
        Ok(EmptyQueue {
            text: text(orders, rules),
            next: match skip {
                Some(time) => format!(
                    "Next: `orders-lab local fast-forward {}s` skips the wait; {status} shows what the lab holds.",
                    time.as_secs()
                ),
                None => format!("Next: {status} shows how many are left."),
            },
        })
    }
}

fn text(orders: QueueDepth, rules: Redelivery) -> String {
    let states = [
        (orders.visible + orders.delayed, "waiting"),
        (orders.in_flight, "in flight"),
    ];
    let states = states.iter().filter(|(count, _)| *count > 0);
    let states: Vec<String> = states
        .map(|(count, state)| format!("{} {state}", number(count)))
        .collect();
    let still = format!(
        "The dead-letter queue is empty, but {} may still come: {}.",
        counted(orders.total(), "order"),
        states.join(", ")
    );
    match (rules.max_receives, rules.until_dead_lettered()) {
        (Some(most), Some(time)) => format!(
            "{still} One that fails each time is dead-lettered after {}, about {} s after the first attempt{}.",
            counted(most, "failure"),
            number(time.as_secs()),
            rules.here(time)
        ),
        _ => still,
    }
}

impl Redelivery {
    /// How long after its first attempt an order that fails each time is dead-lettered, in the queue's
    /// time; `None` where it never is.
    fn until_dead_lettered(self) -> Option<Duration> {
        let hidden = Duration::from_secs(self.visibility_timeout.into());
        Some(hidden.saturating_mul(self.max_receives?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_that_may_come_are_counted() {
        let orders = QueueDepth {
            visible: 2,
            in_flight: 1000,
            delayed: 0,
        };
        let rules = Redelivery {
            visibility_timeout: 30,
            max_receives: Some(3),
            speed: 10,
        };
        assert_eq!(
            text(orders, rules),
            "The dead-letter queue is empty, but 1,002 orders may still come: 2 waiting, 1,000 in flight. One that fails each time is dead-lettered after 3 failures, about 90 s after the first attempt (9 s here, 10x)."
        );
        let never = Redelivery {
            max_receives: None,
            ..rules
        };
        assert!(text(orders, never).ends_with("in flight."));
    }
}
