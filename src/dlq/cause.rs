//! Why good orders are among the dead letters: what the processor logged about them.

use std::collections::HashMap;

use order::wire::OrderFailure;

use super::DeadLetter;
use crate::lab::{Lab, log_lines};

/// Selects the lines about good orders that were not stored.
const NOT_STORED: &str = "?order_not_stored ?number_taken";

/// Gives good orders the reason that the processor logged, where it logged one. Logs that cannot be
/// read leave the general reason.
pub(crate) async fn add_logged_causes(lab: &Lab<'_>, letters: &mut [DeadLetter]) {
    let good = letters.iter().filter(|letter| !letter.would_fail_again());
    let Some(oldest) = good.map(|letter| letter.sent_at).min() else {
        return;
    };
    let context = &lab.context;
    let processor = context.names.processor();
    let Ok(Some(lines)) = log_lines(context, &processor, oldest, NOT_STORED).await else {
        return;
    };
    let failures = lines
        .iter()
        .filter_map(|line| serde_json::from_str::<OrderFailure>(&line.message).ok());
    // The last line about a message says why it was dead-lettered.
    let causes: HashMap<String, OrderFailure> = failures
        .map(|failure| (failure.message_id.clone(), failure))
        .collect();
    for letter in letters {
        let cause = causes.get(&letter.message_id);
        if let Some(cause) = cause.filter(|_| !letter.would_fail_again()) {
            letter.explain(cause);
        }
    }
}
