//! `dlq import`: sends the messages of a file, such as `dlq export` writes.

use std::path::PathBuf;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::Context;
use crate::error::{CommandError, ErrorKind};
use crate::globals::parse_number;
use crate::lab::Lab;
use crate::messages::{
    Batcher, MessageLines, MessageRecord, NotSent, Queue, QueueName, is_stdin, send_batch,
};
use crate::ui::{Event, Live, Report, counted, listed};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab dlq import dead.jsonl
  orders-lab dlq import fixed.jsonl --to orders-queue
  orders-lab dlq import dead.jsonl --from-line 2001
  orders-lab dlq import -                from stdin";

/// After how many lines progress is shown.
const SHOWN_EVERY: u64 = 500;

/// Flags of `dlq import`.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    /// The file, or - for stdin
    file: PathBuf,
    /// The queue to send to, by name, URL or ARN [default: the lab's dead-letter queue]
    #[arg(long, value_name = "QUEUE")]
    to: Option<QueueName>,
    /// Begin with this line, for example where an earlier import was interrupted
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = parse_number(1..=u64::MAX))]
    from_line: u64,
}

/// What was imported.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct ImportReport {
    /// The name of the queue that got the messages.
    queue: String,
    /// How many messages were sent. They have new ids and times.
    imported: u64,
    /// The last line that was sent; `null` where none was.
    last_line: Option<u64>,
}

/// A message and the number of its line.
#[derive(Debug)]
struct Numbered(u64, MessageRecord);

impl AsRef<MessageRecord> for Numbered {
    fn as_ref(&self) -> &MessageRecord {
        &self.1
    }
}

/// An import that is under way.
struct Import<'a> {
    context: &'a Context<'a>,
    args: &'a ImportArgs,
    queue: Queue,
    /// How many messages there are to send, where that is known.
    of: Option<u64>,
    imported: u64,
    last_line: Option<u64>,
}

pub(super) async fn import(
    args: &ImportArgs,
    context: Context<'_>,
) -> Result<Report<ImportReport>, CommandError> {
    // A file is checked as a whole before anything is sent.
    let of = if is_stdin(&args.file) {
        None
    } else {
        Some(count(args).await?)
    };
    let mut import = Import {
        queue: target(args, &context).await?,
        context: &context,
        args,
        of,
        imported: 0,
        last_line: None,
    };
    let sent = import.send_all().await;
    context.events().send(Event::LiveEnded);
    sent?;
    let text = format!(
        "{} {} sent to {}.",
        counted(import.imported, "message"),
        if import.imported == 1 { "was" } else { "were" },
        import.queue.name
    );
    Ok(Report::new(ImportReport {
        queue: import.queue.name,
        imported: import.imported,
        last_line: import.last_line,
    })
    .text(text))
}

/// How many messages the file has from the first line on that is to be sent.
async fn count(args: &ImportArgs) -> Result<u64, CommandError> {
    let mut lines = MessageLines::open(&args.file).await?;
    let mut count = 0;
    while let Some((line, _)) = lines.next().await? {
        count += u64::from(line >= args.from_line);
    }
    Ok(count)
}

async fn target(args: &ImportArgs, context: &Context<'_>) -> Result<Queue, CommandError> {
    if let Some(named) = &args.to {
        return Queue::find(context, named).await;
    }
    let lab = Lab::find(context.clone()).await?;
    let url = lab.reader.dead_letter_url().to_owned();
    Ok(Queue::at(context, context.names.dead_letter_queue(), url).await?)
}

impl Import<'_> {
    async fn send_all(&mut self) -> Result<(), CommandError> {
        let mut lines = MessageLines::open(&self.args.file).await?;
        let mut batcher = Batcher::default();
        loop {
            let next = tokio::select! {
                next = lines.next() => next.map_err(|error| self.so_far(error))?,
                () = self.context.cancel().cancelled() => {
                    return Err(self.so_far(CommandError::interrupted("interrupted")));
                }
            };
            let Some((line, message)) = next else { break };
            if line < self.args.from_line {
                continue;
            }
            if let Some(batch) = batcher.add(Numbered(line, message)) {
                self.send(&batch).await?;
            }
        }
        match batcher.take() {
            Some(batch) => self.send(&batch).await,
            None => Ok(()),
        }
    }

    async fn send(&mut self, batch: &[Numbered]) -> Result<(), CommandError> {
        let sqs = &self.context.clients.sqs;
        let line = |place: usize| batch.get(place).map(|Numbered(line, _)| *line);
        match send_batch(sqs, &self.queue.url, batch).await {
            Ok(ids) => {
                self.imported += ids.len() as u64;
                self.last_line = line(batch.len() - 1);
                if self.imported % SHOWN_EVERY < batch.len() as u64 {
                    let of = self.of.unwrap_or(self.imported);
                    let progress = Live::progress("sent", self.imported, of);
                    self.context.events().send(Event::Live(progress));
                }
                Ok(())
            }
            Err(NotSent::Refused {
                place,
                sent_after,
                code,
                message,
            }) => {
                self.imported += (place + sent_after.len()) as u64;
                self.last_line = place.checked_sub(1).and_then(line).or(self.last_line);
                let refused = line(place).unwrap_or_default();
                let error = CommandError::new(
                    ErrorKind::Refused,
                    format!("SQS did not take the message of line {refused}: {code}: {message}"),
                );
                let after: Vec<u64> = sent_after.into_iter().filter_map(line).collect();
                let error = self.so_far(error);
                if after.is_empty() {
                    return Err(error);
                }
                let after: Vec<String> = after.iter().map(u64::to_string).collect();
                let hint = format!("Lines {} after it were sent as well.", listed(&after));
                Err(error.hint(hint))
            }
            Err(NotSent::Call(failure)) => {
                let (first, last) = (line(0), line(batch.len() - 1));
                let hint = format!(
                    "Whether lines {} to {} were sent is not known, if the reply was lost.",
                    first.unwrap_or_default(),
                    last.unwrap_or_default()
                );
                Err(self.so_far(CommandError::from(failure)).hint(hint))
            }
        }
    }

    /// The error with how far the import got, and how to go on.
    fn so_far(&self, error: CommandError) -> CommandError {
        let Some(last) = self.last_line else {
            return error.hint("Nothing was sent.");
        };
        let next = last + 1;
        let error = error.hint(format!(
            "Sent by then: {}, up to line {last}.",
            counted(self.imported, "message")
        ));
        if is_stdin(&self.args.file) {
            return error;
        }
        let again = self
            .context
            .again("dlq import", &[&format!("--from-line {next}")]);
        error.hint(format!("{again} goes on with line {next}."))
    }
}
