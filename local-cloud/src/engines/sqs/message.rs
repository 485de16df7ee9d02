//! A message: what was sent, and how its delivery stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use md5::{Digest as _, Md5};
use serde::{Deserialize, Serialize};

use super::error;
use crate::clock::{LabMs, WallMs};
use crate::error::AwsError;

/// The largest message, body and attributes together, in bytes.
pub(crate) const LARGEST: usize = 1_048_576;

/// A message attribute.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageAttribute {
    /// `String`, `Number` or `Binary`, with an optional custom suffix.
    #[serde(rename = "t")]
    pub data_type: String,
    /// The text of a string or number.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub string_value: Option<String>,
    /// The bytes of a binary.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub binary_value: Option<Vec<u8>>,
}

/// Message attributes by name.
pub type MessageAttributes = BTreeMap<String, MessageAttribute>;

/// What never changes about a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    /// The message id.
    #[serde(rename = "i")]
    pub(super) id: String,
    /// The body.
    #[serde(rename = "m")]
    pub(super) body: Arc<str>,
    /// The message attributes.
    #[serde(rename = "a", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) attributes: MessageAttributes,
    /// Who sent it.
    #[serde(rename = "w")]
    pub(super) sender: Arc<str>,
    /// When it was sent.
    #[serde(rename = "t")]
    pub(super) sent: WallMs,
    /// The queue that it was moved from as a dead letter.
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    pub(super) source: Option<Arc<str>>,
    /// The `AWSTraceHeader` that it was sent with.
    #[serde(rename = "x", default, skip_serializing_if = "Option::is_none")]
    pub(super) trace: Option<String>,
    /// The message group that it was sent with.
    #[serde(rename = "g", default, skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<String>,
}

/// How a message's delivery stands, as it is kept on disk.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Delivery {
    /// How often it was received.
    #[serde(rename = "n")]
    pub(super) receives: u32,
    /// When first.
    #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
    pub(super) first: Option<WallMs>,
    /// Not visible until then.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    pub(super) hidden_until: Option<LabMs>,
    /// When it was last received, where that is why it is hidden.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    pub(super) received: Option<LabMs>,
}

/// Where a message is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It can be received.
    Visible,
    /// It was sent with a delay that ends then.
    Delayed(LabMs),
    /// It was received at the first time and is hidden until the second.
    InFlight(LabMs, LabMs),
    /// A mapping holds it; if that fails, it is hidden until then, and its count was this.
    Leased(LabMs, u32),
}

/// A message in a queue.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) content: Content,
    pub(super) md5_of_body: String,
    pub(super) receives: u32,
    pub(super) first: Option<WallMs>,
    pub(super) state: State,
}

impl Message {
    pub(super) fn new(content: Content, delivery: Delivery) -> Self {
        let state = match (delivery.hidden_until, delivery.received) {
            (None, _) => State::Visible,
            (Some(until), None) => State::Delayed(until),
            (Some(until), Some(received)) => State::InFlight(received, until),
        };
        let md5_of_body = hex::encode(Md5::digest(content.body.as_bytes()));
        Self {
            content,
            md5_of_body,
            receives: delivery.receives,
            first: delivery.first,
            state,
        }
    }

    /// How its delivery stands for somebody who reads it after a restart: a lease is forgotten.
    pub(super) fn delivery(&self) -> Delivery {
        let (hidden_until, received, receives) = match self.state {
            State::Visible => (None, None, self.receives),
            State::Delayed(until) => (Some(until), None, self.receives),
            State::InFlight(received, until) => (Some(until), Some(received), self.receives),
            State::Leased(_, before) => (None, None, before),
        };
        Delivery {
            receives,
            first: self.first.filter(|_| receives > 0),
            hidden_until,
            received,
        }
    }

    /// Body and attributes in bytes.
    pub(super) fn size(&self) -> usize {
        size(&self.content.body, &self.content.attributes)
    }
}

/// Body and attributes in bytes, as SQS counts them: names, types and values.
pub(crate) fn size(body: &str, attributes: &MessageAttributes) -> usize {
    let attribute = |(name, attribute): (&String, &MessageAttribute)| {
        let text = attribute.string_value.as_ref().map_or(0, String::len);
        let binary = attribute.binary_value.as_ref().map_or(0, Vec::len);
        name.len() + attribute.data_type.len() + text + binary
    };
    body.len() + attributes.iter().map(attribute).sum::<usize>()
}

/// Checks what is to be sent.
pub(super) fn validate(
    body: &str,
    attributes: &MessageAttributes,
    largest: usize,
) -> Result<(), AwsError> {
    if body.is_empty() {
        return Err(error::missing_parameter("MessageBody"));
    }
    if size(body, attributes) > largest {
        return Err(error::invalid_parameter(format!(
            "One or more parameters are invalid. Reason: Message must be shorter than {largest} bytes."
        )));
    }
    if !body.chars().all(allowed) {
        return Err(error::invalid_contents());
    }
    if attributes.len() > 10 {
        return Err(error::invalid_parameter(format!(
            "Number of message attributes [{}] exceeds the allowed maximum [10].",
            attributes.len()
        )));
    }
    attributes
        .iter()
        .try_for_each(|(name, attribute)| validate_attribute(name, attribute))
}

fn allowed(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..)
}

fn validate_attribute(name: &str, attribute: &MessageAttribute) -> Result<(), AwsError> {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    let lower = name.to_ascii_lowercase();
    let reserved = lower.starts_with("aws.") || lower.starts_with("amazon.");
    let dotted = name.starts_with('.') || name.ends_with('.') || name.contains("..");
    if name.is_empty() || name.len() > 256 || !name.bytes().all(legal) || reserved || dotted {
        return Err(error::invalid_parameter(format!(
            "The message attribute name '{name}' is invalid."
        )));
    }
    let kind = attribute.data_type.split('.').next().unwrap_or_default();
    let filled = match kind {
        "String" | "Number" => attribute
            .string_value
            .as_ref()
            .is_some_and(|text| !text.is_empty()),
        "Binary" => attribute
            .binary_value
            .as_ref()
            .is_some_and(|bytes| !bytes.is_empty()),
        _ => {
            return Err(error::invalid_parameter(format!(
                "The message attribute '{name}' has an invalid message attribute type, the set of supported \
                 type prefixes is Binary, Number, and String."
            )));
        }
    };
    let number = kind != "Number"
        || attribute
            .string_value
            .as_ref()
            .is_some_and(|text| text.trim().parse::<f64>().is_ok_and(f64::is_finite));
    if filled && number && attribute.data_type.len() <= 256 {
        return Ok(());
    }
    let kind = if filled { "number" } else { "non-empty" };
    Err(error::invalid_parameter(format!(
        "The message attribute '{name}' must contain a {kind} value for its type."
    )))
}

/// The hexadecimal MD5 over message attributes, which clients check: each name, type and value
/// with its length, in the order of the names. `None` where there are none.
/// Source: SQS developer guide, "Calculating the MD5 message digest for message attributes".
pub(crate) fn md5_of_attributes<'a>(
    attributes: impl Iterator<Item = (&'a String, &'a MessageAttribute)>,
) -> Option<String> {
    let mut digest = Md5::new();
    let mut any = false;
    let field = |digest: &mut Md5, bytes: &[u8]| {
        digest.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        digest.update(bytes);
    };
    for (name, attribute) in attributes {
        any = true;
        field(&mut digest, name.as_bytes());
        field(&mut digest, attribute.data_type.as_bytes());
        if let Some(bytes) = &attribute.binary_value {
            digest.update([2]);
            field(&mut digest, bytes);
        } else {
            digest.update([1]);
            field(
                &mut digest,
                attribute
                    .string_value
                    .as_deref()
                    .unwrap_or_default()
                    .as_bytes(),
            );
        }
    }
    any.then(|| hex::encode(digest.finalize()))
}
