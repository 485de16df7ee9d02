//! SQS: AWS JSON 1.0 around the queues. Operations that the cloud does not have are refused by
//! name.

mod batches;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod messages;
mod queues;
mod tasks;
mod wire;

use std::sync::Arc;

use serde::Serialize;

use super::stale_counts::StaleCounts;
use crate::error::AwsError;
use crate::faults::FaultInjector;
use crate::protocol::http::{Reply, Request};
use crate::protocol::json::{Dialect, unknown_operation};
use crate::sqs::Queues;
use crate::sqs::engine::error;

const DIALECT: Dialect = Dialect {
    content_type: "application/x-amz-json-1.0",
    target_prefix: "AmazonSQS",
    error_namespace: "com.amazonaws.sqs",
    query_compatible: true,
    message_member: "message",
};

/// The service.
#[derive(Debug)]
pub(crate) struct SqsService {
    queues: Arc<Queues>,
    endpoint: String,
    counts: StaleCounts,
}

impl SqsService {
    pub(crate) fn new(queues: Arc<Queues>, endpoint: String, faults: Arc<FaultInjector>) -> Self {
        Self {
            queues,
            endpoint,
            counts: StaleCounts::new(faults),
        }
    }

    /// Answers a request.
    pub(crate) async fn handle(&self, request: &Request) -> Reply {
        match self.answer(request).await {
            Ok(reply) => reply,
            Err(error) => DIALECT.error(&error),
        }
    }

    async fn answer(&self, request: &Request) -> Result<Reply, AwsError> {
        let operation = DIALECT.operation(request)?;
        let caller = &*request.caller.user_id;
        match operation {
            "CreateQueue" => done(&self.create(DIALECT.input(request)?).await?),
            "DeleteQueue" => done(&self.delete_queue(DIALECT.input(request)?).await?),
            "GetQueueUrl" => done(&self.get_url(DIALECT.input(request)?)?),
            "ListQueues" => done(&self.list(DIALECT.input(request)?)?),
            "GetQueueAttributes" => done(&self.get_attributes(DIALECT.input(request)?).await?),
            "SetQueueAttributes" => done(&self.set_attributes(DIALECT.input(request)?).await?),
            "PurgeQueue" => done(&self.purge(DIALECT.input(request)?).await?),
            "TagQueue" => done(&self.tag(DIALECT.input(request)?).await?),
            "UntagQueue" => done(&self.untag(DIALECT.input(request)?).await?),
            "ListQueueTags" => done(&self.list_tags(DIALECT.input(request)?)?),
            "ListDeadLetterSourceQueues" => done(&self.list_sources(DIALECT.input(request)?)?),
            "SendMessage" => done(&self.send(DIALECT.input(request)?, caller).await?),
            "ReceiveMessage" => done(&self.receive(DIALECT.input(request)?).await?),
            "DeleteMessage" => done(&self.delete(DIALECT.input(request)?).await?),
            "ChangeMessageVisibility" => done(&self.change(DIALECT.input(request)?).await?),
            "SendMessageBatch" => done(&self.send_batch(DIALECT.input(request)?, caller).await?),
            "DeleteMessageBatch" => done(&self.delete_batch(DIALECT.input(request)?).await?),
            "ChangeMessageVisibilityBatch" => {
                done(&self.change_batch(DIALECT.input(request)?).await?)
            }
            "StartMessageMoveTask" => done(&self.start_task(DIALECT.input(request)?).await?),
            "ListMessageMoveTasks" => done(&self.list_tasks(DIALECT.input(request)?)?),
            "CancelMessageMoveTask" => done(&self.cancel_task(DIALECT.input(request)?).await?),
            other => Err(unknown_operation(other)),
        }
    }

    /// The queue's name in a URL of any host: its last part, behind an account id.
    fn name(url: &str) -> Result<&str, AwsError> {
        if url.is_empty() {
            return Err(error::missing("QueueUrl"));
        }
        let mut parts = url.rsplit('/');
        let name = parts.next().filter(|name| !name.is_empty());
        let account = parts.next().unwrap_or_default();
        let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
        name.filter(|_| is_account).ok_or_else(error::no_queue)
    }
}

fn done(output: &impl Serialize) -> Result<Reply, AwsError> {
    Ok(DIALECT.output(output))
}
