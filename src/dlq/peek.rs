//! The dead letters of the lab's queue, which stay in it.

use std::time::Duration;

use super::{DeadLetter, unread};
use crate::error::CommandError;
use crate::lab::{Lab, LabPoller};
use crate::messages::{ReadError, read_all};
use crate::poll::Next;
use crate::ui::{TaskState, counted};

/// How long a message is hidden by a reader that ends before it makes it visible again, at least.
const HIDDEN: Duration = Duration::from_secs(20);
/// What the view calls the wait for messages that another reader hides.
const TASK: &str = "dead letters";

/// Reads all visible messages of the dead-letter queue, oldest first. `depth` is how many it holds
/// by its own count.
///
/// # Errors
/// When the target refuses or cannot be reached, or the user interrupts. The messages are made
/// visible again all the same; a warning names those that could not be.
pub(crate) async fn peek(lab: &Lab<'_>, depth: u64) -> Result<Vec<DeadLetter>, ReadError> {
    let Lab { context, reader } = lab;
    let mut letters = Vec::new();
    read_all(context, reader.dead_letter_url(), depth, |message| {
        letters.push(DeadLetter::of(message));
    })
    .await?;
    letters.sort_by(|one, other| {
        (one.sent_at, &one.message_id).cmp(&(other.sent_at, &other.message_id))
    });
    Ok(letters)
}

/// Reads all messages, and waits for those that another reader hides. Returns as well a sentence
/// about those that were counted and not read all the same.
///
/// # Errors
/// Those of [`peek`].
pub(crate) async fn peek_all(
    poller: &mut LabPoller<'_>,
) -> Result<(Vec<DeadLetter>, Option<String>), CommandError> {
    let events = poller.context().events().clone();
    let mut is_waiting = false;
    let read = poller
        .until(HIDDEN, async |lab, tick| {
            let depth = lab.reader.dead_letter_depth().await?.total();
            let messages = peek(lab, depth).await?;
            let unread = unread(depth, messages.len());
            if unread.is_none() || tick.is_last {
                if is_waiting {
                    let seen = format!("{} visible", counted(messages.len(), "message"));
                    events.task(TASK, TaskState::Done(seen));
                }
                return Ok(Next::Done((messages, unread)));
            }
            if !std::mem::replace(&mut is_waiting, true) {
                let reason = "another reader of the queue hides some".to_owned();
                let at_most = HIDDEN;
                events.task(TASK, TaskState::Waiting { reason, at_most });
            }
            Ok::<_, CommandError>(Next::Again(tick.later()))
        })
        .await?;
    read.ok_or_else(|| CommandError::interrupted("interrupted; no dead letter was moved"))
}
