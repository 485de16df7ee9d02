//! One record of the event: a message with its attributes.

use aws_lambda_events::sqs::SqsMessage;
use order::Defect;
use order::wire::{FailureEvent, INDEX_ATTRIBUTE, OrderFailure, RUN_ATTRIBUTE};

use crate::store::{Identity, Item, StoreError};

/// A message with its parsed order.
pub(crate) struct Record {
    pub(crate) message_id: String,
    run: Option<String>,
    index: Option<u64>,
    receive_count: Option<u64>,
    /// The item to store, or why the order is refused.
    pub(crate) order: Result<Item, Defect>,
}

impl Record {
    /// Parses a message; `None` where it has no id, without which the response cannot list it.
    pub(crate) fn read(message: SqsMessage, stored_at: u64) -> Option<Self> {
        let message_id = message.message_id.filter(|id| !id.is_empty())?;
        let attribute = |name| {
            message
                .message_attributes
                .get(name)
                .and_then(|value| value.string_value.clone())
        };
        let run = attribute(RUN_ATTRIBUTE);
        let index = attribute(INDEX_ATTRIBUTE).and_then(|index| index.parse().ok());
        let number = |name| {
            message
                .attributes
                .get(name)
                .and_then(|value: &String| value.parse().ok())
        };
        let receive_count = number("ApproximateReceiveCount");
        let order = order::parse(message.body.unwrap_or_default().as_bytes()).map(|order| Item {
            number: order.order_number,
            identity: Identity {
                details: order.details(),
                run: run.clone(),
                run_index: index,
            },
            sent_at: number("SentTimestamp"),
            stored_at,
            receive_count,
        });
        Some(Self {
            message_id,
            run,
            index,
            receive_count,
            order,
        })
    }

    pub(crate) fn refused(self, defect: Defect) -> OrderFailure {
        let reason = defect.code().to_owned();
        self.line(
            FailureEvent::OrderRefused,
            defect.order_number,
            reason,
            defect.detail,
        )
    }

    pub(crate) fn not_stored(self, number: u64, error: StoreError) -> OrderFailure {
        self.line(
            FailureEvent::OrderNotStored,
            Some(number),
            error.code,
            error.message,
        )
    }

    fn line(
        self,
        event: FailureEvent,
        order_number: Option<u64>,
        reason: String,
        detail: String,
    ) -> OrderFailure {
        let Self {
            message_id,
            run,
            index,
            receive_count,
            ..
        } = self;
        OrderFailure {
            event,
            message_id,
            attempt: receive_count,
            order_number,
            reason,
            detail,
            run,
            index,
        }
    }
}
