//! Messages: what clients send, what is stored of it, and its MD5s.

use std::sync::Arc;

use md5::{Digest as _, Md5};
use uuid::Uuid;

use super::codec::{Reader, Writer};
use super::error;
use crate::clock::{LabMs, WallMs};
use crate::error::AwsError;

/// The limit on the bytes of a message's body and attributes, and on those of a batch.
pub const MAX_BYTES: usize = 1 << 20;

/// A message attribute's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A string or a number.
    Text(Box<str>),
    /// A binary.
    Binary(Box<[u8]>),
}

impl Value {
    fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }
}

/// A message attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: Box<str>,
    /// `String`, `Number` or `Binary`, with an optional suffix after a dot.
    pub data_type: Box<str>,
    /// Its value.
    pub value: Value,
}

/// What a client sends.
#[derive(Debug, Clone)]
pub struct Draft {
    /// The body.
    pub body: Arc<str>,
    /// The message attributes.
    pub attributes: Vec<Attribute>,
    /// Seconds, 0 to 900, until the message becomes visible; `None` for the queue's delay.
    pub delay_seconds: Option<i64>,
    /// `MessageGroupId`, which a standard queue only returns.
    pub group: Option<Box<str>>,
    /// `AWSTraceHeader`, which is only returned.
    pub trace: Option<Box<str>>,
    /// The sender's user id.
    pub sender: Arc<str>,
}

/// A message in a queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub(super) id: [u8; 16],
    /// The body.
    pub body: Arc<str>,
    /// The message attributes, packed. As separate values they would take more memory than the rest of
    /// the message, of which a queue may hold millions.
    pub(super) packed: Box<[u8]>,
    /// When it was sent.
    pub sent: WallMs,
    /// The sender's user id.
    pub sender: Arc<str>,
    /// `MessageGroupId`.
    pub group: Option<Box<str>>,
    /// `AWSTraceHeader`.
    pub trace: Option<Box<str>>,
    /// The ARN of the queue that the message came from, in a dead-letter queue.
    pub dead_letter_source: Option<Arc<str>>,
}

impl Draft {
    /// The bytes that count against the limits.
    pub fn size(&self) -> usize {
        self.body.len() + attributes_size(&self.attributes)
    }

    /// The message with this id, sent at this time.
    pub(super) fn message(self, id: [u8; 16], sent: WallMs) -> Message {
        Message {
            id,
            packed: pack(&self.attributes),
            body: self.body,
            sent,
            sender: self.sender,
            group: self.group,
            trace: self.trace,
            dead_letter_source: None,
        }
    }

    /// Checks the message against SQS's limits and the queue's message size.
    ///
    /// # Errors
    /// The error of an invalid message.
    pub(super) fn check(&self, max_bytes: usize) -> Result<(), AwsError> {
        if self.body.is_empty() {
            return Err(error::missing("MessageBody"));
        }
        if self.size() > max_bytes {
            return Err(error::invalid(format!(
                "One or more parameters are invalid. Reason: Message must be shorter than \
                 {max_bytes} bytes."
            )));
        }
        if !self.body.chars().all(valid_char) {
            return Err(error::invalid_contents());
        }
        if self.attributes.len() > 10 {
            return Err(error::invalid(format!(
                "Number of message attributes [{}] exceeds the allowed maximum [10].",
                self.attributes.len()
            )));
        }
        self.attributes.iter().try_for_each(check_attribute)
    }
}

impl Message {
    /// The message id.
    pub fn id(&self) -> String {
        Uuid::from_bytes(self.id).to_string()
    }

    /// The bytes of body and attributes.
    pub fn size(&self) -> usize {
        let count = Reader::bare(&self.packed).u32().unwrap_or_default();
        let framing = 4 + FRAMING * usize::try_from(count).unwrap_or_default();
        self.body.len() + self.packed.len().saturating_sub(framing)
    }

    /// The message attributes, in the order in which they were sent.
    pub fn attributes(&self) -> Vec<Attribute> {
        unpack(&self.packed).unwrap_or_default()
    }

    /// The hexadecimal MD5 of the body.
    pub fn body_md5(&self) -> String {
        hex::encode(Md5::digest(self.body.as_bytes()))
    }

    /// The hexadecimal MD5 of all message attributes; `None` where there are none.
    pub fn attributes_md5(&self) -> Option<String> {
        attributes_md5(self.attributes().iter())
    }

    /// The hexadecimal MD5 of the message system attributes that were sent, which can only be the trace
    /// header; `None` where there are none.
    pub fn system_attributes_md5(&self) -> Option<String> {
        let trace = Attribute {
            name: "AWSTraceHeader".into(),
            data_type: "String".into(),
            value: Value::Text(self.trace.clone()?),
        };
        attributes_md5(std::iter::once(&trace))
    }

    pub(super) fn encode(&self, visible_at: LabMs) -> Vec<u8> {
        let mut writer = Writer::new(self.body.len() + self.packed.len() + 192);
        writer.raw(&self.id);
        writer.u64(self.sent.0);
        writer.u64(visible_at.0);
        writer.bytes(self.sender.as_bytes());
        writer.bytes(self.body.as_bytes());
        writer.optional(self.group.as_deref());
        writer.optional(self.trace.as_deref());
        writer.optional(self.dead_letter_source.as_deref());
        writer.raw(&self.packed);
        writer.done()
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<(Self, LabMs), String> {
        let mut reader = Reader::new(bytes)?;
        let (id, sent) = (reader.take()?, WallMs(reader.u64()?));
        let visible_at = LabMs(reader.u64()?);
        let (sender, body) = (reader.text()?.into(), reader.text()?.into());
        let (group, trace) = (reader.optional()?, reader.optional()?);
        let dead_letter_source = reader.optional()?.map(Arc::from);
        let packed = reader.rest();
        unpack(packed)?;
        let message = Self {
            id,
            body,
            packed: packed.into(),
            sent,
            sender,
            group: group.map(Box::from),
            trace: trace.map(Box::from),
            dead_letter_source,
        };
        Ok((message, visible_at))
    }
}

/// The bytes of a packed attribute beside its name, type and value: three lengths and the kind of
/// value.
const FRAMING: usize = 13;

fn pack(attributes: &[Attribute]) -> Box<[u8]> {
    let mut writer = Writer::bare();
    writer.u32(u32::try_from(attributes.len()).unwrap_or(u32::MAX));
    for attribute in attributes {
        writer.bytes(attribute.name.as_bytes());
        writer.bytes(attribute.data_type.as_bytes());
        writer.raw(&[transport_type(&attribute.value)]);
        writer.bytes(attribute.value.bytes());
    }
    writer.done().into()
}

fn unpack(packed: &[u8]) -> Result<Vec<Attribute>, String> {
    let mut reader = Reader::bare(packed);
    let count = reader.u32()?;
    (0..count)
        .map(|_| {
            let (name, data_type) = (reader.text()?.into(), reader.text()?.into());
            let value = match reader.take()? {
                [2] => Value::Binary(reader.bytes()?.into()),
                _ => Value::Text(reader.text()?.into()),
            };
            Ok(Attribute {
                name,
                data_type,
                value,
            })
        })
        .collect()
}

/// The hexadecimal MD5 of message attributes in the order of their names, by AWS's rule; `None`
/// where there are none.
pub fn attributes_md5<'a>(attributes: impl Iterator<Item = &'a Attribute>) -> Option<String> {
    let mut sorted: Vec<_> = attributes.collect();
    if sorted.is_empty() {
        return None;
    }
    sorted.sort_by(|one, other| one.name.cmp(&other.name));
    let mut digest = Md5::new();
    let part = |digest: &mut Md5, bytes: &[u8]| {
        digest.update(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_be_bytes());
        digest.update(bytes);
    };
    for attribute in sorted {
        part(&mut digest, attribute.name.as_bytes());
        part(&mut digest, attribute.data_type.as_bytes());
        digest.update([transport_type(&attribute.value)]);
        part(&mut digest, attribute.value.bytes());
    }
    Some(hex::encode(digest.finalize()))
}

fn transport_type(value: &Value) -> u8 {
    match value {
        Value::Text(_) => 1,
        Value::Binary(_) => 2,
    }
}

fn attributes_size(attributes: &[Attribute]) -> usize {
    let one = |attribute: &Attribute| {
        attribute.name.len() + attribute.data_type.len() + attribute.value.bytes().len()
    };
    attributes.iter().map(one).sum()
}

/// The characters that XML 1.0 can hold.
fn valid_char(char: char) -> bool {
    matches!(char, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

fn check_attribute(attribute: &Attribute) -> Result<(), AwsError> {
    let name = &*attribute.name;
    let lower = name.to_ascii_lowercase();
    let named = (1..=256).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && !lower.starts_with("aws.")
        && !lower.starts_with("amazon.");
    if !named {
        return Err(error::invalid(format!(
            "The message attribute name '{name}' is invalid."
        )));
    }
    let kind = attribute.data_type.split('.').next().unwrap_or_default();
    let fits = match &attribute.value {
        Value::Text(text) => {
            let number = kind != "Number" || text.trim().parse::<f64>().is_ok_and(f64::is_finite);
            matches!(kind, "String" | "Number")
                && !text.is_empty()
                && text.chars().all(valid_char)
                && number
        }
        Value::Binary(bytes) => kind == "Binary" && !bytes.is_empty(),
    };
    if fits && attribute.data_type.len() <= 256 {
        return Ok(());
    }
    if attribute.value.bytes().is_empty() {
        return Err(error::invalid(format!(
            "Message (user) attribute '{name}' must contain a non-empty value of type '{}'.",
            attribute.data_type
        )));
    }
    Err(error::invalid(format!(
        "The value of message attribute '{name}' does not fit its type '{}'.",
        attribute.data_type
    )))
}
