//! `dlq purge`: deletes all messages of a queue.

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use super::source::QueueArgs;
use crate::aws::Answer as _;
use crate::context::Context;
use crate::error::CommandError;
use crate::lab::Lab;
use crate::messages::Queue;
use crate::ui::{Report, consent, counted};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab dlq purge
  orders-lab dlq purge --queue other-dlq --yes";

/// Flags of `dlq purge`.
#[derive(Debug, Args)]
pub(super) struct PurgeArgs {
    #[command(flatten)]
    queue: QueueArgs,
}

/// What was deleted.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct PurgeReport {
    /// The queue's name.
    queue: String,
    /// How many messages it held before by SQS's count, which may lag.
    held: u64,
}

pub(super) async fn purge(
    args: &PurgeArgs,
    context: Context<'_>,
) -> Result<Report<PurgeReport>, CommandError> {
    let queue = match &args.queue.queue {
        Some(named) => Queue::find(&context, named).await?,
        None => {
            let lab = Lab::find(context.clone()).await?;
            let url = lab.reader.dead_letter_url().to_owned();
            Queue::at(&context, context.names.dead_letter_queue(), url).await?
        }
    };
    let held = queue.depth.total();
    if !context.env.globals.yes {
        let question = format!(
            "Delete all messages of {}? It holds {} by SQS's count. They cannot be restored.",
            queue.name,
            counted(held, "message")
        );
        let effect = "nothing was deleted";
        consent(&question, effect, context.events(), context.cancel()).await?;
    }
    let request = context.clients.sqs.purge_queue().queue_url(&queue.url);
    request.send().await.of_call("sqs:PurgeQueue")?;
    let text = format!(
        "{} was purged. By SQS's count it held {}.",
        queue.name,
        counted(held, "message")
    );
    let report = Report::new(PurgeReport {
        queue: queue.name,
        held,
    });
    Ok(if context.target.is_local() {
        report.text(text)
    } else {
        report.text(format!(
            "{text} AWS takes up to 60 seconds for it, and deletes what is sent meanwhile too."
        ))
    })
}
