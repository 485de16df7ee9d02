//! SQS over its JSON protocol: an operation's name to a typed action to the queues' driver.

mod batch;
mod messages;
mod queues;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::engines::sqs::error;
use crate::error::AwsError;
use crate::protocol::http::{Reply, Request};
use crate::protocol::json::{Dialect, unknown_operation};
use crate::runtime::queues::Queues;

const DIALECT: Dialect = Dialect {
    content_type: "application/x-amz-json-1.0",
    target_prefix: "AmazonSQS",
    error_namespace: "com.amazonaws.sqs",
    query_compatible: true,
};

/// The SQS service.
#[derive(Debug)]
pub(crate) struct SqsService {
    queues: Arc<Queues>,
    account: String,
    endpoint: String,
}

/// Text by name: attributes and tags.
type Texts = BTreeMap<String, String>;

/// The input of an operation on one queue.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct OneQueue {
    queue_url: Option<String>,
}

impl SqsService {
    /// The service over these queues, whose URLs begin with `endpoint`.
    pub(crate) fn new(queues: Arc<Queues>, account: &str, endpoint: String) -> Self {
        Self {
            queues,
            account: account.to_owned(),
            endpoint,
        }
    }

    /// Answers one request.
    pub(crate) async fn handle(&self, request: &Request) -> Reply {
        match self.dispatch(request).await {
            Ok(reply) => reply,
            Err(error) => DIALECT.error(&error),
        }
    }

    async fn dispatch(&self, request: &Request) -> Result<Reply, AwsError> {
        match DIALECT.operation(request)? {
            "CreateQueue" => self.create(DIALECT.input(request)?).await,
            "DeleteQueue" => self.delete(DIALECT.input(request)?).await,
            "GetQueueUrl" => self.url_of(DIALECT.input(request)?).await,
            "ListQueues" => self.list(DIALECT.input(request)?).await,
            "GetQueueAttributes" => self.attributes(DIALECT.input(request)?).await,
            "SetQueueAttributes" => self.set_attributes(DIALECT.input(request)?).await,
            "PurgeQueue" => self.purge(DIALECT.input(request)?).await,
            "TagQueue" => self.tag(DIALECT.input(request)?).await,
            "UntagQueue" => self.untag(DIALECT.input(request)?).await,
            "ListQueueTags" => self.tags(DIALECT.input(request)?).await,
            "ListDeadLetterSourceQueues" => self.sources(DIALECT.input(request)?).await,
            "StartMessageMoveTask" => self.start_task(DIALECT.input(request)?).await,
            "ListMessageMoveTasks" => self.list_tasks(DIALECT.input(request)?).await,
            "CancelMessageMoveTask" => self.cancel_task(DIALECT.input(request)?).await,
            "SendMessage" => self.send(DIALECT.input(request)?, request).await,
            "SendMessageBatch" => self.send_batch(DIALECT.input(request)?, request).await,
            "ReceiveMessage" => self.receive(DIALECT.input(request)?).await,
            "DeleteMessage" => self.delete_message(DIALECT.input(request)?).await,
            "DeleteMessageBatch" => self.delete_batch(DIALECT.input(request)?).await,
            "ChangeMessageVisibility" => self.change_visibility(DIALECT.input(request)?).await,
            "ChangeMessageVisibilityBatch" => self.change_batch(DIALECT.input(request)?).await,
            other => Err(unknown_operation(other)),
        }
    }

    /// The name in a queue URL. Its host and port may be of another start of the cloud.
    fn name<'a>(&self, url: Option<&'a str>) -> Result<&'a str, AwsError> {
        let url = url
            .filter(|url| !url.is_empty())
            .ok_or_else(|| error::missing_parameter("QueueUrl"))?;
        let mut parts = url.trim_end_matches('/').rsplit('/');
        match (parts.next(), parts.next()) {
            (Some(name), Some(account)) if account == self.account => Ok(name),
            // A bare name, or an ARN's last part, is what some clients send.
            (Some(name), None) => Ok(name),
            _ => Err(error::queue_does_not_exist()),
        }
    }

    fn url(&self, name: &str) -> String {
        format!("{}/{}/{name}", self.endpoint, self.account)
    }
}
