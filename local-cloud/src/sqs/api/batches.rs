//! Batches: what is wrong with the whole is an error, what is wrong with an entry is reported
//! with that entry.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::SqsService;
use super::messages::SentReply;
use super::wire::Outgoing;
use crate::error::AwsError;
use crate::sqs::engine::{MAX_BYTES, QueueId, Sqs, Transaction, error};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchInput<T> {
    #[serde(default)]
    queue_url: String,
    entries: Option<Vec<T>>,
}

/// An entry of a batch.
trait Entry {
    fn id(&self) -> &str;
}

impl Entry for Outgoing {
    fn id(&self) -> &str {
        &self.id
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HandleEntry {
    #[serde(default)]
    id: String,
    #[serde(default)]
    receipt_handle: String,
    visibility_timeout: Option<i64>,
}

impl Entry for HandleEntry {
    fn id(&self) -> &str {
        &self.id
    }
}

/// What a batch answers.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchReply<T> {
    // boto3 expects a list of failures only where there are some; this one is always there.
    successful: Vec<T>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failed: Vec<FailedEntry>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct FailedEntry {
    id: String,
    sender_fault: bool,
    code: String,
    message: String,
}

/// An entry that was done and of which there is no more to say.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DoneEntry {
    id: String,
}

impl SqsService {
    pub(super) async fn send_batch(
        &self,
        input: BatchInput<Outgoing>,
        sender: &str,
    ) -> Result<BatchReply<SentReply>, AwsError> {
        let name = Self::name(&input.queue_url)?;
        let sender = Arc::from(sender);
        let read = |mut entry: Outgoing| {
            let id = std::mem::take(&mut entry.id);
            (id, entry.read(&sender))
        };
        let entries = checked(input.entries, "SendMessageBatch")?;
        let entries: Vec<_> = entries.into_iter().map(read).collect();
        let drafts = entries.iter().filter_map(|(_, draft)| draft.as_ref().ok());
        let bytes = drafts.map(crate::sqs::engine::Draft::size).sum();
        if bytes > MAX_BYTES {
            return Err(error::batch_too_long(bytes));
        }
        let sent = self
            .queues
            .run(|engine, tx| {
                let id = engine.seen(name, &tx.view)?;
                let mut one = |draft| engine.send(id, draft, tx);
                let done = entries
                    .into_iter()
                    .map(|(id, draft)| (id, draft.and_then(&mut one)));
                Ok(done.collect::<Vec<_>>())
            })
            .await?;
        Ok(results(sent, |id, sent| SentReply::new(Some(id), &sent)))
    }

    pub(super) async fn delete_batch(
        &self,
        input: BatchInput<HandleEntry>,
    ) -> Result<BatchReply<DoneEntry>, AwsError> {
        self.each("DeleteMessageBatch", input, |engine, queue, entry, tx| {
            engine.delete_message(queue, &entry.receipt_handle, tx)
        })
        .await
    }

    pub(super) async fn change_batch(
        &self,
        input: BatchInput<HandleEntry>,
    ) -> Result<BatchReply<DoneEntry>, AwsError> {
        self.each(
            "ChangeMessageVisibilityBatch",
            input,
            |engine, queue, entry, tx| {
                let seconds = entry.visibility_timeout;
                let seconds = seconds.ok_or_else(|| error::missing("VisibilityTimeout"))?;
                engine.change_visibility(queue, &entry.receipt_handle, seconds, tx)
            },
        )
        .await
    }

    /// Does the same to each of a batch's messages.
    async fn each(
        &self,
        operation: &str,
        input: BatchInput<HandleEntry>,
        one: impl Fn(&mut Sqs, QueueId, &HandleEntry, &mut Transaction<'_>) -> Result<(), AwsError>,
    ) -> Result<BatchReply<DoneEntry>, AwsError> {
        let name = Self::name(&input.queue_url)?;
        let entries = checked(input.entries, operation)?;
        let done = self
            .queues
            .run(|engine, tx| {
                let queue = engine.by_name(name)?;
                let done = entries.into_iter().map(|entry| {
                    let result = one(engine, queue, &entry, tx);
                    (entry.id, result)
                });
                Ok(done.collect::<Vec<_>>())
            })
            .await?;
        Ok(results(done, |id, ()| DoneEntry { id }))
    }
}

/// The entries of a batch that is one; `operation` is named where it is empty.
fn checked<T: Entry>(entries: Option<Vec<T>>, operation: &str) -> Result<Vec<T>, AwsError> {
    let entries = entries.unwrap_or_default();
    if entries.is_empty() {
        return Err(error::empty_batch(operation));
    }
    if entries.len() > 10 {
        return Err(error::too_many_entries(entries.len()));
    }
    let char = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let mut ids = BTreeSet::new();
    for entry in &entries {
        let id = entry.id();
        if !(1..=80).contains(&id.len()) || !id.bytes().all(char) {
            return Err(error::invalid_entry_id());
        }
        if !ids.insert(id) {
            return Err(error::ids_not_distinct(id));
        }
    }
    Ok(entries)
}

fn results<T, R>(
    done: Vec<(String, Result<T, AwsError>)>,
    reply: impl Fn(String, T) -> R,
) -> BatchReply<R> {
    let mut results = BatchReply {
        successful: Vec::with_capacity(done.len()),
        failed: Vec::new(),
    };
    for (id, result) in done {
        match result {
            Ok(what) => results.successful.push(reply(id, what)),
            Err(error) => results.failed.push(FailedEntry {
                id,
                sender_fault: error.status < 500,
                code: error.query_code.unwrap_or(error.code).into_owned(),
                message: error.message,
            }),
        }
    }
    results
}
