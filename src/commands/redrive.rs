//! `redrive`: moves the dead letters back to the queue of orders, changed or not.

mod selected;

use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use self::selected::{LeftMessage, PlannedMessage};
use crate::context::Context;
use crate::dlq::{Outcomes, follow, move_back, peek_all};
use crate::error::CommandError;
use crate::globals::{parse_duration, parse_number};
use crate::lab::{Lab, LabPoller};
use crate::messages::{Change, SelectionArgs};
use crate::ui::{Report, counted, number};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab redrive                     move them all, and follow them
  orders-lab redrive --no-wait           move them, and do not follow them
  orders-lab redrive --reason price_err --set body.price_per_item=125.0
  orders-lab redrive --where 'receives<5' --dry-run
  orders-lab redrive --resume            go on with one that was interrupted";

/// The arguments that say which messages are moved, and how: not to be given again.
const OF_A_NEW_REDRIVE: [&str; 14] = [
    "set",
    "unset",
    "limit",
    "rate",
    "dry_run",
    "id",
    "order",
    "reason",
    "run",
    "since",
    "until",
    "attribute",
    "matches",
    "conditions",
];
/// The most messages that `--limit` takes.
const MOST_MESSAGES: u64 = 1_000_000_000;
/// The most messages a second: as many as a move task of SQS takes.
const MOST_A_SECOND: u64 = 500;
/// Why SQS does not move messages that were sent to a dead-letter queue directly.
const NO_SOURCE: &str = "CouldNotDetermineMessageSource";

/// Flags of `redrive`.
#[derive(Debug, Args)]
pub struct RedriveArgs {
    /// Do not follow the orders once they are moved
    #[arg(long)]
    no_wait: bool,
    /// How long to follow them at most
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_duration)]
    timeout: Duration,
    /// Put a value into each body, for example body.price_per_item=125.0; what is not JSON is a string
    #[arg(long, value_name = "PATH=VALUE", value_parser = Change::set)]
    set: Vec<Change>,
    /// Remove a member from each body
    #[arg(long, value_name = "PATH", value_parser = Change::unset)]
    unset: Vec<Change>,
    /// How many messages at most
    #[arg(long, value_name = "N", value_parser = parse_number(1..=MOST_MESSAGES))]
    limit: Option<u64>,
    /// How many messages a second at most
    #[arg(long, value_name = "N", value_parser = parse_number(1..=MOST_A_SECOND))]
    rate: Option<u64>,
    /// Show what would be sent, and send nothing
    #[arg(long)]
    dry_run: bool,
    /// Go on with a redrive that was interrupted
    #[arg(long, conflicts_with_all = OF_A_NEW_REDRIVE)]
    resume: bool,
    /// Give up a redrive that was interrupted: what was not moved stays where it is
    #[arg(long, conflicts_with_all = OF_A_NEW_REDRIVE, conflicts_with = "resume")]
    abandon: bool,
    /// Print each call that changes something as the AWS CLI command that does the same, on stderr
    #[arg(long)]
    pub(super) show_commands: bool,
    #[command(flatten)]
    selection: SelectionArgs,
}

impl RedriveArgs {
    /// Whether all messages are moved as they are, which SQS does by itself.
    fn is_plain(&self) -> bool {
        let has_changes = !(self.set.is_empty() && self.unset.is_empty());
        self.selection.is_everything() && !has_changes && self.limit.is_none()
    }

    fn rate(&self) -> Option<u32> {
        self.rate.and_then(|rate| u32::try_from(rate).ok())
    }

    /// The changes. Members are removed first, so that a value can take their place.
    fn changes(&self) -> Vec<Change> {
        self.unset.iter().chain(&self.set).cloned().collect()
    }
}

impl Default for RedriveArgs {
    fn default() -> Self {
        Self {
            no_wait: false,
            timeout: Duration::from_secs(600),
            set: Vec::new(),
            unset: Vec::new(),
            limit: None,
            rate: None,
            dry_run: false,
            resume: false,
            abandon: false,
            show_commands: false,
            selection: SelectionArgs::default(),
        }
    }
}

/// What became of the dead letters.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct RedriveReport {
    /// How many of the dead letters will fail again for the same reason.
    would_fail_again: usize,
    /// How many dead letters were moved back to the orders queue.
    moved: u64,
    /// How many of the moved messages are in the table now; `null` where they were not followed.
    stored: Option<u64>,
    /// How many of the moved messages are in the dead-letter queue again; `null` where they were not followed.
    dead_lettered: Option<u64>,
    /// How many of the moved messages are in neither yet; `null` where they were not followed.
    in_progress: Option<u64>,
    /// Messages that were selected and are still in the dead-letter queue.
    left: Vec<LeftMessage>,
    /// With `--dry-run`: the messages that would be sent.
    planned: Vec<PlannedMessage>,
}

impl RedriveReport {
    /// The report of messages that were not followed.
    fn unfollowed(would_fail_again: usize, moved: u64) -> Self {
        Self {
            would_fail_again,
            moved,
            stored: None,
            dead_lettered: None,
            in_progress: None,
            left: Vec::new(),
            planned: Vec::new(),
        }
    }
}

pub(super) async fn redrive(
    args: &RedriveArgs,
    context: Context<'_>,
) -> Result<Report<RedriveReport>, CommandError> {
    if args.abandon {
        return selected::abandon(&context).await;
    }
    let mut poller = LabPoller::new(Lab::find(context).await?);
    if args.resume {
        return selected::resume(&mut poller).await;
    }
    selected::require_none_unfinished(poller.context())?;
    if args.dry_run {
        return selected::dry_run(args, poller.lab()).await;
    }
    if args.is_plain() {
        redrive_all(args, &mut poller).await
    } else {
        selected::begin(args, &mut poller).await
    }
}

/// Moves all messages as they are, which SQS does by itself.
async fn redrive_all(
    args: &RedriveArgs,
    poller: &mut LabPoller<'_>,
) -> Result<Report<RedriveReport>, CommandError> {
    let env = poller.context().env;
    let (messages, unread) = peek_all(poller).await?;
    let hopeless = messages
        .iter()
        .filter(|message| message.would_fail_again())
        .count();
    if messages.is_empty() {
        let report = Report::new(RedriveReport::unfollowed(hopeless, 0));
        return match unread {
            Some(unread) => Ok(report.text(unread)),
            None => {
                let empty = poller.lab().empty_dead_letter_queue().await?;
                Ok(report.text(empty.text).text(empty.next))
            }
        };
    }
    unread.into_iter().for_each(|text| env.events.note(text));
    env.events.note(format!(
        "Moving {} back; {} fail again for the same reason.",
        counted(messages.len(), "dead letter"),
        how_many(hopeless, messages.len())
    ));
    let moved = match move_back(poller, &messages, args.rate()).await {
        Err(error) if error.message.contains(NO_SOURCE) => {
            env.events.note(
                "SQS cannot tell where some of the messages came from, because they were sent to the dead-letter queue directly. Moving those to the orders queue.",
            );
            return selected::begin(args, poller).await;
        }
        moved => moved?,
    };
    if args.no_wait {
        let are = if moved == 1 { "is" } else { "are" };
        let report = Report::new(RedriveReport::unfollowed(hopeless, moved));
        let back = format!(
            "{} {are} back in the queue of orders.",
            counted(moved, "message")
        );
        let audit = poller.context().command("audit");
        return Ok(report
            .text(back)
            .text(format!("Next: {audit} shows where the orders are.")));
    }
    let outcomes = follow(poller, &messages, args.timeout).await?;
    let report = RedriveReport {
        stored: Some(outcomes.stored),
        dead_lettered: Some(outcomes.dead_lettered),
        in_progress: Some(outcomes.in_progress),
        ..RedriveReport::unfollowed(hopeless, moved)
    };
    Ok(Report::new(report)
        .passed(outcomes.in_progress == 0)
        .text(summary(moved, messages.len(), hopeless, &outcomes))
        .text(next(&outcomes, hopeless, poller.context())))
}

/// Which of the messages will do something.
fn how_many(count: usize, of: usize) -> String {
    match count {
        1 if of == 1 => "it will".to_owned(),
        0 => "none will".to_owned(),
        all if all == of => "all of them will".to_owned(),
        some => format!("{} of them will", number(some)),
    }
}

/// What to do after the redrive.
fn next(outcomes: &Outcomes, hopeless: usize, context: &Context<'_>) -> String {
    let (dlq, audit) = (context.command("dlq"), context.command("audit"));
    if outcomes.in_progress > 0 {
        return format!(
            "The time is up, but processing continues. {audit} shows where the orders are."
        );
    }
    match outcomes.dead_lettered {
        0 => format!("Next: {audit} accounts for the orders of all runs."),
        dead if dead <= hopeless as u64 => {
            format!("Next: {dlq} shows what is wrong with them.")
        }
        _ => format!("Next: {dlq} shows which are good; sending those again may help."),
    }
}

/// What happened to the messages that were read before the move.
fn summary(moved: u64, read: usize, hopeless: usize, outcomes: &Outcomes) -> String {
    // Messages that arrived after the read were moved as well.
    let all = moved.max(read as u64);
    let verb = |count: u64, one: &str, many: &str| if count == 1 { one } else { many }.to_owned();
    let mut text = format!(
        "{} of {} {} moved back: {} {} stored now",
        number(moved),
        counted(all, "message"),
        verb(moved, "was", "were"),
        number(outcomes.stored),
        verb(outcomes.stored, "is", "are"),
    );
    if outcomes.dead_lettered > 0 {
        let is = verb(outcomes.dead_lettered, "is", "are");
        text.push_str(&format!(
            ", {} {is} in the dead-letter queue again",
            number(outcomes.dead_lettered)
        ));
    }
    if outcomes.in_progress > 0 {
        let are = verb(outcomes.in_progress, "is", "are");
        let count = number(outcomes.in_progress);
        text.push_str(&format!(", {count} {are} still in progress"));
    }
    text.push('.');
    if outcomes.dead_lettered > 0 && hopeless > 0 {
        text.push_str(" Sending a broken order again does not repair it.");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_message_is_singular() {
        let mut outcomes = Outcomes {
            stored: 1,
            ..Outcomes::default()
        };
        let one = "1 of 1 message was moved back: 1 is stored now.";
        assert_eq!(summary(1, 1, 0, &outcomes), one);
        (
            outcomes.stored,
            outcomes.dead_lettered,
            outcomes.in_progress,
        ) = (0, 2, 1);
        let three = "3 of 3 messages were moved back: 0 are stored now, 2 are in the dead-letter queue again, 1 is still in progress.";
        assert_eq!(summary(3, 3, 0, &outcomes), three);
        let broken = summary(3, 3, 2, &outcomes);
        assert!(
            broken.ends_with(
                "1 is still in progress. Sending a broken order again does not repair it."
            )
        );
    }
}
