//! `dlq`: the dead letters, each with the reason. Leaves them in the queue.

use std::collections::BTreeMap;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::dlq::{DeadLetter, add_causes, meaning, peek, reasons, unread};
use crate::error::CommandError;
use crate::globals::parse_number;
use crate::lab::Lab;
use crate::system;
use crate::ui::{Cell, Report, Table, Time, Tone, age, counted, number, screen_lines};

pub(super) const EXAMPLES: &str = "\
Columns:
  FAILED  how often the processor received the order and did not store it
  LOOKS   how often it was received since then, by `dlq`, `audit` and others
  Both are empty where the lab's --max-receives was changed since the order was
  sent, and the processor's log does not say how often it failed.

Examples:
  orders-lab dlq
  orders-lab dlq --limit 100
  orders-lab dlq --full                  with the bodies";

/// What the columns say, below the table.
const COLUMNS: &str =
    "FAILED: attempts of the processor. LOOKS: later receives, by dlq and others.";
/// The fewest dead letters that are shown, however small the terminal is.
const FEWEST: usize = 3;
/// The lines of a terminal that everything but the dead letters and their reasons needs.
const OTHER_LINES: usize = 14;

/// Flags of `dlq`.
#[derive(Debug, Default, Args)]
pub struct DlqArgs {
    /// Show the bodies too
    #[arg(long)]
    full: bool,
    /// How many to show at most [default: as many as the terminal has room for, elsewhere all]
    #[arg(long, value_name = "N", value_parser = parse_number(0..=u64::MAX))]
    limit: Option<u64>,
}

/// The dead letters.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DlqReport {
    /// The dead letters that could be read, by reason and then by age; all are still in the queue. With
    /// `--limit`, as many of each reason as of the others.
    messages: Vec<DeadLetterMessage>,
    /// How many there are for each reason, `--limit` or not.
    reasons: BTreeMap<String, u64>,
}

/// A message in the dead-letter queue.
#[derive(Debug, Serialize, JsonSchema)]
struct DeadLetterMessage {
    /// The message's id.
    message_id: String,
    /// The order's number; `null` where it cannot be read.
    order_number: Option<u64>,
    /// Why the processor refuses it, in the words of `simulate --faults`, for example `price_err`;
    /// `good_order` where the order is good, so that crashes or throttling are the reason.
    reason: String,
    /// What exactly is wrong, as a sentence.
    detail: String,
    /// How often it was received in all.
    receive_count: u32,
    /// How many of these receives were failures of the processor, the others being looks into the
    /// dead-letter queue. `null` where it was not SQS that moved the message there, or where the limit
    /// of receives was changed since it was sent and the log does not tell.
    failed_receives: Option<u32>,
    /// When it was sent.
    sent_at: Time,
    /// The message's body.
    body: String,
    /// The run that sent it; `null` where no run did.
    run: Option<String>,
    /// The order's index in the run, from 0; `null` where no run sent it.
    index: Option<u64>,
}

impl DeadLetterMessage {
    fn new(letter: &DeadLetter) -> Self {
        Self {
            message_id: letter.message_id.clone(),
            order_number: letter.order_number,
            reason: letter.reason.clone(),
            detail: letter.detail.clone(),
            receive_count: letter.receive_count,
            failed_receives: letter.failed_receives,
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
    let mut letters = peek(&lab, depth).await?;
    add_causes(&lab, &mut letters).await?;
    // Stable: those of a reason stay in the order of their age.
    letters.sort_by(|one, other| one.reason.cmp(&other.reason));
    let limit = args
        .limit
        .map(|limit| usize::try_from(limit).unwrap_or(usize::MAX));
    let listed = some_of_each(&letters, limit.unwrap_or(usize::MAX));
    let reasons = reasons(&letters);
    let report = Report::new(DlqReport {
        messages: listed.into_iter().map(DeadLetterMessage::new).collect(),
        reasons: reasons
            .iter()
            .map(|(reason, count)| ((*reason).to_owned(), *count))
            .collect(),
    });
    let unread = unread(depth, letters.len());
    if letters.is_empty() {
        return Ok(
            report.text(unread.unwrap_or_else(|| "The dead-letter queue is empty.".to_owned()))
        );
    }
    let fitting = fitting(screen_lines(), reasons.len(), args.full);
    let shown = some_of_each(&letters, limit.unwrap_or(fitting));
    let report = report
        .text(format!(
            "{} in {}. All are still in the queue.",
            counted(letters.len(), "dead letter"),
            lab.context.names.dead_letter_queue()
        ))
        .table(summary(&reasons));
    let report = if shown.is_empty() {
        report
    } else {
        report.table(table(&shown, args.full))
    };
    Ok(report
        .texts(more(&lab.context, shown.len(), letters.len()))
        .texts(unread)
        .text(next(&lab.context, &letters)))
}

/// How many dead letters a terminal of so many lines has room for, beside a summary of this many
/// reasons.
fn fitting(screen_lines: Option<usize>, reasons: usize, full: bool) -> usize {
    // A body takes some lines in a narrow column.
    let lines_each = if full { 4 } else { 1 };
    screen_lines.map_or(usize::MAX, |lines| {
        (lines.saturating_sub(OTHER_LINES + reasons) / lines_each).max(FEWEST.max(reasons))
    })
}

/// Up to `most` of the dead letters, in their order, which is that of their reasons: as many of each
/// reason as of the others, as far as there are so many.
fn some_of_each(letters: &[DeadLetter], most: usize) -> Vec<&DeadLetter> {
    let by_reason = letters.chunk_by(|one, next| one.reason == next.reason);
    let ranks = by_reason.flat_map(|alike| 0..alike.len());
    let mut ranked: Vec<(usize, usize)> = ranks.zip(0..).collect();
    ranked.sort_unstable();
    ranked.truncate(most);
    ranked.sort_unstable_by_key(|(_, position)| *position);
    ranked
        .into_iter()
        .map(|(_, position)| &letters[position])
        .collect()
}

/// How many dead letters there are for each reason.
fn summary(reasons: &BTreeMap<&str, u64>) -> Table {
    let mut table = Table::new(["Count", "Reason", "Meaning"]).numeric([0]);
    for (reason, count) in reasons {
        table.row([
            number(count),
            (*reason).to_owned(),
            meaning(reason).to_owned(),
        ]);
    }
    table
}

fn table(letters: &[&DeadLetter], full: bool) -> Table {
    let last = if full { "Why, and body" } else { "Why" };
    let headings = ["Order number", "Failed", "Looks", "Age", last];
    let mut table = Table::new(headings).numeric([1, 2, 3]).note(COLUMNS);
    let now = system::now();
    for letter in letters {
        let order = letter
            .order_number
            .map_or_else(|| "unreadable".to_owned(), |number| number.to_string());
        let why = if full {
            format!("{}\n{}", letter.detail, letter.body)
        } else {
            letter.detail.clone()
        };
        table.row([
            Cell::from(order),
            Cell::from(letter.failed_receives.map(number).unwrap_or_default()),
            Cell::new(letter.looks().map(number).unwrap_or_default(), Tone::Dim),
            Cell::from(age(system::at(letter.sent_at), now)),
            Cell::from(why),
        ]);
    }
    table
}

/// How to see those that are not shown; `None` where all are.
fn more(context: &Context<'_>, shown: usize, all: usize) -> Option<String> {
    let more = all.checked_sub(shown).filter(|more| *more > 0)?;
    let command = context.again("dlq", &[&format!("--limit {all}")]);
    Some(format!("{} more: {command} shows all.", number(more)))
}

/// What to do about them.
fn next(context: &Context<'_>, letters: &[DeadLetter]) -> String {
    let redrive = context.command("redrive");
    let bad = letters
        .iter()
        .filter(|letter| letter.would_fail_again())
        .count();
    let again = match bad {
        0 => ", which stores them now if what went wrong has passed".to_owned(),
        bad if bad == letters.len() => {
            ". They fail again there: an order that is wrong stays wrong".to_owned()
        }
        bad => format!(", where {} of them fail again", number(bad)),
    };
    format!("Next: {redrive} moves them back to the orders queue{again}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_as_fit_are_shown() {
        assert_eq!(fitting(None, 1, false), usize::MAX);
        assert_eq!(fitting(Some(24), 1, false), 9);
        assert_eq!(fitting(Some(24), 1, true), FEWEST);
        assert_eq!(fitting(Some(5), 1, false), FEWEST);
        assert_eq!(fitting(Some(5), 6, false), 6, "one of each reason");
    }

    #[test]
    fn each_reason_is_seen() {
        let letter = |reason: &str| DeadLetter {
            reason: reason.to_owned(),
            ..DeadLetter::named("m")
        };
        let letters = ["a", "a", "a", "a", "b", "c", "c"].map(letter);
        let shown = |most| -> String {
            let shown = some_of_each(&letters, most);
            shown.iter().map(|letter| letter.reason.as_str()).collect()
        };
        assert_eq!(shown(2), "ab");
        assert_eq!(shown(3), "abc");
        assert_eq!(shown(5), "aabcc");
        assert_eq!(shown(6), "aaabcc");
        assert_eq!(shown(usize::MAX), "aaaabcc");
    }
}
