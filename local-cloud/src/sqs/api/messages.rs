//! Operations on single messages.

use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use super::permissions::on_url;
use super::service::{SqsService, queue_name};
use super::wire::{Outgoing, WireAttribute};
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::service::{CallContext, Operation, Required};
use crate::sqs::ReceiveRequest;
use crate::sqs::engine::{Attribute, Received, Sent, Sqs, Transaction, attributes_md5, error};

#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(super) struct SendMessage(Outgoing);

impl Operation<SqsService> for SendMessage {
    const NAME: &'static str = "SendMessage";
    type Output = SentReply;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_url(service, Self::NAME, &self.0.queue_url)
    }

    async fn run(self, service: &SqsService, context: &CallContext) -> Result<SentReply, AwsError> {
        let Self(message) = self;
        let url = message.queue_url.clone();
        let name = queue_name(&url)?;
        let draft = message.read(&Arc::from(&*context.caller.user_id))?;
        let send = service
            .queues
            .run(|engine, tx| engine.send(engine.seen(name, &tx.view)?, draft, tx));
        Ok(SentReply::new(None, &send.await?))
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReceiveMessage {
    #[serde(default)]
    queue_url: String,
    max_number_of_messages: Option<i64>,
    visibility_timeout: Option<i64>,
    wait_time_seconds: Option<i64>,
    attribute_names: Option<Vec<String>>,
    message_system_attribute_names: Option<Vec<String>>,
    message_attribute_names: Option<Vec<String>>,
}

impl Operation<SqsService> for ReceiveMessage {
    const NAME: &'static str = "ReceiveMessage";
    type Output = ReceiveReply;

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_url(service, Self::NAME, &self.queue_url)
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<ReceiveReply, AwsError> {
        let name = queue_name(&self.queue_url)?;
        let most = self.max_number_of_messages;
        let max = ranged(most, 1, 10, "MaxNumberOfMessages")?.unwrap_or(1);
        let request = ReceiveRequest {
            max: usize::try_from(max).unwrap_or(1),
            visibility: ranged(self.visibility_timeout, 0, 43_200, "VisibilityTimeout")?,
            wait: waiting(self.wait_time_seconds)?,
        };
        let mut system = self.message_system_attribute_names.unwrap_or_default();
        system.extend(self.attribute_names.unwrap_or_default());
        let names = self.message_attribute_names.unwrap_or_default();
        let received = service.queues.receive(name, request).await?;
        let show = |one: &Received| Shown::new(one, &system, &names);
        Ok(ReceiveReply {
            messages: received.iter().map(show).collect(),
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DeleteMessage {
    #[serde(default)]
    queue_url: String,
    #[serde(default)]
    receipt_handle: String,
}

impl Operation<SqsService> for DeleteMessage {
    const NAME: &'static str = "DeleteMessage";
    type Output = ();

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_url(service, Self::NAME, &self.queue_url)
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<(), AwsError> {
        let name = queue_name(&self.queue_url)?;
        let handle = required_handle(&self.receipt_handle)?;
        let delete = |engine: &mut Sqs, tx: &mut Transaction<'_>| {
            engine.delete_message(engine.by_name(name)?, handle, tx)
        };
        service.queues.run(delete).await
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ChangeMessageVisibility {
    #[serde(default)]
    queue_url: String,
    #[serde(default)]
    receipt_handle: String,
    visibility_timeout: Option<i64>,
}

impl Operation<SqsService> for ChangeMessageVisibility {
    const NAME: &'static str = "ChangeMessageVisibility";
    type Output = ();

    fn required_permissions(&self, service: &SqsService, _: &Caller) -> Required {
        on_url(service, Self::NAME, &self.queue_url)
    }

    async fn run(self, service: &SqsService, _: &CallContext) -> Result<(), AwsError> {
        let name = queue_name(&self.queue_url)?;
        let handle = required_handle(&self.receipt_handle)?;
        let seconds = self
            .visibility_timeout
            .ok_or_else(|| error::missing("VisibilityTimeout"))?;
        let change = |engine: &mut Sqs, tx: &mut Transaction<'_>| {
            engine.change_visibility(engine.by_name(name)?, handle, seconds, tx)
        };
        service.queues.run(change).await
    }
}

fn required_handle(handle: &str) -> Result<&str, AwsError> {
    match handle {
        "" => Err(error::missing("ReceiptHandle")),
        handle => Ok(handle),
    }
}

/// The reply to a send, with the entry's id in a batch.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SentReply {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    message_id: String,
    #[serde(rename = "MD5OfMessageBody")]
    body_md5: String,
    #[serde(
        rename = "MD5OfMessageAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    attributes_md5: Option<String>,
    #[serde(
        rename = "MD5OfMessageSystemAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    system_md5: Option<String>,
}

impl SentReply {
    pub(super) fn new(id: Option<String>, sent: &Sent) -> Self {
        let message = &sent.message;
        Self {
            id,
            message_id: message.id(),
            body_md5: message.body_md5(),
            attributes_md5: message.attributes_md5(),
            system_md5: message.system_attributes_md5(),
        }
    }
}

/// The reply to a receive, an empty object where there are no messages.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ReceiveReply {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    messages: Vec<Shown>,
}

/// A received message.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Shown {
    message_id: String,
    receipt_handle: String,
    #[serde(rename = "MD5OfBody")]
    body_md5: String,
    body: Arc<str>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    attributes: Map<String>,
    #[serde(
        rename = "MD5OfMessageAttributes",
        skip_serializing_if = "Option::is_none"
    )]
    attributes_md5: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    message_attributes: Map<WireAttribute>,
}

impl Shown {
    fn new(received: &Received, system: &[String], names: &[String]) -> Self {
        let message = &received.message;
        let wanted = |name: &str| system.iter().any(|asked| asked == "All" || asked == name);
        let mut attributes = received.system_attributes();
        attributes.retain(|(name, _)| wanted(name));
        let wanted =
            |attribute: &&Attribute| names.iter().any(|asked| matches(asked, &attribute.name));
        let all = message.attributes();
        let chosen: Vec<_> = all.iter().filter(wanted).collect();
        let shown = |one: &&Attribute| (one.name.to_string(), WireAttribute::write(one));
        Self {
            message_id: message.id(),
            receipt_handle: received.receipt_handle.clone(),
            body_md5: message.body_md5(),
            body: Arc::clone(&message.body),
            attributes: Map(attributes),
            attributes_md5: attributes_md5(chosen.iter().copied()),
            message_attributes: Map(chosen.iter().map(shown).collect()),
        }
    }
}

/// Names and values, written as a JSON object.
#[derive(Debug)]
struct Map<T>(Vec<(String, T)>);

impl<T> Map<T> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T: Serialize> Serialize for Map<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// Whether a requested name (`All`, `.*`, `prefix.*` or a name) covers this one.
fn matches(asked: &str, name: &str) -> bool {
    match asked.strip_suffix(".*") {
        Some(prefix) => name.starts_with(prefix),
        None => asked == "All" || asked == name,
    }
}

/// The seconds to wait. AWS words their range differently from others.
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
