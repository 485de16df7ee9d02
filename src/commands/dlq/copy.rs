//! `dlq copy`: sends copies of messages to another queue. Leaves the messages where they are.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::source::{SomeArgs, Source};
use crate::context::Context;
use crate::error::CommandError;
use crate::messages::{Batcher, MessageRecord, Queue, QueueName, Selection, Step, send_batch};
use crate::system;
use crate::ui::{Report, counted};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab dlq copy --to test-queue --limit 10
  orders-lab dlq copy --queue other-dlq --to other --where 'receives<5'";

/// Flags of `dlq copy`.
#[derive(Debug, Args)]
pub(super) struct CopyArgs {
    /// The queue that gets the copies, by name, URL or ARN
    #[arg(long, value_name = "QUEUE")]
    to: QueueName,
    #[command(flatten)]
    some: SomeArgs,
}

/// What was copied.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct CopyReport {
    /// The name of the queue that was read.
    queue: String,
    /// The name of the queue that got the copies.
    to: String,
    /// How many messages were copied.
    copied: u64,
    /// How many messages were read.
    read: u64,
}

pub(super) async fn copy(
    args: &CopyArgs,
    context: Context<'_>,
) -> Result<Report<CopyReport>, CommandError> {
    let to = Queue::find(&context, &args.to).await?;
    let source = Source::open(context, &args.some.queue, &args.some.selection).await?;
    if to.arn == source.queue.arn {
        return Err(CommandError::usage(format!(
            "{} is the queue that is read; name another one with --to",
            to.name
        )));
    }
    let mut selection = Selection::new(&args.some.selection, system::now_ms());
    let (mut selected, mut copied) = (0, 0);
    let mut batcher = Batcher::<MessageRecord>::default();
    let mut reading = source.reading();
    let sqs = &source.context.clients.sqs;
    let read = source.read(&mut reading, &mut selection, async |message, _| {
        selected += 1;
        if let Some(batch) = batcher.add(message) {
            send(sqs, &to, &batch, &mut copied).await?;
        }
        let is_last = args.some.limit == Some(selected);
        Ok(if is_last {
            Step::SelectAsLast
        } else {
            Step::Leave
        })
    });
    let mut read = read.await;
    if let (Ok(_), Some(batch)) = (&read, batcher.take()) {
        let sent = send(sqs, &to, &batch, &mut copied).await;
        read = read.and_then(|summary| sent.map(|()| summary));
    }
    reading.release().await;
    let read = read.map_err(|error| {
        error.hint(format!(
            "By then {} {} in {}.",
            counted(copied, "copy").replace("copys", "copies"),
            if copied == 1 { "was" } else { "were" },
            to.name
        ))
    })?;
    let text = format!(
        "{} {} copied from {} to {}, and stay where they were.",
        counted(copied, "message"),
        if copied == 1 { "was" } else { "were" },
        source.queue.name,
        to.name
    );
    Ok(Report::new(CopyReport {
        queue: source.queue.name.clone(),
        to: to.name,
        copied,
        read: read.read,
    })
    .text(text))
}

async fn send(
    sqs: &aws_sdk_sqs::Client,
    to: &Queue,
    batch: &[MessageRecord],
    copied: &mut u64,
) -> Result<(), CommandError> {
    *copied += send_batch(sqs, &to.url, batch).await?.len() as u64;
    Ok(())
}
