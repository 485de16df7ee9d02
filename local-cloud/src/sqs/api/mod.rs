//! The operations of SQS: typed input, the permissions that it requires, the engine's command, and
//! the typed reply. Operations that this cloud does not have are refused by name.

mod batches;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod messages;
mod permissions;
mod queues;
mod tasks;
#[cfg(test)]
mod tests;
mod wire;

use std::sync::Arc;

use super::engine::error;
use super::{DESCRIPTOR, DIALECT, Queues};
use crate::error::AwsError;
use crate::location::Location;
use crate::protocol::http::Request;
use crate::protocol::json::Dialect;
use crate::runtime_context::RuntimeContext;
use crate::service::json::{JsonService, Row, read, row};
use crate::service::{Call, Descriptor, Service};

/// Every operation.
const OPERATIONS: &[Row<SqsService>] = &[
    row::<_, queues::CreateQueue>(),
    row::<_, queues::DeleteQueue>(),
    row::<_, queues::GetQueueUrl>(),
    row::<_, queues::ListQueues>(),
    row::<_, queues::GetQueueAttributes>(),
    row::<_, queues::SetQueueAttributes>(),
    row::<_, queues::PurgeQueue>(),
    row::<_, queues::TagQueue>(),
    row::<_, queues::UntagQueue>(),
    row::<_, queues::ListQueueTags>(),
    row::<_, queues::ListDeadLetterSourceQueues>(),
    row::<_, messages::SendMessage>(),
    row::<_, messages::ReceiveMessage>(),
    row::<_, messages::DeleteMessage>(),
    row::<_, messages::ChangeMessageVisibility>(),
    row::<_, batches::SendMessageBatch>(),
    row::<_, batches::DeleteMessageBatch>(),
    row::<_, batches::ChangeMessageVisibilityBatch>(),
    row::<_, tasks::StartMessageMoveTask>(),
    row::<_, tasks::ListMessageMoveTasks>(),
    row::<_, tasks::CancelMessageMoveTask>(),
];

/// The service.
#[derive(Debug)]
pub(crate) struct SqsService {
    queues: Arc<Queues>,
    location: Location,
    /// What precedes account and name in a queue's URL, for example `http://127.0.0.1:4567`.
    endpoint: String,
}

impl SqsService {
    /// The service around these queues.
    pub(crate) fn new(queues: Arc<Queues>, endpoint: String, context: &RuntimeContext) -> Self {
        Self {
            queues,
            location: context.location.clone(),
            endpoint,
        }
    }
}

impl Service for SqsService {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn read(self: Arc<Self>, request: &Request) -> Result<Box<dyn Call>, AwsError> {
        read(OPERATIONS, &self, request)
    }
}

impl JsonService for SqsService {
    const DIALECT: Dialect = DIALECT;
}

/// The queue's name in a URL of any host: the part that follows an account id.
fn queue_name(url: &str) -> Result<&str, AwsError> {
    if url.is_empty() {
        return Err(error::missing("QueueUrl"));
    }
    let mut parts = url.rsplit('/');
    let name = parts.next().filter(|name| !name.is_empty());
    let account = parts.next().unwrap_or_default();
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    name.filter(|_| is_account).ok_or_else(error::no_queue)
}
