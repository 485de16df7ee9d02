//! What a lab holds when its removal begins.

use schemars::JsonSchema;
use serde::Serialize;

use crate::aws::{Answer as _, AwsFailure, MayBeAbsent as _};
use crate::context::Context;
use crate::lab::LabReader;
use crate::ui::counted;

/// What a lab held when its removal began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(rename = "LabContents")]
pub(super) struct Contents {
    /// The orders in the table. AWS counts them every six hours; `null` where it has counted none.
    orders: Option<u64>,
    /// The messages in the orders queue.
    queued: u64,
    /// The messages in the dead-letter queue.
    dead_letters: u64,
}

impl Contents {
    /// Reads what the lab holds; `None` where one of its queues does not exist, or the user interrupts.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub(super) async fn read(context: &Context<'_>) -> Result<Option<Self>, AwsFailure> {
        let found = LabReader::find(context).await?;
        let Some(reader) = found.filter(|_| !context.cancel().is_cancelled()) else {
            return Ok(None);
        };
        let (orders, dead_letters, items) = tokio::try_join!(
            reader.orders_depth(),
            reader.dead_letter_depth(),
            item_count(context),
        )?;
        Ok(Some(Self {
            orders: items.filter(|items| *items > 0 || context.target.is_local()),
            queued: orders.total(),
            dead_letters: dead_letters.total(),
        }))
    }

    /// What it held, in words for a list. `exact` says whether the table's count is.
    pub(super) fn words(&self, exact: bool) -> Vec<String> {
        let about = if exact { "" } else { "about " };
        let orders = self
            .orders
            .map(|orders| format!("{about}{}", counted(orders, "order")));
        let in_progress = || format!("{} in progress", counted(self.queued, "message"));
        let queued = (self.queued > 0).then(in_progress);
        let dead = Some(counted(self.dead_letters, "dead letter"));
        [orders, queued, dead].into_iter().flatten().collect()
    }
}

/// The table's own count of its items, which costs nothing. On AWS it is up to six hours old.
async fn item_count(context: &Context<'_>) -> Result<Option<u64>, AwsFailure> {
    let request = context.clients.dynamodb.describe_table();
    let reply = request.table_name(context.names.table()).send().await;
    let described = reply.of_call("dynamodb:DescribeTable").unless_absent()?;
    let table = described.and_then(|described| described.table);
    let count = table.and_then(|table| table.item_count);
    Ok(count.and_then(|count| u64::try_from(count).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contents_have_words() {
        let contents = Contents {
            orders: Some(18),
            queued: 0,
            dead_letters: 1,
        };
        assert_eq!(contents.words(true), ["18 orders", "1 dead letter"]);
        let on_aws = Contents {
            queued: 2,
            ..contents
        };
        assert_eq!(
            on_aws.words(false),
            ["about 18 orders", "2 messages in progress", "1 dead letter"]
        );
    }
}
