//! Messages and their attributes in JSON.

use std::collections::BTreeMap;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use crate::error::AwsError;
use crate::sqs::engine::{Attribute, Draft, Value, error};

/// A message attribute.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct WireAttribute {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
    data_type: String,
}

impl WireAttribute {
    fn read(self, name: String) -> Result<Attribute, AwsError> {
        let value = match (self.string_value, self.binary_value) {
            (Some(text), None) => Value::Text(text.into()),
            (None, Some(base64)) => {
                let bytes = BASE64.decode(base64);
                let bytes = bytes.map_err(|_| {
                    AwsError::new(
                        "SerializationException",
                        400,
                        "A binary value is not base64.",
                    )
                })?;
                Value::Binary(bytes.into())
            }
            _ => {
                return Err(error::invalid(format!(
                    "The message attribute '{name}' must contain a non-empty message attribute \
                     value."
                )));
            }
        };
        Ok(Attribute {
            name: name.into(),
            data_type: self.data_type.into(),
            value,
        })
    }

    pub(super) fn write(attribute: &Attribute) -> Self {
        let (string_value, binary_value) = match &attribute.value {
            Value::Text(text) => (Some(text.to_string()), None),
            Value::Binary(bytes) => (None, Some(BASE64.encode(bytes))),
        };
        Self {
            string_value,
            binary_value,
            data_type: attribute.data_type.to_string(),
        }
    }
}

/// A message to send: alone, with the queue's URL, or in a batch, with an id.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Outgoing {
    #[serde(default)]
    pub(super) queue_url: String,
    #[serde(default)]
    pub(super) id: String,
    #[serde(default)]
    message_body: String,
    delay_seconds: Option<i64>,
    message_attributes: Option<BTreeMap<String, WireAttribute>>,
    message_system_attributes: Option<BTreeMap<String, WireAttribute>>,
    message_group_id: Option<String>,
    message_deduplication_id: Option<String>,
}

impl Outgoing {
    pub(super) fn read(self, sender: &Arc<str>) -> Result<Draft, AwsError> {
        if self.message_deduplication_id.is_some() {
            return Err(error::invalid_value(
                "given",
                "MessageDeduplicationId",
                "The request includes a parameter that is not valid for this queue type.",
            ));
        }
        let mut trace = None;
        for (name, value) in self.message_system_attributes.unwrap_or_default() {
            match (name.as_str(), value.string_value) {
                ("AWSTraceHeader", Some(text)) => trace = Some(text.into()),
                _ => {
                    return Err(error::invalid(format!(
                        "Message system attribute name '{name}' is invalid."
                    )));
                }
            }
        }
        let attributes = self.message_attributes.unwrap_or_default();
        let attributes = attributes
            .into_iter()
            .map(|(name, attribute)| attribute.read(name));
        Ok(Draft {
            body: self.message_body.into(),
            attributes: attributes.collect::<Result<_, _>>()?,
            delay_seconds: self.delay_seconds,
            group: self.message_group_id.map(Into::into),
            trace,
            sender: Arc::clone(sender),
        })
    }
}
