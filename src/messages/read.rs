//! Reads a whole queue: each message is received once, and hidden from then on, so that it does not
//! come again. At the end, or after an error or an interruption, all are visible again.

use std::collections::HashSet;

use aws_sdk_sqs::types::Message;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::reading::Reading;
use super::record::MessageRecord;
use crate::aws::{Answer as _, AwsFailure};
use crate::context::Context;
use crate::error::CommandError;

/// The most receives that are under way at a time.
const MOST_RECEIVES: usize = 8;
/// How many messages must have been read for each receive that is under way beside the first, so that
/// a queue of few messages takes few receives.
const MESSAGES_PER_RECEIVE: usize = 50;
/// The most messages of a standard queue that can be hidden at a time, by all of its readers: AWS
/// says about 120,000. A long poll then finds nothing, without an error.
const MOST_HIDDEN: usize = 119_000;

/// Why not all messages were read. Those that were are in the queue, visible.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ReadError {
    /// A call failed.
    #[error(transparent)]
    Call(#[from] AwsFailure),
    /// The user interrupted.
    #[error("interrupted; all messages are in the queue, visible")]
    Interrupted,
}

impl From<ReadError> for CommandError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Call(failure) => failure.into(),
            ReadError::Interrupted => Self::interrupted(error.to_string()),
        }
    }
}

/// What to do with a message that was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Leave it in the queue.
    Leave,
    /// Select it.
    Select,
    /// Select it and read no more.
    SelectAsLast,
}

/// What was read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// How many messages.
    pub read: u64,
    /// Whether reading ended at the most messages that SQS hides at a time, so that there may be
    /// more.
    pub is_at_limit: bool,
}

/// Reads all messages that are visible, passes each to `each`, and makes all visible again. `depth` is
/// how many the queue holds by its own count.
///
/// # Errors
/// When the target refuses or cannot be reached, or the user interrupts. The messages are made
/// visible all the same; a warning says how many could not be.
pub(crate) async fn read_all(
    context: &Context<'_>,
    url: &str,
    depth: u64,
    mut each: impl FnMut(MessageRecord),
) -> Result<Summary, ReadError> {
    let mut reading = Reading::new(context, url, depth);
    let read = reading.read(context, async |message| {
        each(message);
        Ok(Step::Leave)
    });
    let read = read.await;
    reading.release().await;
    read
}

impl Reading {
    /// Reads all messages that are visible, and passes each once to `each`. They stay hidden until
    /// [`Reading::release`], which must follow, whatever this returns.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached, or the user interrupts. The first error of `each`,
    /// which is not called after it.
    pub(crate) async fn read<E: From<ReadError>>(
        &mut self,
        context: &Context<'_>,
        mut each: impl AsyncFnMut(MessageRecord) -> Result<Step, E>,
    ) -> Result<Summary, E> {
        let mut receives = Receives::new(context);
        let mut seen = HashSet::new();
        let mut summary = Summary::default();
        let mut ended = Ok(());
        receives.start(self);
        while let Some((began, received)) = receives.next().await {
            let messages = match received {
                Ok(messages) => messages,
                Err(failure) => {
                    receives.stop();
                    if failure.code.as_deref() == Some("OverLimit") {
                        summary.is_at_limit = true;
                    } else if ended.is_ok() {
                        ended = Err(ReadError::from(failure).into());
                    }
                    continue;
                }
            };
            let before = seen.len();
            for mut message in messages {
                let handle = message.receipt_handle.take().unwrap_or_default();
                let id = message.message_id.clone().unwrap_or_default();
                if !seen.insert(id.clone()) {
                    // It came again because it was hidden for too short a time.
                    self.hide_again(&id, handle, began);
                    continue;
                }
                self.hide(id, handle, began);
                // What comes after the last message stays as it is.
                if receives.is_stopped {
                    continue;
                }
                summary.read += 1;
                match each(message.into()).await {
                    Ok(Step::Leave) => {}
                    Ok(Step::Select) => self.select_newest(),
                    Ok(Step::SelectAsLast) => {
                        self.select_newest();
                        receives.stop();
                    }
                    Err(problem) => {
                        ended = Err(problem);
                        receives.stop();
                    }
                }
            }
            let has_new = seen.len() > before;
            summary.is_at_limit |= !has_new && self.count() >= MOST_HIDDEN;
            if context.cancel().is_cancelled() && ended.is_ok() {
                ended = Err(ReadError::Interrupted.into());
                receives.stop();
            }
            receives.go_on(self, has_new, seen.len());
            self.renew().await;
        }
        ended.map(|()| summary)
    }
}

type Received = (Instant, Result<Vec<Message>, AwsFailure>);

/// Receives that are under way.
struct Receives {
    under_way: JoinSet<Received>,
    /// How many receives in a row must bring nothing new before the queue is taken as read.
    empty_receives: usize,
    /// How many have.
    empty: usize,
    is_stopped: bool,
}

impl Receives {
    fn new(context: &Context<'_>) -> Self {
        Self {
            under_way: JoinSet::new(),
            empty_receives: if context.target.is_local() { 1 } else { 2 },
            empty: 0,
            is_stopped: false,
        }
    }

    /// Starts no more.
    fn stop(&mut self) {
        self.is_stopped = true;
    }

    fn start(&mut self, reading: &Reading) {
        let request = reading.receive();
        self.under_way.spawn(async move {
            let began = Instant::now();
            let reply = request.send().await.of_call("sqs:ReceiveMessage");
            (began, reply.map(|reply| reply.messages.unwrap_or_default()))
        });
    }

    /// The next reply; `None` once all have come.
    async fn next(&mut self) -> Option<Received> {
        let received = self.under_way.join_next().await?;
        match received {
            Ok(received) => Some(received),
            Err(ended) => std::panic::resume_unwind(ended.into_panic()),
        }
    }

    /// Starts what should be under way after a reply, `read` messages having been read.
    fn go_on(&mut self, reading: &Reading, was_new: bool, read: usize) {
        self.empty = if was_new { 0 } else { self.empty + 1 };
        if self.is_stopped || self.empty >= self.empty_receives {
            return;
        }
        // While some bring nothing, the queue may be at its end.
        let wanted = if was_new { wanted(read) } else { 1 };
        while self.under_way.len() < wanted {
            self.start(reading);
        }
    }
}

/// How many receives should be under way once so many messages are read.
fn wanted(read: usize) -> usize {
    (1 + read / MESSAGES_PER_RECEIVE).min(MOST_RECEIVES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::Class;

    #[test]
    fn few_messages_take_one_receive_at_a_time() {
        assert_eq!([0, 49, 50, 1000].map(wanted), [1, 1, 2, MOST_RECEIVES]);
    }

    #[test]
    fn expired_credentials_keep_their_kind() {
        let expired = AwsFailure {
            operation: "sqs:ReceiveMessage",
            class: Class::Credentials,
            code: Some("ExpiredToken".to_owned()),
            message: "The security token included in the request is expired".to_owned(),
            request_id: None,
        };
        let exit_code = |error: ReadError| CommandError::from(error).kind.exit_code();
        assert_eq!(exit_code(expired.into()), 3);
        assert_eq!(exit_code(ReadError::Interrupted), 130);
    }
}
