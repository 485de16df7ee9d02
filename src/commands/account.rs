//! Taking the account of every order: reading what the lab holds, for `drive::audit` to compare
//! with the records. `believed` does so until the account can be believed.

mod believed;
mod known;

pub(super) use believed::{
    StableAudit, audit_until_stable, believed, is_lagging, look_every, pause, settle, settle_check,
};
pub(super) use known::KnownLetters;

use crate::aws::AwsFailure;
use crate::context::Context;
use crate::dlq::{self, DeadLetter, Unread};
use crate::drive::audit::{AuditBuilder, DeadLetterRef, QueueCounts, RunAudit};
use crate::drive::reader::{LabReader, QueueDepth};
use crate::drive::record::{self, Run};
use crate::error::CommandError;
use crate::system;

/// Why there is no account.
pub(super) enum AuditError {
    /// A call failed.
    Call(AwsFailure),
    /// The user interrupted.
    Interrupted,
    /// A record is damaged, or the state directory is in the way.
    Command(CommandError),
}

impl From<AwsFailure> for AuditError {
    fn from(failure: AwsFailure) -> Self {
        Self::Call(failure)
    }
}

impl From<Unread> for AuditError {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::Call(failure) => Self::Call(failure),
            Unread::Interrupted => Self::Interrupted,
        }
    }
}

impl From<CommandError> for AuditError {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}

impl AuditError {
    /// The error of a command that ends with this; `context` names the command that goes on.
    pub(super) fn into_error(self, context: &Context<'_>) -> CommandError {
        match self {
            Self::Call(failure) => failure.into(),
            Self::Command(error) => error,
            Self::Interrupted => CommandError::interrupted("interrupted; the orders go on").hint(
                format!("{} tells where they are.", context.command("audit")),
            ),
        }
    }
}

/// Compares the runs, or one of them, with what the lab holds, once. `lagging` says whether the
/// counts of its queues are; `known` are the dead letters that this command has read before.
///
/// # Errors
/// When the target refuses or cannot be reached, a record is damaged, or the user interrupts.
pub(super) async fn audit_once(
    context: &Context<'_>,
    reader: &LabReader,
    lagging: bool,
    only: Option<&str>,
    known: &mut KnownLetters,
) -> Result<RunAudit, AuditError> {
    let mut runs = record::load(&context.lab_directory())?;
    let others: Vec<Run> = match only {
        Some(name) => runs.extract_if(.., |run| run.header.run != name).collect(),
        None => Vec::new(),
    };
    let theirs = |place: Option<&(String, u64)>| {
        place.is_some_and(|(run, _)| others.iter().any(|other| other.header.run == *run))
    };
    let mut builder = AuditBuilder::open(runs).map_err(CommandError::environment)?;
    // What is in neither table nor dead-letter queue must have been in the queue before either
    // was read, or be there after.
    let before = depths(reader).await?;
    reader
        .items(|item| {
            if !theirs(item.place.as_ref()) {
                builder.stored(&item);
            }
        })
        .await?;
    let letters = dlq::peek(context, &reader.dead_url, before.1.total()).await?;
    let after = depths(reader).await?;
    let letters = letters.into_iter().map(entry).collect();
    known.add(letters, deeper(before.1, after.1).total());
    let mut read = 0;
    for letter in known.letters() {
        read += 1;
        if !theirs(letter.place.as_ref()) {
            builder.dead(letter);
        }
    }
    if builder.has_unmatched() {
        let by_now = record::load(&context.lab_directory())?;
        builder
            .reclassify(by_now)
            .map_err(CommandError::environment)?;
    }
    Ok(builder.close(held(before, after, read, lagging), system::now_ms()))
}

/// A letter as it is entered into an account, by its message id.
fn entry(letter: DeadLetter) -> (String, DeadLetterRef) {
    let place = letter.place();
    let id = letter.message_id;
    let name = letter
        .order_number
        .map_or_else(|| id.clone(), |number| number.to_string());
    (id, DeadLetterRef { place, name })
}

/// How deep the queue of orders and the dead-letter queue are.
async fn depths(reader: &LabReader) -> Result<(QueueDepth, QueueDepth), AwsFailure> {
    tokio::try_join!(
        reader.depth(&reader.orders_url),
        reader.depth(&reader.dead_url)
    )
}

fn deeper(one: QueueDepth, other: QueueDepth) -> QueueDepth {
    if one.total() > other.total() {
        one
    } else {
        other
    }
}

/// What the two queues held beside the letters that were read: the more of before and after.
fn held(
    before: (QueueDepth, QueueDepth),
    after: (QueueDepth, QueueDepth),
    read: u64,
    lagging: bool,
) -> QueueCounts {
    QueueCounts {
        orders: deeper(before.0, after.0),
        hidden: deeper(before.1, after.1).total().saturating_sub(read),
        lagging,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(visible: u64, in_flight: u64) -> QueueDepth {
        QueueDepth {
            visible,
            in_flight,
            delayed: 0,
        }
    }

    #[test]
    fn a_message_that_is_received_between_two_looks_counts_once() {
        let held = held(
            (depth(1, 0), depth(2, 0)),
            (depth(0, 1), depth(0, 2)),
            2,
            false,
        );
        assert_eq!((held.orders.total(), held.hidden), (1, 0));
    }

    #[test]
    fn letters_that_were_there_and_not_read_are_hidden() {
        // Ten were hidden from the beginning, or since; three more came and were read.
        for before in [depth(10, 0), depth(0, 10)] {
            let held = held((depth(0, 0), before), (depth(0, 0), depth(3, 10)), 3, false);
            assert_eq!(held.hidden, 10);
        }
    }
}
