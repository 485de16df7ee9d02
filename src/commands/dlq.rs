//! `dlq`: the dead letters, each with the reason. Leaves them in the queue.

use std::collections::BTreeMap;

use clap::Args;
use jiff::SignedDuration;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::dlq::{DeadLetter, peek, reasons, unread};
use crate::error::CommandError;
use crate::lab::Lab;
use crate::system;
use crate::ui::{Report, Table, Time, counted};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab dlq
  orders-lab dlq --full                  with the bodies";

/// Flags of `dlq`.
#[derive(Debug, Default, Args)]
pub struct DlqArgs {
    /// Show the bodies too
    #[arg(long)]
    full: bool,
}

/// The dead letters.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DlqReport {
    /// The dead letters that could be read; all are still in the queue.
    messages: Vec<DeadLetterMessage>,
    /// How many there are for each reason.
    reasons: BTreeMap<String, u64>,
}

/// A message in the dead-letter queue.
#[derive(Debug, Serialize, JsonSchema)]
struct DeadLetterMessage {
    /// The message's id.
    message_id: String,
    /// The order's number; `null` where it cannot be read.
    order_number: Option<u64>,
    /// Why the processor refuses it, for example `price_not_a_number`; `good_order` where the order
    /// is good, so that crashes, throttling or a number that was taken already are the reason.
    reason: String,
    /// How often it was received in all.
    receive_count: u32,
    /// When it was sent.
    sent_at: Time,
    /// The message's body.
    body: String,
    /// The run that sent it; `null` where no run did.
    run: Option<String>,
    /// The order's index in the run, from 0; `null` where no run sent it.
    index: Option<u64>,
}

impl From<&DeadLetter> for DeadLetterMessage {
    fn from(letter: &DeadLetter) -> Self {
        Self {
            message_id: letter.message_id.clone(),
            order_number: letter.order_number,
            reason: letter.reason.clone(),
            receive_count: letter.receive_count,
            sent_at: Time(system::at(letter.sent_at)),
            body: letter.body.clone(),
            run: letter.run.clone(),
            index: letter.index,
        }
    }
}

pub(super) async fn dlq(
    args: &DlqArgs,
    context: Context<'_>,
) -> Result<Report<DlqReport>, CommandError> {
    let lab = Lab::find(context).await?;
    let depth = lab.reader.dead_letter_depth().await?.total();
    let letters = peek(&lab, depth).await?;
    let reasons = reasons(&letters);
    let counts = reasons.iter();
    let summary: Vec<String> = counts
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    let report = Report::new(DlqReport {
        messages: letters.iter().map(DeadLetterMessage::from).collect(),
        reasons: reasons
            .into_iter()
            .map(|(reason, count)| (reason.to_owned(), count))
            .collect(),
    });
    let unread = unread(depth, letters.len());
    if letters.is_empty() {
        return Ok(
            report.text(unread.unwrap_or_else(|| "The dead-letter queue is empty.".to_owned()))
        );
    }
    Ok(report
        .table(table(&letters, args.full, system::now_ms()))
        .text(format!(
            "{}: {}. All are still in the queue.",
            counted(letters.len(), "dead letter"),
            summary.join(", ")
        ))
        .texts(unread)
        .text(format!(
            "Next: {} moves them back to the orders queue.",
            lab.context.command("redrive")
        )))
}

fn table(letters: &[DeadLetter], full: bool, now: u64) -> Table {
    let mut heading = vec!["Order number", "Reason", "Receives", "Age"];
    heading.extend(full.then_some("Body"));
    let mut table = Table::new(heading).numeric([2, 3]);
    for letter in letters {
        let age = i64::try_from(now.saturating_sub(letter.sent_at) / 1000).unwrap_or(i64::MAX);
        let mut row = vec![
            letter
                .order_number
                .map_or_else(|| "unreadable".to_owned(), |number| number.to_string()),
            letter.reason.clone(),
            letter.receive_count.to_string(),
            format!("{:#}", SignedDuration::from_secs(age)),
        ];
        row.extend(full.then(|| letter.body.clone()));
        table.row(row);
    }
    table
}
