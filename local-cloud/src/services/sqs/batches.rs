//! Batches: what is wrong with the whole is an error, what is wrong with an entry is reported
//! with that entry.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::SqsService;
use super::messages::sent_members;
use super::wire::Outgoing;
use crate::engines::sqs::{MAX_BYTES, error};
use crate::error::AwsError;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct BatchInput<T> {
    #[serde(default)]
    queue_url: String,
    entries: Option<Vec<Entry<T>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry<T> {
    #[serde(default)]
    id: String,
    #[serde(flatten)]
    rest: T,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HandleEntry {
    #[serde(default)]
    receipt_handle: String,
    visibility_timeout: Option<i64>,
}

impl SqsService {
    pub(super) async fn send_batch(
        &self,
        input: BatchInput<Outgoing>,
        sender: &str,
    ) -> Result<Value, AwsError> {
        let name = Self::name(&input.queue_url)?;
        let entries = checked(input.entries)?;
        let entries: Vec<_> = entries
            .into_iter()
            .map(|entry| (entry.id, entry.rest.read(sender)))
            .collect();
        let drafts = entries.iter().filter_map(|(_, draft)| draft.as_ref().ok());
        let bytes = drafts.map(crate::engines::sqs::Draft::size).sum();
        if bytes > MAX_BYTES {
            return Err(error::batch_too_long(bytes));
        }
        self.queues
            .run(|engine, turn| {
                let id = engine.by_name(name)?;
                let mut one = |draft| engine.send(id, draft, turn).map(|sent| sent_members(&sent));
                let done = entries
                    .into_iter()
                    .map(|(id, draft)| (id, draft.and_then(&mut one)));
                Ok(results(done))
            })
            .await
    }

    pub(super) async fn delete_batch(
        &self,
        input: BatchInput<HandleEntry>,
    ) -> Result<Value, AwsError> {
        let name = Self::name(&input.queue_url)?;
        let entries = checked(input.entries)?;
        self.queues
            .run(|engine, turn| {
                let id = engine.by_name(name)?;
                let done = entries.into_iter().map(|entry| {
                    let handle = &entry.rest.receipt_handle;
                    let result = engine.delete_message(id, handle, turn);
                    (entry.id, result.map(|()| Map::new()))
                });
                Ok(results(done))
            })
            .await
    }

    pub(super) async fn change_batch(
        &self,
        input: BatchInput<HandleEntry>,
    ) -> Result<Value, AwsError> {
        let name = Self::name(&input.queue_url)?;
        let entries = checked(input.entries)?;
        self.queues
            .run(|engine, turn| {
                let id = engine.by_name(name)?;
                let done = entries.into_iter().map(|entry| {
                    let seconds = entry.rest.visibility_timeout;
                    let result = seconds
                        .ok_or_else(|| error::missing("VisibilityTimeout"))
                        .and_then(|seconds| {
                            let handle = &entry.rest.receipt_handle;
                            engine.change_visibility(id, handle, seconds, turn)
                        });
                    (entry.id, result.map(|()| Map::new()))
                });
                Ok(results(done))
            })
            .await
    }
}

/// The entries of a batch that is one.
fn checked<T>(entries: Option<Vec<Entry<T>>>) -> Result<Vec<Entry<T>>, AwsError> {
    let entries = entries.unwrap_or_default();
    if entries.is_empty() {
        return Err(error::empty_batch());
    }
    if entries.len() > 10 {
        return Err(error::too_many_entries(entries.len()));
    }
    let char = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    let mut ids = BTreeSet::new();
    for entry in &entries {
        let id = &*entry.id;
        if !(1..=80).contains(&id.len()) || !id.bytes().all(char) {
            return Err(error::invalid_entry_id());
        }
        if !ids.insert(id) {
            return Err(error::ids_not_distinct(id));
        }
    }
    Ok(entries)
}

fn results(done: impl Iterator<Item = (String, Result<Map<String, Value>, AwsError>)>) -> Value {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (id, result) in done {
        match result {
            Ok(mut members) => {
                members.insert("Id".to_owned(), id.into());
                successful.push(Value::Object(members));
            }
            Err(error) => failed.push(json!({
                "Id": id,
                "SenderFault": error.status < 500,
                "Code": error.query_code.as_deref().unwrap_or(&error.code),
                "Message": error.message,
            })),
        }
    }
    // boto3 expects a list only where there is something in it; Successful is always there.
    let mut reply = json!({"Successful": successful});
    if !failed.is_empty() {
        reply["Failed"] = failed.into();
    }
    reply
}
