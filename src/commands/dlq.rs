//! `dlq`: the dead letters, each with the reason, and the messages of other queues. Leaves them in the
//! queue.

pub(crate) mod copy;
pub(crate) mod delete;
mod draft;
pub(crate) mod export;
pub(crate) mod import;
mod look;
mod other_queue;
pub(crate) mod purge;
mod report;
mod source;
mod why;

pub(crate) use report::DlqReport;

use clap::{Args, Subcommand};

use self::look::{Look, summary};
use self::report::{DeadLetterMessage, MessageGroup};
use self::source::{QueueArgs, Source};
use self::why::FailedAttempt;
use crate::action::{Action, Finished};
use crate::context::{CommandEnv, Context, Intent};
use crate::dlq::{DeadLetter, add_causes, meaning, reasons, unread};
use crate::error::CommandError;
use crate::globals::parse_number;
use crate::lab::Lab;
use crate::messages::{Expression, Groups, MessageRecord, SelectionArgs};
use crate::system;
use crate::ui::{Cell, Report, Table, Tone, age, counted, number, screen_lines};

pub(super) const EXAMPLES: &str = "\
Columns:
  FAILED  how often the processor received the order and did not store it
  LOOKS   how often it was received since then, by `dlq`, `audit` and others
  Both are empty where the lab's --max-receives was changed since the order was
  sent, and the processor's log does not say how often it failed.

Examples:
  orders-lab dlq
  orders-lab dlq --limit 100
  orders-lab dlq --full                  with the bodies
  orders-lab dlq --reason price_err --since 1h
  orders-lab dlq --where 'receives>5'    JMESPath, as in the AWS CLI
  orders-lab dlq --queue other-dlq --group-by body.type";

/// What the columns say, below the table.
const COLUMNS: &str =
    "FAILED: attempts of the processor. LOOKS: later receives, by dlq and others.";
/// The fewest dead letters that are shown, however small the terminal is.
const FEWEST: usize = 3;
/// The lines of a terminal that everything but the dead letters and their reasons needs.
const OTHER_LINES: usize = 14;

/// Flags of `dlq`.
#[derive(Debug, Default, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct DlqArgs {
    #[command(subcommand)]
    command: Option<DlqCommand>,
    #[command(flatten)]
    queue: QueueArgs,
    /// Show the bodies too
    #[arg(long)]
    full: bool,
    /// How many to show at most [default: as many as the terminal has room for, elsewhere all]
    #[arg(long, value_name = "N", value_parser = parse_number(0..=u64::MAX))]
    limit: Option<u64>,
    /// Group by the value of a JMESPath expression, for example body.type [default: by reason]
    #[arg(long, value_name = "EXPR", value_parser = Expression::compile)]
    group_by: Option<Expression>,
    /// Show each failed attempt too: when, in which invocation, and the error
    #[arg(long)]
    why: bool,
    #[command(flatten)]
    selection: SelectionArgs,
}

impl DlqArgs {
    /// The command's name in JSON documents.
    pub(super) fn name(&self) -> &'static str {
        match &self.command {
            None => "dlq",
            Some(DlqCommand::Export(_)) => "dlq export",
            Some(DlqCommand::Import(_)) => "dlq import",
            Some(DlqCommand::Copy(_)) => "dlq copy",
            Some(DlqCommand::Delete(_)) => "dlq delete",
            Some(DlqCommand::Purge(_)) => "dlq purge",
        }
    }

    fn limit(&self) -> Option<usize> {
        let limit = self.limit?;
        Some(usize::try_from(limit).unwrap_or(usize::MAX))
    }
}

/// What to do with the messages of a queue.
#[derive(Debug, Subcommand)]
enum DlqCommand {
    /// Write messages to a file, a line of JSON for each; leaves them in the queue
    #[command(after_help = export::EXAMPLES)]
    Export(export::ExportArgs),
    /// Send the messages of a file that `dlq export` has written
    #[command(after_help = import::EXAMPLES)]
    Import(import::ImportArgs),
    /// Send copies of messages to another queue; leaves them in the queue
    #[command(after_help = copy::EXAMPLES)]
    Copy(copy::CopyArgs),
    /// Delete the selected messages
    #[command(after_help = delete::EXAMPLES)]
    Delete(delete::DeleteArgs),
    /// Delete all messages of a queue
    #[command(after_help = purge::EXAMPLES)]
    Purge(purge::PurgeArgs),
}

/// Runs `dlq` or one of its commands.
pub(super) async fn run(args: &DlqArgs, env: &CommandEnv) -> Finished {
    let read = Action::new(env, Intent::Read);
    let change = Action::new(env, Intent::Change);
    match &args.command {
        None => {
            let work = async |context| dlq(args, context).await;
            read.run(work).await
        }
        Some(DlqCommand::Export(args)) => {
            let work = async |context| export::export(args, context).await;
            read.run(work).await
        }
        Some(DlqCommand::Import(args)) => {
            let work = async |context| import::import(args, context).await;
            change.run(work).await
        }
        Some(DlqCommand::Copy(args)) => {
            let work = async |context| copy::copy(args, context).await;
            change.run(work).await
        }
        Some(DlqCommand::Delete(args)) => {
            let work = async |context| delete::delete(args, context).await;
            change.run(work).await
        }
        Some(DlqCommand::Purge(args)) => {
            let work = async |context| purge::purge(args, context).await;
            change.run(work).await
        }
    }
}

pub(super) async fn dlq(
    args: &DlqArgs,
    context: Context<'_>,
) -> Result<Report<DlqReport>, CommandError> {
    let source = Source::open(context, &args.queue, &args.selection).await?;
    let look = Look::read(args, &source).await?;
    match &source.lab {
        Some(lab) => dead_letters(args, lab, source.depth(), look).await,
        None if args.why => Err(CommandError::usage(
            "--why reads the log of the lab's processor, which has nothing to do with this queue",
        )),
        None => other_queue::report(args, &source, look).await,
    }
}

async fn dead_letters(
    args: &DlqArgs,
    lab: &Lab<'_>,
    depth: u64,
    look: Look,
) -> Result<Report<DlqReport>, CommandError> {
    let Look {
        read,
        mut letters,
        messages,
        mut groups,
    } = look;
    add_causes(lab, &mut letters).await?;
    let age = |letter: &DeadLetter| (letter.sent_at, letter.message_id.clone());
    letters.sort_by(|one, other| (&one.reason, age(one)).cmp(&(&other.reason, age(other))));
    if args.group_by.is_none() {
        groups = by_reason(&letters);
    }
    let is_alike = |one: &DeadLetter, other: &DeadLetter| one.reason == other.reason;
    let listed = some_of_each(&letters, args.limit().unwrap_or(usize::MAX), is_alike);
    let nothing = (String::new(), MessageRecord::default());
    let message = |letter: &DeadLetter| &messages.get(&letter.message_id).unwrap_or(&nothing).1;
    let queue = lab.context.names.dead_letter_queue();
    let reasons = reasons(&letters).into_iter();
    let fitting = fitting(screen_lines(), groups.len(), args.full);
    let shown = some_of_each(&letters, args.limit().unwrap_or(fitting), is_alike);
    let attempts = if args.why {
        Some(why::read(&lab.context, &shown).await?)
    } else {
        None
    };
    let of_letter = |letter: &DeadLetter| attempts.as_ref()?.get(&letter.message_id);
    let report = Report::new(DlqReport {
        read,
        selected: letters.len() as u64,
        messages: listed
            .into_iter()
            .map(|letter| {
                let attempts = of_letter(letter).map(|attempts| FailedAttempt::all(attempts));
                DeadLetterMessage::new(letter, message(letter), attempts)
            })
            .collect(),
        reasons: reasons
            .map(|(reason, count)| (reason.to_owned(), count))
            .collect(),
        groups: MessageGroup::all(&groups),
        queue: queue.clone(),
    });
    let unread = unread(depth, usize::try_from(read).unwrap_or(usize::MAX));
    if letters.is_empty() {
        return Ok(match unread {
            Some(unread) => report.text(unread),
            None if read > 0 => {
                let read = counted(read, "dead letter");
                report.text(format!("None of {read} is selected."))
            }
            None => {
                let empty = lab.empty_dead_letter_queue().await?;
                report.text(empty.text).text(empty.next)
            }
        });
    }
    let all = counted(read, "dead letter");
    let count = match letters.len() as u64 {
        selected if selected == read => all,
        selected => format!("{} of {all}", number(selected)),
    };
    let report = report
        .text(format!("{count} in {queue}. All are still in the queue."))
        .table(match args.group_by {
            Some(_) => summary(&groups, "Group", |_| String::new()),
            None => summary(&groups, "Reason", |reason| meaning(reason).to_owned()),
        });
    let report = if shown.is_empty() {
        report
    } else {
        report.table(table(&shown, args.full))
    };
    let report = match &attempts {
        Some(attempts) => report.table(why::table(&shown, attempts)),
        None => report,
    };
    Ok(report
        .texts(more(&lab.context, shown.len(), letters.len()))
        .texts(unread)
        .text(next(&lab.context, &letters)))
}

fn by_reason(letters: &[DeadLetter]) -> Groups {
    let mut groups = Groups::default();
    for letter in letters {
        groups.add(letter.reason.clone(), &letter.message_id, letter.sent_at);
    }
    groups
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

/// Up to `most` of the messages, in their order, in which those that are alike come together: as many
/// of each kind as of the others, as far as there are so many.
fn some_of_each<T>(messages: &[T], most: usize, is_alike: impl Fn(&T, &T) -> bool) -> Vec<&T> {
    let by_kind = messages.chunk_by(is_alike);
    let ranks = by_kind.flat_map(|alike| 0..alike.len());
    let mut ranked: Vec<(usize, usize)> = ranks.zip(0..).collect();
    ranked.sort_unstable();
    ranked.truncate(most);
    ranked.sort_unstable_by_key(|(_, position)| *position);
    ranked
        .into_iter()
        .map(|(_, position)| &messages[position])
        .collect()
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
        let reasons = ["a", "a", "a", "a", "b", "c", "c"];
        let shown = |most| some_of_each(&reasons, most, |one, other| one == other);
        let shown = |most| shown(most).into_iter().copied().collect::<String>();
        assert_eq!(shown(2), "ab");
        assert_eq!(shown(3), "abc");
        assert_eq!(shown(5), "aabcc");
        assert_eq!(shown(6), "aaabcc");
        assert_eq!(shown(usize::MAX), "aaaabcc");
    }
}
