//! `redrive` of some of the dead letters, or of changed ones: by the tool, with a journal, so that it
//! can be resumed.

use std::path::Path;

use clap::Parser;
use schemars::JsonSchema;
use serde::Serialize;

use super::{RedriveArgs, RedriveReport, next};
use crate::context::Context;
use crate::dlq::{
    self, DeadLetter, Planned, RedriveHeader, RedrivePlan, Redriven, follow, move_selected,
    rehearse, reopen, unfinished,
};
use crate::error::{CommandError, ErrorKind};
use crate::home;
use crate::lab::{Lab, LabPoller};
use crate::messages::{INTERRUPTED, Journal, TransferError};
use crate::system;
use crate::ui::{Cell, Report, Table, counted, number};

/// How many messages are shown at most.
const SHOWN: usize = 10;

/// A message that was selected and is still in the dead-letter queue.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct LeftMessage {
    /// Its id.
    message_id: String,
    /// Why it was not moved.
    why: String,
    /// Whether it may have been sent all the same, because the reply to the send was lost.
    may_be_sent: bool,
}

/// A message that would be sent.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PlannedMessage {
    /// Its id.
    message_id: String,
    /// The order's number; `null` where it cannot be read.
    order_number: Option<u64>,
    /// The body as it is.
    before: String,
    /// The body as it would be sent; `null` where it cannot be changed.
    after: Option<String>,
    /// Why it cannot be changed, or why the processor would refuse it; `null` where the processor
    /// would store it.
    problem: Option<String>,
}

impl PlannedMessage {
    fn new(planned: Planned) -> Self {
        let (after, problem) = match planned.after {
            Ok(message) => {
                let letter = DeadLetter::of(message.clone());
                let problem = letter.would_fail_again().then_some(letter.detail);
                (Some(message.body), problem)
            }
            Err(why) => (None, Some(why)),
        };
        Self {
            message_id: planned.before.message_id,
            order_number: planned.before.order_number,
            before: planned.before.body,
            after,
            problem,
        }
    }
}

/// Shows what would be sent.
pub(super) async fn dry_run(
    args: &RedriveArgs,
    lab: &Lab<'_>,
) -> Result<Report<RedriveReport>, CommandError> {
    let changes = args.changes();
    let mut planned = Vec::new();
    rehearse(lab, &plan(args, &changes), system::now_ms(), |one| {
        planned.push(PlannedMessage::new(one));
    })
    .await?;
    let sent = planned.iter().filter(|one| one.after.is_some());
    let refused = sent.clone().filter(|one| one.problem.is_some()).count();
    let (sent, unchangeable) = (
        sent.count(),
        planned.iter().filter(|one| one.after.is_none()),
    );
    let unchangeable = match unchangeable.count() {
        0 => String::new(),
        some => format!(" {} could not be changed.", counted(some, "message")),
    };
    let text = format!(
        "{} would be sent; the processor would refuse {}.{unchangeable} Nothing was sent.",
        counted(sent, "message"),
        number(refused)
    );
    let table = table(&planned);
    let more = planned.len().saturating_sub(SHOWN);
    let more = (more > 0).then(|| format!("{} more: --json has all.", number(more)));
    let report = RedriveReport {
        planned,
        ..RedriveReport::unfollowed(refused, 0)
    };
    let report = Report::new(report).text(text);
    Ok(match table {
        Some(table) => report.table(table).texts(more),
        None => report,
    })
}

/// The first of the messages, before and after; `None` where there are none.
fn table(planned: &[PlannedMessage]) -> Option<Table> {
    let mut table = Table::new(["Order number", "Before and after", "Refused because"]);
    for one in planned.iter().take(SHOWN) {
        let order = one
            .order_number
            .map_or_else(|| "unreadable".to_owned(), |number| number.to_string());
        let bodies = match &one.after {
            Some(after) if *after != one.before => format!("- {}\n+ {after}", one.before),
            _ => format!("  {}", one.before),
        };
        let problem = one.problem.clone().unwrap_or_default();
        table.row([Cell::from(order), Cell::from(bodies), Cell::from(problem)]);
    }
    (!planned.is_empty()).then_some(table)
}

/// Moves what is selected.
pub(super) async fn begin(
    args: &RedriveArgs,
    poller: &mut LabPoller<'_>,
) -> Result<Report<RedriveReport>, CommandError> {
    let context = poller.context();
    let header = RedriveHeader {
        words: context.env.given.words().to_vec(),
        started_ms: system::now_ms(),
    };
    let (journal, path) = dlq::begin(context, header)?;
    run(args, poller, journal, &path).await
}

/// The flags in a journal.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct Recorded {
    #[command(flatten)]
    args: RedriveArgs,
}

/// Goes on with the redrive that did not end.
pub(super) async fn resume(
    poller: &mut LabPoller<'_>,
) -> Result<Report<RedriveReport>, CommandError> {
    let context = poller.context();
    let unfinished = unfinished(context)?;
    let Some(path) = unfinished.into_iter().next() else {
        let redrive = context.command("redrive");
        return Err(
            CommandError::not_found("there is no redrive that was interrupted")
                .hint(format!("{redrive} begins one.")),
        );
    };
    let journal = reopen(&path)?;
    let words = &journal.header().words;
    let recorded = Recorded::try_parse_from(words).map_err(|problem| {
        CommandError::environment(format!("the journal {} cannot be used", path.display()))
            .because(problem)
    })?;
    context.events().note(format!(
        "Going on with redrive {}; {} sent before.",
        words.join(" "),
        counted(journal.sent_count(), "message")
    ));
    run(&recorded.args, poller, journal, &path).await
}

/// Gives up the redrives that did not end.
pub(super) async fn abandon(context: &Context<'_>) -> Result<Report<RedriveReport>, CommandError> {
    let unfinished = unfinished(context)?;
    for path in &unfinished {
        let uncertain = reopen(path)?.uncertain().len();
        if uncertain > 0 {
            context.events().warn(format!(
                "{} may have been sent and are still in the dead-letter queue; they are sent again if they are redriven.",
                counted(uncertain, "message")
            ));
        }
        home::remove(path)?;
    }
    let text = format!(
        "{} given up.",
        counted(unfinished.len(), "interrupted redrive")
    );
    Ok(Report::new(RedriveReport::unfollowed(0, 0)).text(text))
}

/// Refuses to begin while another redrive did not end: what it sent without a reply could be sent
/// twice.
pub(super) fn require_none_unfinished(context: &Context<'_>) -> Result<(), CommandError> {
    if unfinished(context)?.is_empty() {
        return Ok(());
    }
    let (resume, abandon) = (
        context.command("redrive --resume"),
        context.command("redrive --abandon"),
    );
    Err(CommandError::new(
        ErrorKind::Refused,
        "an earlier redrive of this lab was interrupted",
    )
    .hint(format!("{resume} goes on with it."))
    .hint(format!(
        "{abandon} gives it up; what was not moved stays where it is."
    )))
}

fn plan<'a>(args: &'a RedriveArgs, changes: &'a [crate::messages::Change]) -> RedrivePlan<'a> {
    RedrivePlan {
        selection: &args.selection,
        changes,
        limit: args.limit,
        rate: args.rate(),
    }
}

async fn run(
    args: &RedriveArgs,
    poller: &mut LabPoller<'_>,
    journal: Journal<RedriveHeader>,
    path: &Path,
) -> Result<Report<RedriveReport>, CommandError> {
    let changes = args.changes();
    let moved = move_selected(poller.lab(), &plan(args, &changes), journal).await;
    let redriven = moved.map_err(|error| ended(error, poller.context(), path))?;
    if redriven.transferred.uncertain.is_empty() {
        home::remove(path)?;
    }
    report(args, poller, redriven).await
}

/// The error of a redrive that did not end, which can be resumed.
fn ended(error: TransferError<CommandError>, context: &Context<'_>, path: &Path) -> CommandError {
    let resume = context.command("redrive --resume");
    let error = match error {
        TransferError::Call(error) => error,
        TransferError::Journal(error) => dlq::unusable(path, error),
        TransferError::Interrupted => CommandError::interrupted(INTERRUPTED),
    };
    error.hint(format!(
        "{resume} goes on from here; nothing is sent twice."
    ))
}

/// Follows what was moved, and says what became of it.
async fn report(
    args: &RedriveArgs,
    poller: &mut LabPoller<'_>,
    redriven: Redriven,
) -> Result<Report<RedriveReport>, CommandError> {
    let Redriven {
        transferred,
        moved,
        unchangeable,
    } = redriven;
    let hopeless = moved.iter().filter(|one| one.would_fail_again()).count();
    let left = left(&transferred, unchangeable);
    let texts = left_texts(&left, poller.context());
    let is_whole = left.is_empty();
    let mut report = RedriveReport {
        left,
        ..RedriveReport::unfollowed(hopeless, transferred.moved)
    };
    if args.no_wait || moved.is_empty() {
        let text = format!(
            "{} moved to the orders queue.",
            counted(transferred.moved, "message")
        );
        return Ok(Report::new(report).passed(is_whole).text(text).texts(texts));
    }
    let outcomes = follow(poller, &moved, args.timeout).await?;
    report.stored = Some(outcomes.stored);
    report.dead_lettered = Some(outcomes.dead_lettered);
    report.in_progress = Some(outcomes.in_progress);
    let is_done = is_whole && outcomes.in_progress == 0 && outcomes.dead_lettered == 0;
    let text = super::summary(transferred.moved, moved.len(), hopeless, &outcomes);
    Ok(Report::new(report)
        .passed(is_done)
        .text(text)
        .texts(texts)
        .text(next(&outcomes, hopeless, poller.context())))
}

/// What was selected and not moved.
fn left(transferred: &dlq::Transferred, unchangeable: Vec<(String, String)>) -> Vec<LeftMessage> {
    let uncertain = transferred.uncertain.iter().map(|id| LeftMessage {
        message_id: id.clone(),
        why: "the reply to its send was lost".to_owned(),
        may_be_sent: true,
    });
    let refused = transferred.refused.iter().cloned();
    let others = refused
        .chain(unchangeable)
        .map(|(message_id, why)| LeftMessage {
            message_id,
            why,
            may_be_sent: false,
        });
    uncertain.chain(others).collect()
}

fn left_texts(left: &[LeftMessage], context: &Context<'_>) -> Vec<String> {
    let mut texts = Vec::new();
    let not_moved: Vec<&LeftMessage> = left.iter().filter(|one| !one.may_be_sent).collect();
    if let Some(first) = not_moved.first() {
        texts.push(format!(
            "{} could not be moved, for example {}: {}.",
            counted(not_moved.len(), "message"),
            first.message_id,
            first.why.trim_end_matches('.')
        ));
    }
    let uncertain = left.len() - not_moved.len();
    if uncertain > 0 {
        texts.push(format!(
            "Of {} it is not known whether they were sent, because the reply was lost; {} looks again.",
            counted(uncertain, "message"),
            context.command("redrive --resume")
        ));
    }
    texts
}
