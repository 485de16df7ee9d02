//! `dlq`: the dead letters, each with the reason, and the messages of other queues. Leaves them in the
//! queue.

pub(crate) mod copy;
mod dead_letters;
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

use self::look::Look;
use self::source::{QueueArgs, Source};
use crate::action::{Action, Finished};
use crate::context::{CommandEnv, Context, Intent};
use crate::error::CommandError;
use crate::globals::parse_number;
use crate::messages::{Expression, SelectionArgs};
use crate::ui::{Report, Table, screen_size};

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

/// The fewest dead letters that are shown, however small the terminal is.
const FEWEST: usize = 3;
/// The lines of a terminal that everything but the dead letters and their reasons needs.
const OTHER_LINES: usize = 12;

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
    if args.why && source.lab.is_none() {
        return Err(CommandError::usage(
            "--why reads the log of the lab's processor, which has nothing to do with this queue",
        ));
    }
    let look = Look::read(args, &source).await?;
    match &source.lab {
        Some(lab) => dead_letters::report(args, lab, source.depth(), look).await,
        None => other_queue::report(args, &source, look).await,
    }
}

/// How many messages are shown where the user does not say: as many as the terminal has room for beside
/// a summary of this many `kinds`, elsewhere all.
fn fitting<T>(
    messages: &[&T],
    kinds: usize,
    is_alike: impl Fn(&T, &T) -> bool + Copy,
    table: impl Fn(&[&T]) -> Table,
) -> usize {
    screen_size().map_or(messages.len(), |size| {
        fitting_in(size, messages, kinds, is_alike, table)
    })
}

/// The same for a terminal with so many columns and lines.
fn fitting_in<T>(
    (columns, lines): (u16, u16),
    messages: &[&T],
    kinds: usize,
    is_alike: impl Fn(&T, &T) -> bool + Copy,
    table: impl Fn(&[&T]) -> Table,
) -> usize {
    let room = usize::from(lines).saturating_sub(OTHER_LINES + kinds);
    let most = some_of_each(messages, room, is_alike);
    let height = |count| table(&some_of_each(&most, count, is_alike)).height(columns);
    let fitting = (1..=most.len()).take_while(|count| height(*count) <= room);
    fitting.last().unwrap_or(0).max(FEWEST).max(kinds)
}

/// Up to `most` of the messages, in their order, in which those that are alike come together: as many
/// of each kind as of the others, as far as there are so many.
fn some_of_each<'l, T>(
    messages: &[&'l T],
    most: usize,
    is_alike: impl Fn(&T, &T) -> bool,
) -> Vec<&'l T> {
    let by_kind = messages.chunk_by(|one, next| is_alike(one, next));
    let ranks = by_kind.flat_map(|alike| 0..alike.len());
    let mut ranked: Vec<(usize, usize)> = ranks.zip(0..).collect();
    ranked.sort_unstable();
    ranked.truncate(most);
    ranked.sort_unstable_by_key(|(_, position)| *position);
    ranked
        .into_iter()
        .map(|(_, position)| messages[position])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_is_seen() {
        let reasons = ["a", "a", "a", "a", "b", "c", "c"];
        let reasons: Vec<&&str> = reasons.iter().collect();
        let shown = |most| some_of_each(&reasons, most, |one, other| one == other);
        let shown = |most| shown(most).into_iter().copied().collect::<String>();
        assert_eq!(shown(2), "ab");
        assert_eq!(shown(3), "abc");
        assert_eq!(shown(5), "aabcc");
        assert_eq!(shown(6), "aaabcc");
        assert_eq!(shown(usize::MAX), "aaaabcc");
    }
}
