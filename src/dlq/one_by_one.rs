//! Moving dead letters back message by message, where a server that is compatible with AWS has no
//! message move tasks.
//!
//! A message is sent before it is deleted, so an interruption may leave a copy in both queues, but
//! never in none. The processor stores each order once.

use aws_sdk_sqs::types::Message;

use crate::aws::{Answer as _, AwsFailure};
use crate::error::CommandError;
use crate::lab::Lab;
use crate::ui::{Event, Live, number};

/// How long a received message is hidden, in seconds: more than its move takes.
const HIDDEN_SECONDS: i32 = 30;

/// Whether the server says that it does not know the operation.
pub(super) fn is_unknown_operation(failure: &AwsFailure) -> bool {
    const UNKNOWN: [&str; 3] = [
        "InvalidAction",
        "UnknownOperationException",
        "NotImplemented",
    ];
    let code = failure.code.as_deref();
    code.is_some_and(|code| UNKNOWN.contains(&code))
}

/// Moves messages back until the dead-letter queue shows none, at most `count`. Returns how many were
/// moved.
///
/// # Errors
/// When a call fails, or the user interrupts.
pub(super) async fn move_one_by_one(lab: &Lab<'_>, count: u64) -> Result<u64, CommandError> {
    lab.context
        .events()
        .note("This endpoint has no message move tasks, so the dead letters are moved one by one.");
    let mut moved = 0;
    while moved < count {
        let messages = receive(lab).await?;
        if messages.is_empty() {
            break;
        }
        for message in &messages {
            if lab.context.cancel().is_cancelled() {
                let message = format!(
                    "interrupted after {} of {} were moved",
                    number(moved),
                    number(count)
                );
                return Err(CommandError::interrupted(message));
            }
            move_message(lab, message).await?;
            moved += 1;
            let progress = Live::progress("moved back", moved, count);
            lab.context.events().send(Event::Live(progress));
        }
    }
    Ok(moved)
}

async fn receive(lab: &Lab<'_>) -> Result<Vec<Message>, AwsFailure> {
    let sqs = &lab.context.clients.sqs;
    let call = sqs
        .receive_message()
        .queue_url(lab.reader.dead_letter_url())
        .max_number_of_messages(10)
        .visibility_timeout(HIDDEN_SECONDS)
        .message_attribute_names("All");
    let answer = call.send().await.of_call("sqs:ReceiveMessage")?;
    Ok(answer.messages.unwrap_or_default())
}

async fn move_message(lab: &Lab<'_>, message: &Message) -> Result<(), AwsFailure> {
    let sqs = &lab.context.clients.sqs;
    let send = sqs
        .send_message()
        .queue_url(lab.reader.orders_url())
        .message_body(message.body().unwrap_or_default())
        .set_message_attributes(message.message_attributes().cloned());
    send.send().await.of_call("sqs:SendMessage")?;
    let delete = sqs
        .delete_message()
        .queue_url(lab.reader.dead_letter_url())
        .receipt_handle(message.receipt_handle().unwrap_or_default());
    delete.send().await.of_call("sqs:DeleteMessage").map(drop)
}
