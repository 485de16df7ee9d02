//! Moving dead letters back to where they came from, with an SQS message move task.

use std::collections::HashSet;
use std::time::Duration;

use aws_sdk_sqs::types::ListMessageMoveTasksResultEntry;

use super::move_task::{FollowedTask, Start, TaskProgress, TaskStatus, is_running_already};
use super::one_by_one::{is_unknown_operation, move_one_by_one};
use super::{DeadLetter, peek};
use crate::aws::{Answer as _, AwsFailure};
use crate::context::Context;
use crate::error::{CommandError, ErrorKind};
use crate::lab::LabPoller;
use crate::poll::Next;
use crate::ui::{Event, Live, TaskState, counted};

/// How long a task may stay unlisted after its start.
const LISTED_WITHIN: Duration = Duration::from_secs(30);
/// How many tasks are listed. The newest of them counts; AWS's list is said to begin with it.
const LISTED: i32 = 10;
/// What the view calls the task.
const TASK: &str = "move task";

/// Moves all messages of the dead-letter queue back and waits until that is done. Returns how many
/// were moved. `messages` are those that were in the queue; `rate` is how many SQS moves a second at
/// most.
///
/// # Errors
/// When the task cannot be started or fails, or the user interrupts; then the task continues.
pub(crate) async fn move_back(
    poller: &mut LabPoller<'_>,
    messages: &[DeadLetter],
    rate: Option<u32>,
) -> Result<u64, CommandError> {
    let context = poller.context();
    let arn = context.names.queue_arn(&context.names.dead_letter_queue());
    let before = match list(context, &arn).await {
        Err(failure) if is_unknown_operation(&failure) => {
            return move_one_by_one(poller.lab(), messages.len() as u64).await;
        }
        listed => listed?,
    };
    let task = FollowedTask::new(&before, start(context, &arn, rate).await?);
    let moved = finish(poller, &arn, task).await?;
    if moved >= messages.len() as u64 {
        return Ok(moved);
    }
    // The task's own count may lag. A moved message gets a new id, so those that are still there
    // under their ids were not moved.
    let left: HashSet<String> = peek(poller.lab(), messages.len() as u64)
        .await?
        .into_iter()
        .map(|message| message.message_id)
        .collect();
    Ok(moved.max(gone(messages, &left)))
}

/// How many of the messages are not among those that are left.
fn gone(messages: &[DeadLetter], left: &HashSet<String>) -> u64 {
    let gone = messages
        .iter()
        .filter(|message| !left.contains(&message.message_id));
    gone.count() as u64
}

async fn start(context: &Context<'_>, arn: &str, rate: Option<u32>) -> Result<Start, AwsFailure> {
    let request = context.clients.sqs.start_message_move_task();
    let rate = rate.and_then(|rate| i32::try_from(rate).ok());
    let request = request.set_max_number_of_messages_per_second(rate);
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

/// Waits until the task is done. Returns how many messages it has moved by its own count.
async fn finish(
    poller: &mut LabPoller<'_>,
    arn: &str,
    task: FollowedTask,
) -> Result<u64, CommandError> {
    let mut is_waiting = false;
    let moved = poller
        .until(LISTED_WITHIN, async |lab, tick| {
            let context = &lab.context;
            let events = context.events();
            let TaskProgress { status, moved, of } = task.progress(&list(context, arn).await?);
            if status == TaskStatus::Unlisted {
                if tick.is_last {
                    return Err(unlisted(context));
                }
                if !std::mem::replace(&mut is_waiting, true) {
                    events.task(TASK, waiting_to_be_listed());
                }
            } else if std::mem::take(&mut is_waiting) {
                events.task(TASK, TaskState::Done("listed".to_owned()));
            }
            match status {
                TaskStatus::Unlisted => {}
                TaskStatus::Running => events.send(moved_back(moved, of)),
                TaskStatus::Completed => {
                    events.send(moved_back(moved, of));
                    return Ok(Next::Done(moved));
                }
                TaskStatus::Failed(why) => return Err(failed(&why, moved)),
            }
            Ok(Next::Again(tick.soon()))
        })
        .await?;
    moved.ok_or_else(|| {
        let status = poller.context().command("status");
        CommandError::interrupted("interrupted; the move task continues")
            .hint(format!("{status} shows where the orders are."))
    })
}

fn moved_back(moved: u64, of: u64) -> Event {
    Event::Live(Live::progress("moved back", moved, of))
}

fn waiting_to_be_listed() -> TaskState {
    TaskState::Waiting {
        reason: "SQS does not list it yet".to_owned(),
        at_most: LISTED_WITHIN,
    }
}

fn unlisted(context: &Context<'_>) -> CommandError {
    let seconds = LISTED_WITHIN.as_secs();
    let status = context.command("status");
    CommandError::new(
        ErrorKind::Incomplete,
        format!("SQS has started a move task, and still does not list it after {seconds} s"),
    )
    .hint(format!(
        "It may be moving messages all the same: {status} shows how many are in each queue."
    ))
}

fn failed(why: &str, moved: u64) -> CommandError {
    let message = format!("the move task ended as {why}");
    CommandError::new(ErrorKind::Refused, message).hint(format!(
        "By its own count it had moved {} by then; the others are still in the dead-letter queue.",
        counted(moved, "message")
    ))
}

/// The listed move tasks of the queue.
async fn list(
    context: &Context<'_>,
    arn: &str,
) -> Result<Vec<ListMessageMoveTasksResultEntry>, AwsFailure> {
    let request = context.clients.sqs.list_message_move_tasks();
    let reply = request.source_arn(arn).max_results(LISTED).send().await;
    let listed = reply.of_call("sqs:ListMessageMoveTasks")?;
    Ok(listed.results.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_left_under_their_ids_were_not_moved() {
        let messages = ["a", "b", "c"].map(DeadLetter::named);
        let left = ["b", "new"].map(str::to_owned).into();
        assert_eq!(gone(&messages, &left), 2);
    }
}
