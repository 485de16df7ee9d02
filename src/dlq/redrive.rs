//! Moving dead letters back to where they came from, with a move task.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_sqs::types::ListMessageMoveTasksResultEntry;
use tokio::time::Instant;

use super::task::{Followed, Standing, Start, State, is_running_already};
use super::{DeadLetter, peek};
use crate::aws::{Answer as _, AwsFailure};
use crate::context::Context;
use crate::error::{CommandError, ErrorKind};
use crate::ui::{Count, Event, TaskState, counted};

/// How long a task may go unlisted after its start.
const LISTED_WITHIN: Duration = Duration::from_secs(30);
/// How many tasks are listed, of which the newest counts: AWS's list is said to begin with it.
const LISTED: i32 = 10;
/// What the view calls the task.
const TASK: &str = "move task";

/// Moves all letters of the dead-letter queue at `url` back, and waits until that is done; how many
/// it moved. `letters` are those that were in the queue; the task is looked at `every` so often.
///
/// # Errors
/// When the task cannot be started or fails, or the user interrupts; then it goes on by itself.
pub async fn move_back(
    context: &Context<'_>,
    url: &str,
    letters: &[DeadLetter],
    every: Duration,
) -> Result<u64, CommandError> {
    let arn = context.names.queue_arn(&context.names.dead_letter_queue());
    let before = list(context, &arn).await?;
    let task = Followed::new(&before, start(context, &arn).await?);
    let moved = finish(context, &arn, task, every).await?;
    if moved >= letters.len() as u64 {
        return Ok(moved);
    }
    // The number that the task tells may lag behind. A letter that was moved is a new message, so
    // those that are still there under their ids are those that were not.
    let left: HashSet<String> = peek(context, url, letters.len() as u64)
        .await?
        .into_iter()
        .map(|letter| letter.message_id)
        .collect();
    Ok(moved.max(gone(letters, &left)))
}

/// How many of the letters are not among those that are left.
fn gone(letters: &[DeadLetter], left: &HashSet<String>) -> u64 {
    let gone = letters
        .iter()
        .filter(|letter| !left.contains(&letter.message_id));
    gone.count() as u64
}

async fn start(context: &Context<'_>, arn: &str) -> Result<Start, AwsFailure> {
    let request = context.clients.sqs.start_message_move_task();
    let started = request.source_arn(arn).send().await;
    match started.of_call("sqs:StartMessageMoveTask") {
        Ok(_) => Ok(Start::Started),
        Err(refused) if is_running_already(&refused.message) => {
            context.events().note(
                "A move task is running already: one that somebody else started, or this one, if the answer to the call that started it was lost. Following it.",
            );
            Ok(Start::RunningAlready)
        }
        Err(failure) => Err(failure),
    }
}

/// Waits until the task is done; how many letters it says that it has moved.
async fn finish(
    context: &Context<'_>,
    arn: &str,
    task: Followed,
    every: Duration,
) -> Result<u64, CommandError> {
    let events = context.events();
    let began = Instant::now();
    let mut awaited = false;
    loop {
        let Standing { state, moved, of } = task.standing(&list(context, arn).await?);
        if state == State::Unlisted {
            if began.elapsed() >= LISTED_WITHIN {
                return Err(unlisted(context));
            }
            if !std::mem::replace(&mut awaited, true) {
                events.task(TASK, waiting_to_be_listed());
            }
        } else if std::mem::take(&mut awaited) {
            events.task(TASK, TaskState::Done("listed".to_owned()));
        }
        match state {
            State::Unlisted => {}
            State::Running => events.send(moved_back(moved, of)),
            State::Completed => {
                events.send(moved_back(moved, of));
                return Ok(moved);
            }
            State::Failed(why) => return Err(failed(&why, moved)),
        }
        tokio::select! {
            () = tokio::time::sleep(every) => {}
            () = context.cancel().cancelled() => {
                return Err(CommandError::interrupted("interrupted; the move task goes on by itself")
                    .hint(format!("{} shows where the orders are.", context.command("status"))));
            }
        }
    }
}

fn moved_back(moved: u64, of: u64) -> Event {
    Event::Counts(vec![Count {
        label: "moved back",
        done: moved,
        of,
    }])
}

fn waiting_to_be_listed() -> TaskState {
    TaskState::Waiting {
        reason: "SQS does not list it yet".to_owned(),
        at_most: LISTED_WITHIN,
    }
}

fn unlisted(context: &Context<'_>) -> CommandError {
    let seconds = LISTED_WITHIN.as_secs();
    let message =
        format!("SQS has started a move task, and still does not list it after {seconds} s");
    let hint = format!(
        "It may be moving letters all the same: {} shows how many are in each queue.",
        context.command("status")
    );
    CommandError::new(ErrorKind::Incomplete, message).hint(hint)
}

fn failed(why: &str, moved: u64) -> CommandError {
    let message = format!("the move task ended as {why}");
    CommandError::new(ErrorKind::Refused, message).hint(format!(
        "It says that it had moved {} by then; the others are still in the dead-letter queue.",
        counted(moved, "letter")
    ))
}

/// The move tasks of the queue that are listed.
async fn list(
    context: &Context<'_>,
    arn: &str,
) -> Result<Vec<ListMessageMoveTasksResultEntry>, AwsFailure> {
    let request = context.clients.sqs.list_message_move_tasks();
    let reply = request.source_arn(arn).max_results(LISTED).send().await;
    let reply = reply.of_call("sqs:ListMessageMoveTasks")?;
    Ok(reply.results.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_are_there_under_their_ids_were_not_moved() {
        let letters = ["a", "b", "c"].map(DeadLetter::named);
        let left = ["b", "new"].map(str::to_owned).into();
        assert_eq!(gone(&letters, &left), 2);
    }
}
