//! The operations of SQS: typed input, the permissions that it requires, the engine's command, and
//! the typed reply. Operations that this cloud does not have are refused by name.

mod batches;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod messages;
mod permissions;
mod queues;
mod service;
mod tasks;
#[cfg(test)]
mod tests;
mod wire;

pub(crate) use service::SqsService;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{DESCRIPTOR, DIALECT};
use crate::error::AwsError;
use crate::protocol::http::Request;
use crate::protocol::json::Dialect;
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

impl Service for SqsService {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn read(self: Arc<Self>, request: &Request) -> Result<Box<dyn Call>, AwsError> {
        read(OPERATIONS, &self, request)
    }

    fn tags_of(&self, arn: &str) -> BTreeMap<String, String> {
        let tags = self
            .queues
            .read(|engine| engine.tags(engine.by_arn(arn)?).cloned());
        tags.unwrap_or_default()
    }

    #[cfg(test)]
    fn operations(&self) -> Vec<&'static str> {
        OPERATIONS.iter().map(|row| row.name()).collect()
    }
}

impl JsonService for SqsService {
    const DIALECT: Dialect = DIALECT;
}
