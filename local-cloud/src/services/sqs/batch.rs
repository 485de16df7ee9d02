//! The batch operations: each entry succeeds or fails alone.

use std::collections::HashSet;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::messages::{Outgoing, in_range, sent};
use super::{DIALECT, SqsService};
use crate::clock::Now;
use crate::engines::sqs::message::LARGEST;
use crate::engines::sqs::{Engine, error};
use crate::error::AwsError;
use crate::ids::Ids;
use crate::protocol::http::{Reply, Request};
use crate::storage::Change;

/// A batch's entry: its id, and what the operation takes.
#[derive(Debug, Deserialize)]
pub(super) struct Entry<T> {
    #[serde(rename = "Id")]
    id: Option<String>,
    #[serde(flatten)]
    item: T,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Batch<T> {
    queue_url: Option<String>,
    entries: Option<Vec<Entry<T>>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Handle {
    receipt_handle: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Visibility {
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

impl SqsService {
    pub(super) async fn send_batch(
        &self,
        input: Batch<Outgoing>,
        request: &Request,
    ) -> Result<Reply, AwsError> {
        let sender: Arc<str> = request.caller.user_id.as_str().into();
        let bytes = input
            .entries
            .iter()
            .flatten()
            .map(|entry| entry.item.size())
            .sum();
        if bytes > LARGEST {
            return Err(error::batch_too_long(bytes));
        }
        self.each(
            input,
            |engine, queue, message: Outgoing, now, ids, changes| {
                let message = message.typed(&sender)?;
                engine
                    .send(queue, message, now, ids, changes)
                    .map(|answer| sent(&answer))
            },
        )
        .await
    }

    pub(super) async fn delete_batch(&self, input: Batch<Handle>) -> Result<Reply, AwsError> {
        self.each(input, |engine, queue, entry: Handle, _, _, changes| {
            let handle = entry
                .receipt_handle
                .ok_or_else(|| error::missing_parameter("ReceiptHandle"))?;
            engine
                .delete_message(queue, &handle, changes)
                .map(|()| Map::new())
        })
        .await
    }

    pub(super) async fn change_batch(&self, input: Batch<Visibility>) -> Result<Reply, AwsError> {
        self.each(
            input,
            |engine, queue, entry: Visibility, now, _, changes| {
                let handle = entry
                    .receipt_handle
                    .ok_or_else(|| error::missing_parameter("ReceiptHandle"))?;
                let seconds = entry
                    .visibility_timeout
                    .ok_or_else(|| error::missing_parameter("VisibilityTimeout"))?;
                let seconds = in_range("VisibilityTimeout", seconds, 43_200)?;
                engine
                    .change_visibility(queue, &handle, seconds, now, changes)
                    .map(|()| Map::new())
            },
        )
        .await
    }

    /// Runs one command per entry, all in one step of the engine and made durable together.
    async fn each<T>(
        &self,
        input: Batch<T>,
        command: impl Fn(
            &mut Engine,
            &str,
            T,
            Now,
            &mut dyn Ids,
            &mut Vec<Change>,
        ) -> Result<Map<String, Value>, AwsError>,
    ) -> Result<Reply, AwsError> {
        let name = self.name(input.queue_url.as_deref())?;
        let entries = checked(input.entries)?;
        let (successful, failed) = self
            .queues
            .run(|engine, now, ids, changes| {
                engine.exists(name)?;
                let (mut successful, mut failed) = (Vec::new(), Vec::new());
                for (id, item) in entries {
                    match command(engine, name, item, now, ids, changes) {
                        Ok(mut answer) => {
                            answer.insert("Id".to_owned(), json!(id));
                            successful.push(answer);
                        }
                        Err(problem) => failed.push(failure(&id, &problem)),
                    }
                }
                Ok((successful, failed))
            })
            .await?;
        Ok(DIALECT.output(&json!({ "Successful": successful, "Failed": failed })))
    }
}

/// A batch's entries with their ids: 1 to 10, and no id twice.
fn checked<T>(entries: Option<Vec<Entry<T>>>) -> Result<Vec<(String, T)>, AwsError> {
    let entries = entries
        .filter(|entries| !entries.is_empty())
        .ok_or_else(error::empty_batch)?;
    if entries.len() > 10 {
        return Err(error::too_many_entries(entries.len()));
    }
    let mut seen = HashSet::new();
    let mut checked = Vec::with_capacity(entries.len());
    for Entry { id, item } in entries {
        let id = id.unwrap_or_default();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if !(1..=80).contains(&id.len()) || !id.bytes().all(legal) {
            return Err(error::invalid_entry_id());
        }
        if !seen.insert(id.clone()) {
            return Err(error::ids_not_distinct(&id));
        }
        checked.push((id, item));
    }
    Ok(checked)
}

fn failure(id: &str, problem: &AwsError) -> Value {
    json!({
        "Id": id,
        "SenderFault": problem.status < 500,
        "Code": problem.query_code.as_deref().unwrap_or(&problem.code),
        "Message": problem.message,
    })
}
