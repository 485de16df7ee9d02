//! `dlq delete`: deletes the selected messages, exactly those that this command has read.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::source::{SomeArgs, Source};
use crate::context::Context;
use crate::error::CommandError;
use crate::messages::{Deleted, Reading, Selection, Step};
use crate::system;
use crate::ui::{Event, Live, Report, consent, counted, number};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab dlq delete --id 5fea7756-0ea4-451a-a703-a558b933e274
  orders-lab dlq delete --reason price_err --until 1d
  orders-lab dlq delete --queue other-dlq --where 'receives>10'";

/// Flags of `dlq delete`.
#[derive(Debug, Args)]
pub(super) struct DeleteArgs {
    #[command(flatten)]
    some: SomeArgs,
}

/// What was deleted.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct DeleteReport {
    /// The queue's name.
    queue: String,
    /// How many messages were selected.
    selected: u64,
    /// How many of them were deleted.
    deleted: u64,
    /// How many messages were read.
    read: u64,
}

pub(super) async fn delete(
    args: &DeleteArgs,
    context: Context<'_>,
) -> Result<Report<DeleteReport>, CommandError> {
    if args.some.selection.is_everything() && args.some.limit.is_none() {
        let purge = context.again("dlq purge", &[]);
        return Err(
            CommandError::usage("dlq delete needs to be told which messages")
                .hint("Select some, for example with --id, --where or --limit.")
                .hint(format!("{purge} deletes all.")),
        );
    }
    let source = Source::open(context, &args.some.queue, &args.some.selection).await?;
    let mut reading = source.reading();
    let deleted = delete_selected(args, &source, &mut reading).await;
    reading.release().await;
    let report = deleted?;
    let text = if report.selected == 0 {
        format!(
            "None of {} in {} is selected; nothing was deleted.",
            counted(report.read, "message"),
            report.queue
        )
    } else {
        format!(
            "{} of {} in {} {} deleted.",
            number(report.deleted),
            counted(report.read, "message"),
            report.queue,
            if report.deleted == 1 { "was" } else { "were" }
        )
    };
    let is_done = report.deleted == report.selected;
    let left = report.selected - report.deleted;
    let refused = (!is_done).then(|| {
        let messages = counted(left, "message");
        format!("SQS did not delete {messages}: run the command again.")
    });
    Ok(Report::new(report)
        .passed(is_done)
        .text(text)
        .texts(refused))
}

async fn delete_selected(
    args: &DeleteArgs,
    source: &Source<'_>,
    reading: &mut Reading,
) -> Result<DeleteReport, CommandError> {
    let mut selection = Selection::new(&args.some.selection, system::now_ms());
    let mut selected = 0;
    let read = source
        .read(reading, &mut selection, async |_, _| {
            selected += 1;
            Ok(if args.some.limit == Some(selected) {
                Step::SelectAsLast
            } else {
                Step::Select
            })
        })
        .await?
        .read;
    let queue = source.queue.name.clone();
    let report = |deleted| DeleteReport {
        queue,
        selected,
        deleted,
        read,
    };
    if selected == 0 {
        return Ok(report(0));
    }
    let (events, cancel) = (source.context.events(), source.context.cancel());
    if !source.context.env.globals.yes {
        let question = format!(
            "Delete {} of {}? They cannot be restored.",
            counted(selected, "message"),
            source.queue.name
        );
        let answer = consent(&question, "nothing was deleted", events, cancel);
        reading.hidden_during(answer).await?;
    }
    let mut deleted = Deleted::default();
    let progress = |done| events.send(Event::Live(Live::progress("deleted", done, selected)));
    let ended = reading
        .delete_selected(&mut deleted, cancel, progress)
        .await;
    events.send(Event::LiveEnded);
    match ended {
        Ok(()) if deleted.deleted + deleted.refused < selected => {
            Err(CommandError::interrupted(so_far(&deleted, selected)))
        }
        Ok(()) => Ok(report(deleted.deleted)),
        Err(failure) => Err(CommandError::from(failure).hint(format!(
            "By then, {}. Whether the last call took effect is not known.",
            so_far(&deleted, selected)
        ))),
    }
}

fn so_far(deleted: &Deleted, selected: u64) -> String {
    format!(
        "{} of {} were deleted",
        number(deleted.deleted),
        counted(selected, "selected message")
    )
}
