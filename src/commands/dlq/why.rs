//! `dlq --why`: the attempts at some dead letters, as the processor logged them.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::dlq::{Attempt, DeadLetter, attempts};
use crate::error::CommandError;
use crate::system;
use crate::ui::{Cell, Table, Time, counted};

/// The most dead letters whose attempts are looked up: each takes a call for itself and one for each
/// attempt.
const MOST: usize = 20;

/// An attempt at an order that failed.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct FailedAttempt {
    /// Which attempt it was, from 1; `null` where the log does not say.
    number: Option<u64>,
    /// When the processor logged it.
    at: Time,
    /// The id of the invocation; `null` where it is not in the log any more.
    request_id: Option<String>,
    /// Why it failed, for example `price_err`, or DynamoDB's error code.
    reason: String,
    /// The same as a sentence.
    detail: String,
}

impl FailedAttempt {
    pub(super) fn all(attempts: &[Attempt]) -> Vec<Self> {
        let each = attempts.iter().map(|attempt| Self {
            number: attempt.number,
            at: Time(system::at(attempt.at)),
            request_id: attempt.request_id.clone(),
            reason: attempt.reason.clone(),
            detail: attempt.detail.clone(),
        });
        each.collect()
    }
}

/// The attempts at dead letters, by the ids of the messages.
pub(super) type Attempts = HashMap<String, Vec<Attempt>>;

/// Reads the attempts at the first of the dead letters. A note says where there are more.
///
/// # Errors
/// When the log cannot be read.
pub(super) async fn read(
    context: &Context<'_>,
    letters: &[&DeadLetter],
) -> Result<Attempts, CommandError> {
    let mut all = Attempts::new();
    for letter in letters.iter().take(MOST) {
        let found = attempts(context, &letter.message_id, letter.sent_at).await?;
        all.insert(letter.message_id.clone(), found);
    }
    if letters.len() > MOST {
        context.events().note(format!(
            "--why reads the attempts at {} at most; select those that you want to know about.",
            counted(MOST, "dead letter")
        ));
    }
    Ok(all)
}

/// The attempts as a table.
pub(super) fn table(letters: &[&DeadLetter], attempts: &Attempts) -> Table {
    let headings = ["Order number", "Attempt", "At (UTC)", "Request id", "Error"];
    let mut table = Table::new(headings).numeric([1]);
    for letter in letters {
        let Some(found) = attempts.get(&letter.message_id) else {
            continue;
        };
        let order = letter
            .order_number
            .map_or_else(|| "unreadable".to_owned(), |number| number.to_string());
        if found.is_empty() {
            let nothing = "not in the log: a crash, a timeout, or too long ago";
            table.row([
                Cell::from(order),
                "".into(),
                "".into(),
                "".into(),
                nothing.into(),
            ]);
            continue;
        }
        for attempt in found {
            let at = system::at(attempt.at).strftime("%H:%M:%S%.3f").to_string();
            table.row([
                Cell::from(order.as_str()),
                Cell::from(
                    attempt
                        .number
                        .map(|number| number.to_string())
                        .unwrap_or_default(),
                ),
                Cell::from(at),
                Cell::from(attempt.request_id.clone().unwrap_or_default()),
                Cell::from(format!("{}: {}", attempt.reason, attempt.detail)),
            ]);
        }
    }
    table
}
