//! Moving dead letters back to where they came from, with a move task.

use std::time::Duration;

use aws_sdk_sqs::types::ListMessageMoveTasksResultEntry;

use crate::aws::{AwsFailure, failure};
use crate::context::Context;
use crate::error::{CommandError, ErrorKind};
use crate::ui::{Count, Event};

/// The pause between two looks at the task.
const PAUSE: Duration = Duration::from_millis(200);

/// How a move task ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// How many letters it moved.
    pub letters: u64,
}

/// Moves all letters of the dead-letter queue back, and waits until that is done.
///
/// # Errors
/// When the task cannot be started or fails, or the user interrupts; then it goes on by itself.
pub async fn move_back(context: &Context<'_>) -> Result<Moved, CommandError> {
    let arn = context.names.queue_arn(&context.names.dead_letter_queue());
    let started = context
        .clients
        .sqs
        .start_message_move_task()
        .source_arn(&arn)
        .send()
        .await;
    started.map_err(|error| failure("sqs:StartMessageMoveTask", error))?;
    loop {
        let task = newest(context, &arn).await?;
        let moved = u64::try_from(task.approximate_number_of_messages_moved()).unwrap_or_default();
        let of = task
            .approximate_number_of_messages_to_move()
            .unwrap_or_default();
        let of = u64::try_from(of).unwrap_or_default();
        context.events().send(Event::Counts(vec![Count {
            label: "moved back",
            done: moved,
            of,
        }]));
        match task.status() {
            Some("RUNNING") => {}
            Some("COMPLETED") => return Ok(Moved { letters: moved }),
            status => {
                let reason = task.failure_reason().unwrap_or("no reason given");
                let message = format!(
                    "the move task ended as {}: {reason}",
                    status.unwrap_or("unknown")
                );
                return Err(CommandError::new(ErrorKind::Refused, message).hint(format!(
                    "{moved} letters were moved; the others are still in the dead-letter queue."
                )));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = context.cancel().cancelled() => {
                return Err(CommandError::interrupted("interrupted; the move task goes on by itself")
                    .hint("`orders-lab status` shows where the orders are."));
            }
        }
    }
}

async fn newest(
    context: &Context<'_>,
    arn: &str,
) -> Result<ListMessageMoveTasksResultEntry, CommandError> {
    let reply = context
        .clients
        .sqs
        .list_message_move_tasks()
        .source_arn(arn)
        .max_results(1)
        .send()
        .await;
    let tasks = reply
        .map_err(|error| failure("sqs:ListMessageMoveTasks", error))?
        .results
        .unwrap_or_default();
    tasks.into_iter().next().ok_or_else(|| {
        CommandError::from(AwsFailure {
            operation: "sqs:ListMessageMoveTasks",
            class: crate::aws::Class::NotFound,
            code: None,
            message: "the move task that was started is not listed".to_owned(),
            request_id: None,
        })
    })
}
