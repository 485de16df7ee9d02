//! The queue: SQS's SendMessageBatch.

use std::collections::HashMap;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_sqs::operation::send_message_batch::{SendMessageBatchError, SendMessageBatchOutput};
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use order::wire::{INDEX_ATTRIBUTE, RUN_ATTRIBUTE};

use crate::queue::{Entry, Queue, Rejected};

/// An SQS queue.
#[derive(Clone, Debug)]
pub struct SqsQueue {
    client: Client,
    url: String,
}

impl SqsQueue {
    /// The queue at `url`.
    #[must_use]
    pub const fn new(client: Client, url: String) -> Self {
        Self { client, url }
    }
}

impl Queue for SqsQueue {
    async fn send(&self, run: &str, entries: &[Entry]) -> Vec<Rejected> {
        let messages = entries.iter().map(|entry| message(run, entry)).collect();
        match messages {
            Err(error) => unbuildable(entries, &error),
            Ok(messages) => {
                let request = self.client.send_message_batch().queue_url(&self.url);
                match request.set_entries(Some(messages)).send().await {
                    Ok(response) => not_accepted(entries, &response),
                    Err(error) => failed(entries, &error),
                }
            }
        }
    }
}

fn message(
    run: &str,
    entry: &Entry,
) -> Result<SendMessageBatchRequestEntry, aws_sdk_sqs::error::BuildError> {
    let attribute = |data_type: &str, value: String| {
        MessageAttributeValue::builder()
            .data_type(data_type)
            .string_value(value)
            .build()
    };
    SendMessageBatchRequestEntry::builder()
        .id(entry.index.to_string())
        .message_body(&entry.body)
        .message_attributes(RUN_ATTRIBUTE, attribute("String", run.to_owned())?)
        .message_attributes(
            INDEX_ATTRIBUTE,
            attribute("Number", entry.index.to_string())?,
        )
        .build()
}

/// The entries that the response does not report as accepted.
fn not_accepted(entries: &[Entry], response: &SendMessageBatchOutput) -> Vec<Rejected> {
    let failed: HashMap<&str, _> = response
        .failed()
        .iter()
        .map(|entry| (entry.id(), entry))
        .collect();
    let is_accepted = |id: &str| response.successful().iter().any(|entry| entry.id() == id);
    entries
        .iter()
        .map(|entry| (entry, entry.index.to_string()))
        .filter(|(_, id)| !is_accepted(id))
        .map(|(entry, id)| match failed.get(id.as_str()) {
            Some(error) => Rejected {
                index: entry.index,
                code: error.code().to_owned(),
                message: error.message().unwrap_or_default().to_owned(),
                can_retry: !error.sender_fault(),
            },
            None => Rejected {
                index: entry.index,
                code: "NoAnswer".to_owned(),
                message: "the response to the batch does not list the entry".to_owned(),
                can_retry: true,
            },
        })
        .collect()
}

/// All entries, where the request failed. Only what the service refuses as the sender's fault cannot be
/// retried; throttling has a client's status, but passes.
fn failed(entries: &[Entry], error: &SdkError<SendMessageBatchError>) -> Vec<Rejected> {
    let code = error.code().unwrap_or("RequestFailed");
    let is_throttled = code.contains("Throttl") || code == "OverLimit";
    let is_refused = error
        .raw_response()
        .is_some_and(|reply| reply.status().is_client_error());
    let message = error
        .message()
        .map_or_else(|| order::with_causes(error), str::to_owned);
    all(entries, code, &message, is_throttled || !is_refused)
}

fn unbuildable(entries: &[Entry], error: &aws_sdk_sqs::error::BuildError) -> Vec<Rejected> {
    all(entries, "Unbuildable", &error.to_string(), false)
}

fn all(entries: &[Entry], code: &str, message: &str, can_retry: bool) -> Vec<Rejected> {
    let rejected = |entry: &Entry| Rejected {
        index: entry.index,
        code: code.to_owned(),
        message: message.to_owned(),
        can_retry,
    };
    entries.iter().map(rejected).collect()
}
