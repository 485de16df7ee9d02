//! The service behind SQS's operations.

use std::sync::Arc;

use crate::error::AwsError;
use crate::location::Location;
use crate::runtime_context::RuntimeContext;
use crate::sqs::Queues;
use crate::sqs::engine::error;

/// The service.
#[derive(Debug)]
pub(crate) struct SqsService {
    pub(super) queues: Arc<Queues>,
    pub(super) location: Location,
    /// What precedes account and name in a queue's URL, for example `http://127.0.0.1:4567`.
    pub(super) endpoint: String,
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

/// The queue's name in a URL of any host: the part that follows an account id.
pub(super) fn queue_name(url: &str) -> Result<&str, AwsError> {
    if url.is_empty() {
        return Err(error::missing("QueueUrl"));
    }
    let mut parts = url.rsplit('/');
    let name = parts.next().filter(|name| !name.is_empty());
    let account = parts.next().unwrap_or_default();
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    name.filter(|_| is_account).ok_or_else(error::no_queue)
}
