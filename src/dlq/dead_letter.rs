//! A message in the dead-letter queue, and why it is there. Pure.

use std::collections::BTreeMap;

use order::Reason;
use order::wire::{FailureEvent, INDEX_ATTRIBUTE, OrderFailure, RUN_ATTRIBUTE};
use serde::Serialize;

use crate::messages::MessageRecord;
use crate::runs::OrderId;
use crate::ui::counted;

/// The reason given for a good order, which did not get here because of its content.
const GOOD: &str = "good_order";

/// A message in the dead-letter queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct DeadLetter {
    /// The message's id.
    pub message_id: String,
    /// The order's number, where it can be read.
    pub order_number: Option<u64>,
    /// Why the processor refuses it: a code such as `price_err`. `good_order` where its
    /// content is good, so that crashes, throttling or a taken number brought it here.
    pub reason: String,
    /// The reason as a sentence.
    #[serde(skip)]
    pub detail: String,
    /// How often it was received in all.
    pub receive_count: u32,
    /// Whether SQS moved it here, by its own account.
    pub was_moved: bool,
    /// How many of its receives were failures of the processor, the others being looks: receives from
    /// the dead-letter queue. `None` where that is not known, or it was not SQS that moved it here.
    #[serde(skip)]
    pub failed_receives: Option<u32>,
    /// When it was sent, in milliseconds since the Unix epoch.
    pub sent_at: u64,
    /// The body.
    pub body: String,
    /// The run that sent it.
    pub run: Option<String>,
    /// Its index in the run.
    pub index: Option<u64>,
}

impl DeadLetter {
    /// What a message of the dead-letter queue is.
    pub(crate) fn of(message: MessageRecord) -> Self {
        let attribute = |name: &str| Some(message.attributes.get(name)?.text());
        Self {
            run: attribute(RUN_ATTRIBUTE),
            index: attribute(INDEX_ATTRIBUTE).and_then(|index| index.parse().ok()),
            message_id: message.message_id,
            order_number: None,
            reason: String::new(),
            detail: String::new(),
            receive_count: message.receive_count.unwrap_or_default(),
            was_moved: message.source_queue_arn.is_some(),
            failed_receives: None,
            sent_at: message.sent_at.unwrap_or_default(),
            body: message.body,
        }
        .diagnosed()
    }

    /// Parses the body for number and reason.
    fn diagnosed(mut self) -> Self {
        match order::parse(self.body.as_bytes()) {
            Ok(order) => {
                self.order_number = Some(order.order_number);
                GOOD.clone_into(&mut self.reason);
                "the order is good; crashes, throttling or a taken number brought it here"
                    .clone_into(&mut self.detail);
            }
            Err(defect) => {
                self.order_number = defect.order_number;
                defect.code().clone_into(&mut self.reason);
                self.detail = defect.to_string();
            }
        }
        self
    }

    /// Which order of which run it is, where the message says both.
    pub(crate) fn order_id(&self) -> Option<OrderId> {
        Some(OrderId {
            run: self.run.clone()?,
            index: self.index?,
        })
    }

    /// Whether the processor would refuse it again.
    pub(crate) fn would_fail_again(&self) -> bool {
        self.reason != GOOD
    }

    /// How many of its receives were looks; `None` where that is not known.
    pub(crate) fn looks(&self) -> Option<u32> {
        let failed = self.failed_receives.or((!self.was_moved).then_some(0))?;
        Some(self.receive_count.saturating_sub(failed))
    }

    /// Counts the failures: as many as the limit of receives that has held since the message was sent,
    /// or else as the highest attempt at it that the processor logged.
    pub(super) fn count_failures(&mut self, limit: Option<u32>, logged: Option<u32>) {
        // At least the receive that found it here was a look.
        let most = self.receive_count.saturating_sub(1);
        let failures = limit.or(logged).filter(|_| self.was_moved);
        self.failed_receives = failures.map(|failures| failures.min(most));
    }

    /// Takes the reason that the processor logged for a good order.
    pub(super) fn explain(&mut self, failure: &OrderFailure) {
        let OrderFailure { reason, detail, .. } = failure;
        match failure.event {
            FailureEvent::OrderRefused => {
                self.reason.clone_from(reason);
                self.detail.clone_from(detail);
            }
            FailureEvent::OrderNotStored => {
                self.detail = format!("not stored: {reason}, {detail}");
            }
        }
    }
}

/// What a reason means, in a few words.
pub(crate) fn meaning(reason: &str) -> &'static str {
    let known = reason.parse::<Reason>();
    known.map_or(
        "the order is good; see why it was not stored",
        Reason::meaning,
    )
}

/// How many messages there are for each reason.
pub(crate) fn reasons(messages: &[DeadLetter]) -> BTreeMap<&str, u64> {
    messages
        .iter()
        .fold(BTreeMap::new(), |mut counts, message| {
            *counts.entry(message.reason.as_str()).or_default() += 1;
            counts
        })
}

/// A sentence about the messages that a queue of this `depth` holds beside the `read` ones; `None`
/// where there are none.
pub(crate) fn unread(depth: u64, read: usize) -> Option<String> {
    let unread = depth.saturating_sub(read as u64);
    let more = if read > 0 { "more " } else { "" };
    (unread > 0).then(|| {
        format!(
            "By SQS's count, which may lag, the dead-letter queue holds {} that another reader hides for some seconds. Run the command again to see them.",
            counted(unread, &format!("{more}message"))
        )
    })
}

#[cfg(test)]
impl DeadLetter {
    /// A message with this id and nothing else in it.
    pub(crate) fn named(message_id: &str) -> Self {
        Self {
            message_id: message_id.to_owned(),
            order_number: None,
            reason: String::new(),
            detail: String::new(),
            receive_count: 4,
            was_moved: true,
            failed_receives: None,
            sent_at: 0,
            body: String::new(),
            run: None,
            index: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> DeadLetter {
        DeadLetter {
            body: body.to_owned(),
            ..DeadLetter::named("m")
        }
        .diagnosed()
    }

    #[test]
    fn a_dead_letter_has_a_reason() {
        let price = r#"{"order_number":100000000007,"num_items":1,"price_per_item":"err","item_description":"zTV"}"#;
        let good = price.replace("\"err\"", "110.0");
        let messages = [message(price), message(&good), message("{")];
        assert_eq!(messages[0].order_number, Some(100_000_000_007));
        assert!(messages[0].would_fail_again() && !messages[1].would_fail_again());
        let counts = reasons(&messages);
        assert_eq!(counts["price_err"], 1);
        assert_eq!(counts[GOOD], 1);
        assert_eq!(counts.values().sum::<u64>(), 3);
    }

    #[test]
    fn receives_are_failures_or_looks() {
        let receives = |receive_count, was_moved, limit, logged| {
            let mut message = DeadLetter {
                receive_count,
                was_moved,
                ..DeadLetter::named("m")
            };
            message.count_failures(limit, logged);
            (message.failed_receives, message.looks())
        };
        assert_eq!(receives(4, true, Some(3), None), (Some(3), Some(1)));
        // A crash before the last line is a failure too.
        assert_eq!(receives(9, true, Some(3), Some(2)), (Some(3), Some(6)));
        // The limit was lower when it was moved.
        assert_eq!(receives(2, true, Some(3), None), (Some(1), Some(1)));
        // The limit was changed since it was sent.
        assert_eq!(receives(9, true, None, Some(3)), (Some(3), Some(6)));
        assert_eq!(receives(9, true, None, None), (None, None));
        // Somebody else sent it to the dead-letter queue.
        assert_eq!(receives(4, false, Some(3), None), (None, Some(4)));
    }

    #[test]
    fn a_logged_cause_explains_a_good_order() {
        let failure = |event, reason: &str| OrderFailure {
            event,
            message_id: "m".to_owned(),
            attempt: Some(3),
            order_number: None,
            reason: reason.to_owned(),
            detail: "slow down".to_owned(),
            run: None,
            index: None,
        };
        let mut throttled = DeadLetter {
            reason: GOOD.to_owned(),
            ..DeadLetter::named("m")
        };
        let mut taken = throttled.clone();
        throttled.explain(&failure(FailureEvent::OrderNotStored, "Throttling"));
        assert_eq!(throttled.detail, "not stored: Throttling, slow down");
        assert!(!throttled.would_fail_again());
        taken.explain(&failure(FailureEvent::OrderRefused, "number_taken"));
        assert!(taken.would_fail_again());
    }

    #[test]
    fn unread_messages_are_mentioned() {
        assert_eq!(unread(3, 3), None);
        assert_eq!(unread(2, 3), None);
        let some = unread(3, 2).expect("one is hidden");
        assert!(some.contains("holds 1 more message that"), "{some}");
        let all = unread(3, 0).expect("all are hidden");
        assert!(all.contains("holds 3 messages that"), "{all}");
    }
}
