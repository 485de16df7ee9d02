//! The reasons of good orders, from the processor's log, before the dead letters are read: where the
//! reason decides which of them are selected.

use std::collections::HashMap;

use order::wire::{OrderFailure, RETENTION_SECONDS};

use super::DeadLetter;
use crate::aws::AwsFailure;
use crate::context::Context;
use crate::lab::log_lines;
use crate::messages::{Facts, MessageRecord};
use crate::system;

/// Selects the lines about good orders that were not stored.
const OF_GOOD_ORDERS: &str = "?order_not_stored ?number_taken";

/// What the processor logged last about each good order that it did not store, by message ids.
#[derive(Debug, Default)]
pub(crate) struct LoggedReasons(HashMap<String, OrderFailure>);

impl LoggedReasons {
    /// Reads them, as far back as the queues keep messages.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub(crate) async fn read(context: &Context<'_>) -> Result<Self, AwsFailure> {
        let since = system::now_ms().saturating_sub(u64::from(RETENTION_SECONDS) * 1000);
        let processor = context.names.processor();
        let lines = log_lines(context, &processor, since, OF_GOOD_ORDERS).await?;
        let lines = lines.unwrap_or_default();
        let failures = lines
            .iter()
            .filter_map(|line| serde_json::from_str::<OrderFailure>(&line.message).ok());
        let by_message = failures.map(|failure| (failure.message_id.clone(), failure));
        Ok(Self(by_message.collect()))
    }

    /// What a message is, and why it is dead.
    pub(crate) fn letter(&self, message: MessageRecord) -> DeadLetter {
        let mut letter = DeadLetter::of(message);
        if let Some(cause) = self.0.get(&letter.message_id)
            && !letter.would_fail_again()
        {
            letter.explain(cause);
        }
        letter
    }
}

impl DeadLetter {
    /// What is known of the message because it is an order.
    pub(crate) fn facts(&self) -> Facts<'_> {
        Facts {
            reason: Some(&self.reason),
            order: self.order_number,
            run: self.run.as_deref(),
        }
    }
}
