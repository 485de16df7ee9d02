//! A message in the dead-letter queue, and why it is there. Pure.

use std::collections::BTreeMap;

use serde::Serialize;

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
    /// Why the processor refuses it: a code such as `price_not_a_number`. `good_order` where its
    /// content is good, so that crashes, throttling or a taken number brought it here.
    pub reason: String,
    /// The reason as a sentence.
    #[serde(skip)]
    pub detail: String,
    /// How often it was received in all.
    pub receive_count: u32,
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
    /// Parses the body for number and reason.
    pub(super) fn diagnosed(mut self) -> Self {
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
        assert_eq!(counts["price_not_a_number"], 1);
        assert_eq!(counts[GOOD], 1);
        assert_eq!(counts.values().sum::<u64>(), 3);
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
