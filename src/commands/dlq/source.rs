//! The queue that `dlq` and its subcommands read: the lab's dead-letter queue, or any other.

use clap::Args;

use crate::context::Context;
use crate::dlq::{DeadLetter, LoggedReasons};
use crate::error::CommandError;
use crate::globals::parse_number;
use crate::lab::Lab;
use crate::messages::{
    Facts, MessageRecord, Queue, QueueName, Reading, Selection, SelectionArgs, Step, Summary,
};
use crate::ui::{Event, Live, consent, counted, number};

/// After how many messages progress is shown, and the fewest of which it is.
const SHOWN_EVERY: u64 = 500;

/// Which queue.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct QueueArgs {
    /// Another queue of the account, by name, URL or ARN [default: the lab's dead-letter queue]
    #[arg(long, value_name = "QUEUE")]
    pub(super) queue: Option<QueueName>,
}

/// Some of a queue's messages.
#[derive(Debug, Args)]
pub(super) struct SomeArgs {
    #[command(flatten)]
    pub(super) queue: QueueArgs,
    /// How many messages at most
    #[arg(long, value_name = "N", value_parser = parse_number(1..=u64::MAX))]
    pub(super) limit: Option<u64>,
    #[command(flatten)]
    pub(super) selection: SelectionArgs,
}

/// A queue to read.
#[derive(Debug)]
pub(super) struct Source<'a> {
    pub(super) context: Context<'a>,
    pub(super) queue: Queue,
    /// The lab, where the queue is its dead-letter queue.
    pub(super) lab: Option<Lab<'a>>,
    logged: LoggedReasons,
}

impl<'a> Source<'a> {
    /// Finds the queue, and asks first where a look may move messages on.
    ///
    /// # Errors
    /// When it does not exist or cannot be read, a flag of `selection` does not apply to it, or the user
    /// does not want to look.
    pub(super) async fn open(
        context: Context<'a>,
        args: &QueueArgs,
        selection: &SelectionArgs,
    ) -> Result<Self, CommandError> {
        let own = context.names.dead_letter_queue();
        let other = args.queue.as_ref().filter(|named| named.name() != own);
        if let Some(named) = other {
            if let Some(flag) = selection.flag_of_orders() {
                let message = format!(
                    "{flag} is about orders, and {} is not the lab's dead-letter queue",
                    named.name()
                );
                return Err(CommandError::usage(message)
                    .hint("--where, --match and --attribute select messages of any queue."));
            }
            let source = Self {
                queue: Queue::find(&context, named).await?,
                lab: None,
                logged: LoggedReasons::default(),
                context,
            };
            source.ask_first().await?;
            return Ok(source);
        }
        let lab = Lab::find(context.clone()).await?;
        let url = lab.reader.dead_letter_url().to_owned();
        Ok(Self {
            queue: Queue::at(&context, own, url).await?,
            logged: if selection.needs_reason() {
                LoggedReasons::read(&context).await?
            } else {
                LoggedReasons::default()
            },
            lab: Some(lab),
            context,
        })
    }

    /// Asks before a look that may move messages on: SQS moves a message that was received too often,
    /// whoever received it.
    async fn ask_first(&self) -> Result<(), CommandError> {
        let Queue { name, redrive, .. } = &self.queue;
        let Some(policy) = redrive.as_ref().filter(|_| !self.context.env.globals.yes) else {
            return Ok(());
        };
        let question = format!(
            "A look counts as a receive, and {name} moves a message to {} after {}. Look all the same?",
            policy.dead_letter_queue,
            counted(policy.max_receives, "receive")
        );
        let (events, cancel) = (self.context.events(), self.context.cancel());
        consent(&question, "nothing was read", events, cancel).await
    }

    /// How many messages the queue holds by its own count.
    pub(super) fn depth(&self) -> u64 {
        self.queue.depth.total()
    }

    /// Begins a reading of the queue.
    pub(super) fn reading(&self) -> Reading {
        Reading::new(&self.context, &self.queue.url, self.depth())
    }

    /// The message as a dead letter of the lab; `None` in another queue.
    pub(super) fn letter(&self, message: &MessageRecord) -> Option<DeadLetter> {
        let lab = self.lab.as_ref();
        lab.map(|_| self.logged.letter(message.clone()))
    }

    /// Reads the queue and passes the selected messages to `each`. [`Reading::release`] must follow.
    ///
    /// # Errors
    /// Those of [`Reading::read`].
    pub(super) async fn read(
        &self,
        reading: &mut Reading,
        selection: &mut Selection<'_>,
        mut each: impl AsyncFnMut(MessageRecord, Option<DeadLetter>) -> Result<Step, CommandError>,
    ) -> Result<Summary, CommandError> {
        let events = self.context.events();
        let (mut count, mut most_received) = (0, 0);
        let read = reading.read(&self.context, async |message: MessageRecord| {
            count += 1;
            most_received = most_received.max(message.receive_count.unwrap_or_default());
            if count % SHOWN_EVERY == 0 {
                let of = self.depth().max(count);
                events.send(Event::Live(Live::progress("read", count, of)));
            }
            let letter = self.letter(&message);
            let facts = letter.as_ref().map_or(Facts::default(), DeadLetter::facts);
            if selection.selects(&message, facts) {
                each(message, letter).await
            } else {
                Ok(Step::Leave)
            }
        });
        let read = read.await;
        if count >= SHOWN_EVERY {
            events.send(Event::LiveEnded);
        }
        selection
            .warning()
            .into_iter()
            .for_each(|text| events.warn(text));
        if count > 0 {
            self.looks_left(most_received);
        }
        if read.as_ref().is_ok_and(|summary| summary.is_at_limit) {
            events.warn(format!(
                "SQS hides at most about 120,000 messages of a queue at a time, so only {} were read.",
                number(count)
            ));
        }
        read
    }

    /// Warns that further looks move messages on.
    fn looks_left(&self, most_received: u32) {
        let Some(policy) = &self.queue.redrive else {
            return;
        };
        let left = policy.max_receives.saturating_sub(most_received);
        let when = match left {
            0 => "the next look moves some of these messages".to_owned(),
            left => format!(
                "after {}, the next one moves some of these messages",
                counted(left, "more look")
            ),
        };
        let target = &policy.dead_letter_queue;
        self.context
            .events()
            .warn(format!("A look counts as a receive: {when} to {target}."));
    }
}
