//! Operations on batches. An invalid batch is an error; an invalid entry is reported in the reply.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::messages::SentReply;
use super::permissions::on_url;
use super::service::{SqsService, queue_name};
use super::wire::Outgoing;
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::service::{CallContext, Operation, Required};
use crate::sqs::engine::{Draft, MAX_BYTES, QueueId, Sqs, Transaction, error};

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

/// The reply to a batch.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchReply<T> {
    // AWS returns this list always, and the list of failures only where there are some.
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

/// A successful entry of a batch without further results.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DoneEntry {
    id: String,
}

/// Sends up to ten messages.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendMessageBatch {
    #[serde(default)]
    queue_url: String,
    entries: Option<Vec<Outgoing>>,
}

impl Operation<SqsService> for SendMessageBatch {
    const NAME: &'static str = "SendMessageBatch";
    type Output = BatchReply<SentReply>;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_url(service, Self::NAME, &self.queue_url)
    }

    async fn run(
        self,
        service: &SqsService,
        context: &CallContext,
    ) -> Result<BatchReply<SentReply>, AwsError> {
        let name = queue_name(&self.queue_url)?;
        let sender = Arc::from(&*context.caller.user_id);
        let drafts: Vec<(String, Result<Draft, AwsError>)> = checked(self.entries, Self::NAME)?
            .into_iter()
            .map(|mut entry| (std::mem::take(&mut entry.id), entry.read(&sender)))
            .collect();
        let sizes = drafts.iter().filter_map(|(_, draft)| draft.as_ref().ok());
        let bytes = sizes.map(Draft::size).sum();
        if bytes > MAX_BYTES {
            return Err(error::batch_too_long(bytes));
        }
        let send = service.queues.run(|engine, tx| {
            let queue = engine.seen(name, &tx.view)?;
            let mut send = |draft| engine.send(queue, draft, tx);
            let sent = drafts
                .into_iter()
                .map(|(id, draft)| (id, draft.and_then(&mut send)));
            Ok(sent.collect::<Vec<_>>())
        });
        Ok(results(send.await?, |id, sent| {
            SentReply::new(Some(id), &sent)
        }))
    }
}

/// Deletes up to ten messages.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteMessageBatch {
    #[serde(default)]
    queue_url: String,
    entries: Option<Vec<HandleEntry>>,
}

impl Operation<SqsService> for DeleteMessageBatch {
    const NAME: &'static str = "DeleteMessageBatch";
    type Output = BatchReply<DoneEntry>;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_url(service, Self::NAME, &self.queue_url)
    }

    async fn run(
        self,
        service: &SqsService,
        _: &CallContext,
    ) -> Result<BatchReply<DoneEntry>, AwsError> {
        let name = queue_name(&self.queue_url)?;
        let entries = checked(self.entries, Self::NAME)?;
        let delete = |engine: &mut Sqs, queue, entry: &HandleEntry, tx: &mut Transaction<'_>| {
            engine.delete_message(queue, &entry.receipt_handle, tx)
        };
        service.each(name, entries, delete).await
    }
}

/// Changes the visibility of up to ten messages.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeMessageVisibilityBatch {
    #[serde(default)]
    queue_url: String,
    entries: Option<Vec<HandleEntry>>,
}

impl Operation<SqsService> for ChangeMessageVisibilityBatch {
    const NAME: &'static str = "ChangeMessageVisibilityBatch";
    type Output = BatchReply<DoneEntry>;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_url(service, Self::NAME, &self.queue_url)
    }

    async fn run(
        self,
        service: &SqsService,
        _: &CallContext,
    ) -> Result<BatchReply<DoneEntry>, AwsError> {
        let name = queue_name(&self.queue_url)?;
        let entries = checked(self.entries, Self::NAME)?;
        let change = |engine: &mut Sqs, queue, entry: &HandleEntry, tx: &mut Transaction<'_>| {
            let seconds = entry
                .visibility_timeout
                .ok_or_else(|| error::missing("VisibilityTimeout"))?;
            engine.change_visibility(queue, &entry.receipt_handle, seconds, tx)
        };
        service.each(name, entries, change).await
    }
}

impl SqsService {
    /// Does the same to each of a batch's messages.
    async fn each(
        &self,
        name: &str,
        entries: Vec<HandleEntry>,
        one: impl Fn(&mut Sqs, QueueId, &HandleEntry, &mut Transaction<'_>) -> Result<(), AwsError>,
    ) -> Result<BatchReply<DoneEntry>, AwsError> {
        let all = self.queues.run(|engine, tx| {
            let queue = engine.by_name(name)?;
            let done = entries.into_iter().map(|entry| {
                let result = one(engine, queue, &entry, tx);
                (entry.id, result)
            });
            Ok(done.collect::<Vec<_>>())
        });
        Ok(results(all.await?, |id, ()| DoneEntry { id }))
    }
}

/// The entries of a valid batch. The error for an empty one names `operation`.
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
