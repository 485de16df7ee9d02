//! `dlq export`: writes messages to a file, a line of JSON for each. Leaves them in the queue.

use std::path::PathBuf;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::draft::Draft;
use super::source::{SomeArgs, Source};
use crate::context::Context;
use crate::error::CommandError;
use crate::messages::{MessageRecord, Selection, Step};
use crate::system;
use crate::ui::{Event, Report, consent, counted, is_stdout_closed};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab dlq export dead.jsonl
  orders-lab dlq export bad.jsonl --reason price_err
  orders-lab dlq export - --queue other-dlq   to stdout, for jq";

/// After how many lines stdout's reader is waited for.
const LINES_AHEAD: u64 = 1000;

/// Flags of `dlq export`.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// The file, or - for stdout
    file: PathBuf,
    #[command(flatten)]
    some: SomeArgs,
}

/// What was exported. The file has a line for each message, an object of the type `Message`.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ExportReport {
    /// The queue's name.
    queue: String,
    /// The file; `null` for stdout, where the lines come before this document.
    file: Option<String>,
    /// How many messages were written.
    exported: u64,
    /// How many messages of the queue were read.
    read: u64,
}

/// Where the lines go.
enum Output {
    File(Draft),
    Stdout,
}

impl Output {
    async fn write(
        &mut self,
        context: &Context<'_>,
        message: &MessageRecord,
        count: u64,
    ) -> Result<(), CommandError> {
        let line = message.line();
        match self {
            Self::File(draft) => draft.write_line(&line),
            Self::Stdout => {
                context.events().send(Event::Raw(line + "\n"));
                if count.is_multiple_of(LINES_AHEAD) {
                    context.events().wait_until_shown().await;
                }
                Ok(())
            }
        }
    }
}

pub(super) async fn export(
    args: &ExportArgs,
    context: Context<'_>,
) -> Result<Report<ExportReport>, CommandError> {
    let is_stdout = args.file.as_os_str() == "-";
    let mut output = if is_stdout {
        Output::Stdout
    } else {
        ask_before_replacing(args, &context).await?;
        Output::File(Draft::create(&args.file)?)
    };
    let source = Source::open(context, &args.some.queue, &args.some.selection).await?;
    let mut selection = Selection::new(&args.some.selection, system::now_ms());
    let mut exported = 0;
    let mut reading = source.reading();
    let read = source.read(&mut reading, &mut selection, async |message, _| {
        exported += 1;
        output.write(&source.context, &message, exported).await?;
        let is_last = args.some.limit == Some(exported) || is_stdout && is_stdout_closed();
        Ok(if is_last {
            Step::SelectAsLast
        } else {
            Step::Leave
        })
    });
    let read = read.await;
    reading.release().await;
    let read = read?.read;
    if let Output::File(draft) = output {
        draft.finish()?;
    }
    let file = (!is_stdout).then(|| args.file.display().to_string());
    let text = format!(
        "{} of {} {} written to {}. All are still in the queue.",
        counted(exported, "message"),
        source.queue.name,
        if exported == 1 { "was" } else { "were" },
        file.as_deref().unwrap_or("stdout"),
    );
    let report = Report::new(ExportReport {
        queue: source.queue.name.clone(),
        file,
        exported,
        read,
    });
    if is_stdout {
        source.context.events().note(text);
        return Ok(report);
    }
    Ok(report.text(text))
}

/// An earlier export may be all that is left of messages that were deleted.
async fn ask_before_replacing(
    args: &ExportArgs,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    if context.env.globals.yes || !args.file.exists() {
        return Ok(());
    }
    let question = format!("{} exists. Replace it?", args.file.display());
    consent(
        &question,
        "nothing was exported",
        context.events(),
        context.cancel(),
    )
    .await
}
