//! Operations on single messages, and receiving.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tokio::time::Instant;

use super::{DIALECT, SqsService};
use crate::engines::sqs::message::md5_of_attributes;
use crate::engines::sqs::{MessageAttribute, MessageAttributes, NewMessage, Received, Sent, error};
use crate::error::AwsError;
use crate::protocol::http::{Reply, Request};

/// A message attribute on the wire.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WireAttribute {
    data_type: Option<String>,
    string_value: Option<String>,
    binary_value: Option<String>,
}

/// What is sent: SendMessage's members, and those of a batch's entry.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Outgoing {
    message_body: Option<String>,
    delay_seconds: Option<i64>,
    #[serde(default)]
    message_attributes: BTreeMap<String, WireAttribute>,
    #[serde(default)]
    message_system_attributes: BTreeMap<String, WireAttribute>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Send {
    queue_url: Option<String>,
    #[serde(flatten)]
    message: Outgoing,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Receive {
    queue_url: Option<String>,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    #[serde(default)]
    attribute_names: Vec<String>,
    #[serde(default)]
    message_system_attribute_names: Vec<String>,
    #[serde(default)]
    message_attribute_names: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Delete {
    queue_url: Option<String>,
    receipt_handle: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeVisibility {
    queue_url: Option<String>,
    receipt_handle: Option<String>,
    visibility_timeout: Option<i64>,
}

impl Outgoing {
    /// The typed message, sent by this user.
    pub(super) fn typed(self, sender: &Arc<str>) -> Result<NewMessage, AwsError> {
        if self.message_deduplication_id.is_some() {
            return Err(error::invalid_parameter(
                "The request includes a parameter that is not valid for this queue type",
            ));
        }
        let trace = self.message_system_attributes.get("AWSTraceHeader");
        Ok(NewMessage {
            body: self
                .message_body
                .ok_or_else(|| error::missing_parameter("MessageBody"))?,
            attributes: typed_attributes(self.message_attributes)?,
            delay: self
                .delay_seconds
                .map(|delay| in_range("DelaySeconds", delay, 900))
                .transpose()?,
            sender: Arc::clone(sender),
            trace: trace.and_then(|attribute| attribute.string_value.clone()),
            group: self.message_group_id,
        })
    }

    /// Body and attributes in bytes, for the limit of a batch.
    pub(super) fn size(&self) -> usize {
        let attributes = typed_attributes(self.message_attributes.clone()).unwrap_or_default();
        crate::engines::sqs::message::size(
            self.message_body.as_deref().unwrap_or_default(),
            &attributes,
        )
    }
}

fn typed_attributes(wire: BTreeMap<String, WireAttribute>) -> Result<MessageAttributes, AwsError> {
    let typed = |(name, attribute): (String, WireAttribute)| {
        let data_type = attribute.data_type.ok_or_else(|| {
            error::invalid_parameter(format!(
                "The message attribute '{name}' must contain a type."
            ))
        })?;
        let binary_value = match attribute.binary_value {
            None => None,
            Some(text) => Some(BASE64_STANDARD.decode(text).map_err(|problem| {
                AwsError::new("SerializationException", 400, problem.to_string())
            })?),
        };
        Ok((
            name,
            MessageAttribute {
                data_type,
                string_value: attribute.string_value,
                binary_value,
            },
        ))
    };
    wire.into_iter().map(typed).collect()
}

/// A number of seconds from 0 to `most`.
pub(super) fn in_range(name: &str, value: i64, most: u32) -> Result<u32, AwsError> {
    u32::try_from(value)
        .ok()
        .filter(|seconds| *seconds <= most)
        .ok_or_else(|| {
            error::out_of_range(
                name,
                value,
                &format!("Must be >= 0 and <= {most}, if provided."),
            )
        })
}

/// What SendMessage answers, and a batch's entry.
pub(super) fn sent(sent: &Sent) -> Map<String, Value> {
    let mut shown = Map::new();
    shown.insert("MessageId".to_owned(), json!(sent.id));
    shown.insert("MD5OfMessageBody".to_owned(), json!(sent.md5_of_body));
    if let Some(md5) = &sent.md5_of_attributes {
        shown.insert("MD5OfMessageAttributes".to_owned(), json!(md5));
    }
    shown
}

impl SqsService {
    pub(super) async fn send(&self, input: Send, request: &Request) -> Result<Reply, AwsError> {
        let name = self.name(input.queue_url.as_deref())?;
        let message = input
            .message
            .typed(&request.caller.user_id.as_str().into())?;
        let answer = self
            .queues
            .run(|engine, now, ids, changes| engine.send(name, message, now, ids, changes))
            .await?;
        Ok(DIALECT.output(&sent(&answer)))
    }

    pub(super) async fn receive(&self, input: Receive) -> Result<Reply, AwsError> {
        let name = self.name(input.queue_url.as_deref())?;
        let most = input.max_number_of_messages.unwrap_or(1);
        let size = usize::try_from(most)
            .ok()
            .filter(|size| (1..=10).contains(size))
            .ok_or_else(|| {
                error::out_of_range(
                    "MaxNumberOfMessages",
                    most,
                    "Must be between 1 and 10, if provided.",
                )
            })?;
        let hidden = input
            .visibility_timeout
            .map(|seconds| in_range("VisibilityTimeout", seconds, 43_200))
            .transpose()?;
        let wait = input
            .wait_time_seconds
            .map(|seconds| in_range("WaitTimeSeconds", seconds, 20))
            .transpose()?;
        let (arn, default_wait) = self
            .queues
            .run(|engine, _, _, _| Ok((engine.arn(name), engine.default_wait(name)?)))
            .await?;
        let ends = Instant::now() + Duration::from_secs(wait.unwrap_or(default_wait).into());
        let messages = loop {
            let received = self
                .queues
                .run(|engine, now, ids, changes| {
                    engine.receive(name, size, hidden, now, ids, changes)
                })
                .await;
            match received {
                Ok(messages) if messages.is_empty() && Instant::now() < ends => {}
                // A long poll of a full queue waits and finds nothing; only a short one complains.
                Err(problem) if problem.code == "OverLimit" && Instant::now() < ends => {
                    tokio::time::sleep_until(ends).await;
                }
                other => break other?,
            }
            // Which comes first does not matter: the receive above looks again.
            let _ = tokio::time::timeout_at(ends, self.queues.visible(&arn)).await;
        };
        let shown: Vec<Value> = messages
            .iter()
            .map(|message| show(message, &input))
            .collect();
        Ok(DIALECT.output(&if shown.is_empty() {
            json!({})
        } else {
            json!({ "Messages": shown })
        }))
    }

    pub(super) async fn delete_message(&self, input: Delete) -> Result<Reply, AwsError> {
        let name = self.name(input.queue_url.as_deref())?;
        let handle = input
            .receipt_handle
            .ok_or_else(|| error::missing_parameter("ReceiptHandle"))?;
        self.queues
            .run(|engine, _, _, changes| engine.delete_message(name, &handle, changes))
            .await?;
        Ok(DIALECT.output(&()))
    }

    pub(super) async fn change_visibility(
        &self,
        input: ChangeVisibility,
    ) -> Result<Reply, AwsError> {
        let name = self.name(input.queue_url.as_deref())?;
        let handle = input
            .receipt_handle
            .ok_or_else(|| error::missing_parameter("ReceiptHandle"))?;
        let seconds = input
            .visibility_timeout
            .ok_or_else(|| error::missing_parameter("VisibilityTimeout"))?;
        let seconds = in_range("VisibilityTimeout", seconds, 43_200)?;
        self.queues
            .run(|engine, now, _, changes| {
                engine.change_visibility(name, &handle, seconds, now, changes)
            })
            .await?;
        Ok(DIALECT.output(&()))
    }
}

/// A received message, with the attributes that were asked for.
fn show(message: &Received, asked: &Receive) -> Value {
    let mut shown = Map::new();
    let mut put = |name: &str, value: Value| drop(shown.insert(name.to_owned(), value));
    put("MessageId", json!(message.message_id));
    put("ReceiptHandle", json!(message.receipt_handle));
    put("MD5OfBody", json!(message.md5_of_body));
    put("Body", json!(message.body));
    let system = |name: &str| {
        let mut names = asked
            .attribute_names
            .iter()
            .chain(&asked.message_system_attribute_names);
        names.any(|wanted| wanted == "All" || wanted == name)
    };
    let attributes: Map<String, Value> = message
        .attributes
        .iter()
        .filter(|(name, _)| system(name))
        .map(|(name, text)| (name.clone(), json!(text)))
        .collect();
    if !attributes.is_empty() {
        put("Attributes", Value::Object(attributes));
    }
    let chosen: Vec<&(String, MessageAttribute)> = message
        .message_attributes
        .iter()
        .filter(|(name, _)| wanted(name, &asked.message_attribute_names))
        .collect();
    if let Some(md5) = md5_of_attributes(chosen.iter().map(|(name, attribute)| (name, attribute))) {
        put("MD5OfMessageAttributes", json!(md5));
        let attributes = chosen
            .iter()
            .map(|(name, attribute)| (name.clone(), show_attribute(attribute)));
        put(
            "MessageAttributes",
            attributes.collect::<Map<_, _>>().into(),
        );
    }
    Value::Object(shown)
}

/// Whether a message attribute is asked for: by name, by `prefix.*`, or with all.
fn wanted(name: &str, asked: &[String]) -> bool {
    asked.iter().any(|asked| {
        asked == "All"
            || asked == ".*"
            || asked == name
            || asked
                .strip_suffix(".*")
                .is_some_and(|prefix| name.starts_with(prefix))
    })
}

fn show_attribute(attribute: &MessageAttribute) -> Value {
    let mut shown = Map::new();
    shown.insert("DataType".to_owned(), json!(attribute.data_type));
    if let Some(text) = &attribute.string_value {
        shown.insert("StringValue".to_owned(), json!(text));
    }
    if let Some(bytes) = &attribute.binary_value {
        shown.insert(
            "BinaryValue".to_owned(),
            json!(BASE64_STANDARD.encode(bytes)),
        );
    }
    Value::Object(shown)
}
