//! `dlq`: the dead letters, each with why it is dead. Leaves them where they are.

use clap::Args;
use jiff::SignedDuration;

use crate::context::{CommandEnv, Intent};
use crate::dlq::{DeadLetter, peek, reasons, unread};
use crate::error::CommandError;
use crate::lab::Lab;
use crate::system;
use crate::ui::{Report, Table, counted};

/// Flags of `dlq`.
#[derive(Debug, Default, Args)]
pub struct DlqArgs {
    /// Show the bodies too
    #[arg(long)]
    full: bool,
}

pub(super) async fn dlq(args: &DlqArgs, env: &CommandEnv) -> Result<Report, CommandError> {
    let lab = Lab::connect(env, Intent::Read).await?;
    let depth = lab.reader.dead_letter_depth().await?.total();
    let letters = peek(&lab, depth).await?;
    let counts = reasons(&letters);
    let report = Report::good()
        .with("messages", &letters)
        .with("reasons", &counts);
    let unread = unread(depth, letters.len());
    if letters.is_empty() {
        return Ok(
            report.text(unread.unwrap_or_else(|| "The dead-letter queue is empty.".to_owned()))
        );
    }
    let summary: Vec<String> = counts
        .iter()
        .map(|(reason, count)| format!("{count} {reason}"))
        .collect();
    let report = report
        .table(table(&letters, args.full, system::now_ms()))
        .text(format!(
            "{}: {}. All are still in the queue.",
            counted(letters.len(), "dead letter"),
            summary.join(", ")
        ));
    let report = unread.into_iter().fold(report, Report::text);
    Ok(report.text(format!(
        "Next: {} moves them back to the queue of orders.",
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
