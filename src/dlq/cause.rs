//! What the dead letters themselves do not say: why good orders are among them, and how often the
//! processor failed. The processor's log says it.

use std::collections::HashMap;

use order::wire::OrderFailure;

use super::DeadLetter;
use crate::aws::AwsFailure;
use crate::lab::{Lab, ReceiveLimit, log_lines};

/// Selects the lines about orders that were not stored.
const FAILURES: &str = "?order_refused ?order_not_stored";
/// Selects those of them that are about good orders: a small part.
const OF_GOOD_ORDERS: &str = "?order_not_stored ?number_taken";

/// Gives good orders the reason that the processor logged, where it logged one, and each message the
/// number of its failures. What cannot be read from the log stays unknown.
///
/// # Errors
/// When the settings of the queue cannot be read.
pub(crate) async fn add_causes(
    lab: &Lab<'_>,
    letters: &mut [DeadLetter],
) -> Result<(), AwsFailure> {
    let limit = lab.reader.receive_limit().await?;
    let logged = logged_failures(lab, letters, limit).await;
    for letter in letters {
        let failures = logged.get(&letter.message_id);
        // The last line about a message says why it was dead-lettered.
        if let Some(cause) = failures.and_then(|failures| failures.last())
            && !letter.would_fail_again()
        {
            letter.explain(cause);
        }
        let attempts = failures.into_iter().flatten().filter_map(|one| one.attempt);
        let attempts = attempts.max().and_then(|count| u32::try_from(count).ok());
        letter.count_failures(limit.ever_since(letter.sent_at), attempts);
    }
    Ok(())
}

/// What the processor logged about messages of which something is not known, by their ids.
async fn logged_failures(
    lab: &Lab<'_>,
    letters: &[DeadLetter],
    limit: ReceiveLimit,
) -> HashMap<String, Vec<OrderFailure>> {
    let is_uncounted =
        |letter: &DeadLetter| letter.was_moved && limit.ever_since(letter.sent_at).is_none();
    let unclear = letters
        .iter()
        .filter(|letter| !letter.would_fail_again() || is_uncounted(letter));
    let Some(oldest) = unclear.map(|letter| letter.sent_at).min() else {
        return HashMap::new();
    };
    let pattern = if letters.iter().any(is_uncounted) {
        FAILURES
    } else {
        OF_GOOD_ORDERS
    };
    let context = &lab.context;
    let processor = context.names.processor();
    let lines = log_lines(context, &processor, oldest, pattern).await;
    let lines = lines.ok().flatten().unwrap_or_default();
    let failures = lines
        .iter()
        .filter_map(|line| serde_json::from_str::<OrderFailure>(&line.message).ok());
    failures.fold(HashMap::new(), |mut by_message, failure| {
        let of_message: &mut Vec<OrderFailure> =
            by_message.entry(failure.message_id.clone()).or_default();
        of_message.push(failure);
        by_message
    })
}
