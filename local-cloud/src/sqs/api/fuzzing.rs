//! Properties of SQS's JSON.

use serde::Deserialize;

use super::wire::{Outgoing, WireAttribute};
use super::{DIALECT, SqsService, batches, messages, queues, tasks};
use crate::error::AwsError;
use crate::fuzzing::engines::first_line;
use crate::fuzzing::services::{check_refusal, typed};
use crate::protocol::json::read as read_json;
use crate::sqs::engine::fuzzing::survives;

/// An operation's name, then a body: it is read or refused, and a message that can be sent is
/// the same when it is received.
pub fn sqs_json(data: &[u8]) {
    let (operation, body) = first_line(data);
    check_refusal(&DIALECT, read(operation, body));
}

fn read(operation: &[u8], body: &[u8]) -> Result<(), AwsError> {
    use batches::{BatchInput, HandleEntry};
    match operation {
        b"CreateQueue" => typed::<queues::CreateInput>(body),
        b"DeleteQueue" | b"PurgeQueue" | b"ListQueueTags" => typed::<queues::UrlInput>(body),
        b"GetQueueUrl" => typed::<queues::NameInput>(body),
        b"ListQueues" => typed::<queues::ListInput>(body),
        b"GetQueueAttributes" => typed::<queues::GetInput>(body),
        b"SetQueueAttributes" => typed::<queues::SetInput>(body),
        b"TagQueue" => typed::<queues::TagInput>(body),
        b"UntagQueue" => typed::<queues::UntagInput>(body),
        b"ListDeadLetterSourceQueues" => typed::<queues::SourcesInput>(body),
        b"ReceiveMessage" => typed::<messages::ReceiveInput>(body),
        b"DeleteMessage" => typed::<messages::DeleteInput>(body),
        b"ChangeMessageVisibility" => typed::<messages::ChangeInput>(body),
        b"SendMessageBatch" => typed::<BatchInput<Outgoing>>(body),
        b"DeleteMessageBatch" | b"ChangeMessageVisibilityBatch" => {
            typed::<BatchInput<HandleEntry>>(body)
        }
        b"StartMessageMoveTask" => typed::<tasks::StartInput>(body),
        b"ListMessageMoveTasks" => typed::<tasks::ListInput>(body),
        b"CancelMessageMoveTask" => typed::<tasks::CancelInput>(body),
        // `SendMessage`, as it is the one that everything comes in by.
        _ => {
            let draft = read_json::<Outgoing>(body)?.read(&"000000000000".into())?;
            for attribute in &draft.attributes {
                let written = serde_json::to_vec(&WireAttribute::write(attribute));
                let read = written.map(|json| serde_json::from_slice::<WireAttribute>(&json));
                assert!(matches!(read, Ok(Ok(_))));
            }
            survives(draft)
        }
    }
}

/// The name of the queue that the service would take a request to be about.
pub(crate) fn named(operation: &str, body: &[u8]) -> Option<String> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Input {
        #[serde(default)]
        queue_url: String,
        #[serde(default)]
        queue_name: String,
    }
    let input: Input = read_json(body).ok()?;
    match operation {
        "CreateQueue" | "GetQueueUrl" => Some(input.queue_name).filter(|name| !name.is_empty()),
        "DeleteQueue" | "SendMessage" | "SendMessageBatch" | "ReceiveMessage"
        | "SetQueueAttributes" | "PurgeQueue" => {
            SqsService::name(&input.queue_url).ok().map(str::to_owned)
        }
        _ => None,
    }
}
