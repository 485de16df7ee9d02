//! Operations on single messages.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::SqsService;
use super::wire::{Outgoing, WireAttribute};
use crate::engines::sqs::{Attribute, Received, Sent, attributes_md5, error};
use crate::error::AwsError;
use crate::runtime::queues::Ask;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SendInput {
    #[serde(default)]
    queue_url: String,
    #[serde(flatten)]
    message: Outgoing,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReceiveInput {
    #[serde(default)]
    queue_url: String,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    attribute_names: Option<Vec<String>>,
    message_system_attribute_names: Option<Vec<String>>,
    message_attribute_names: Option<Vec<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteInput {
    #[serde(default)]
    queue_url: String,
    #[serde(default)]
    receipt_handle: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeInput {
    #[serde(default)]
    queue_url: String,
    #[serde(default)]
    receipt_handle: String,
    visibility_timeout: Option<i64>,
}

impl SqsService {
    pub(super) async fn send(&self, input: SendInput, sender: &str) -> Result<Value, AwsError> {
        let name = Self::name(&input.queue_url)?;
        let draft = input.message.read(sender)?;
        let sent = self
            .queues
            .run(|engine, turn| engine.send(engine.by_name(name)?, draft, turn))
            .await?;
        Ok(sent_members(&sent).into())
    }

    pub(super) async fn receive(&self, input: ReceiveInput) -> Result<Value, AwsError> {
        let name = Self::name(&input.queue_url)?;
        let most = input.max_number_of_messages;
        let max = ranged(most, 1, 10, "MaxNumberOfMessages")?.unwrap_or(1);
        let ask = Ask {
            max: usize::try_from(max).unwrap_or(1),
            visibility: ranged(input.visibility_timeout, 0, 43_200, "VisibilityTimeout")?,
            wait: waiting(input.wait_time_seconds)?,
        };
        let mut system = input.message_system_attribute_names.unwrap_or_default();
        system.extend(input.attribute_names.unwrap_or_default());
        let names = input.message_attribute_names.unwrap_or_default();
        let received = self.queues.receive(name, ask).await?;
        if received.is_empty() {
            return Ok(json!({}));
        }
        let messages = received.iter().map(|one| shown(one, &system, &names));
        Ok(json!({"Messages": messages.collect::<Vec<_>>()}))
    }

    pub(super) async fn delete(&self, input: DeleteInput) -> Result<(), AwsError> {
        let name = Self::name(&input.queue_url)?;
        let handle = &*input.receipt_handle;
        if handle.is_empty() {
            return Err(error::missing("ReceiptHandle"));
        }
        self.queues
            .run(|engine, turn| engine.delete_message(engine.by_name(name)?, handle, turn))
            .await
    }

    pub(super) async fn change(&self, input: ChangeInput) -> Result<(), AwsError> {
        let name = Self::name(&input.queue_url)?;
        let handle = &*input.receipt_handle;
        if handle.is_empty() {
            return Err(error::missing("ReceiptHandle"));
        }
        let seconds = input
            .visibility_timeout
            .ok_or_else(|| error::missing("VisibilityTimeout"))?;
        self.queues
            .run(|engine, turn| {
                engine.change_visibility(engine.by_name(name)?, handle, seconds, turn)
            })
            .await
    }
}

/// What a send answers, alone or in a batch.
pub(super) fn sent_members(sent: &Sent) -> Map<String, Value> {
    let mut members = Map::new();
    let message = &sent.message;
    members.insert("MessageId".to_owned(), message.id().into());
    members.insert("MD5OfMessageBody".to_owned(), message.body_md5().into());
    if let Some(md5) = message.attributes_md5() {
        members.insert("MD5OfMessageAttributes".to_owned(), md5.into());
    }
    members
}

fn shown(received: &Received, system: &[String], names: &[String]) -> Value {
    let message = &received.message;
    let mut shown = json!({
        "MessageId": message.id(),
        "ReceiptHandle": received.receipt_handle,
        "MD5OfBody": message.body_md5(),
        "Body": &*message.body,
    });
    let wanted = |name: &String| system.iter().any(|asked| asked == "All" || asked == name);
    let attributes = received.system_attributes().into_iter();
    let attributes: Map<_, _> = attributes
        .filter(|(name, _)| wanted(name))
        .map(|(name, value)| (name, value.into()))
        .collect();
    if !attributes.is_empty() {
        shown["Attributes"] = attributes.into();
    }
    let wanted = |attribute: &&Attribute| names.iter().any(|asked| matches(asked, &attribute.name));
    let chosen: Vec<_> = message.attributes.iter().filter(wanted).collect();
    if let Some(md5) = attributes_md5(chosen.iter().copied()) {
        shown["MD5OfMessageAttributes"] = md5.into();
        let chosen = chosen.into_iter();
        shown["MessageAttributes"] = chosen
            .map(|attribute| {
                (
                    attribute.name.to_string(),
                    json!(WireAttribute::write(attribute)),
                )
            })
            .collect::<Map<_, _>>()
            .into();
    }
    shown
}

/// Whether what was asked for (`All`, `.*`, `prefix.*` or a name) covers a name.
fn matches(asked: &str, name: &str) -> bool {
    match asked.strip_suffix(".*") {
        Some(prefix) => name.starts_with(prefix),
        None => asked == "All" || asked == name,
    }
}

/// The seconds to wait; AWS words their range in a way of its own.
fn waiting(value: Option<i64>) -> Result<Option<u32>, AwsError> {
    let Some(value) = value else { return Ok(None) };
    let fits = u32::try_from(value).ok().filter(|fits| *fits <= 20);
    let reason = "Must be >= 0 and <= 20, if provided.";
    fits.map(Some)
        .ok_or_else(|| error::invalid_value(value, "WaitTimeSeconds", reason))
}

fn ranged(
    value: Option<i64>,
    from: u32,
    to: u32,
    parameter: &str,
) -> Result<Option<u32>, AwsError> {
    let Some(value) = value else { return Ok(None) };
    let fits = u32::try_from(value).ok();
    let fits = fits.filter(|fits| (from..=to).contains(fits));
    let reason = || format!("Must be between {from} and {to}, if provided.");
    fits.map(Some)
        .ok_or_else(|| error::invalid_value(value, parameter, &reason()))
}
