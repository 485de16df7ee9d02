//! A message attribute: its data type, and text or bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An attribute of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Form", into = "Form")]
#[schemars(rename = "MessageAttribute")]
pub(crate) struct Attribute {
    /// `String`, `Number` or `Binary`, with the sender's suffix where there is one: `Number.int`.
    pub data_type: String,
    /// The value.
    pub value: AttributeValue,
}

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AttributeValue {
    /// Of a string or a number.
    Text(String),
    /// Of a binary attribute.
    Binary(Vec<u8>),
}

impl Attribute {
    /// A text.
    pub(crate) fn string(text: &str) -> Self {
        Self {
            data_type: "String".to_owned(),
            value: AttributeValue::Text(text.to_owned()),
        }
    }

    /// A number.
    pub(crate) fn number(number: u64) -> Self {
        Self {
            data_type: "Number".to_owned(),
            value: AttributeValue::Text(number.to_string()),
        }
    }

    /// The value as text; bytes as base64.
    pub(crate) fn text(&self) -> String {
        match &self.value {
            AttributeValue::Text(text) => text.clone(),
            AttributeValue::Binary(bytes) => STANDARD.encode(bytes),
        }
    }

    /// The size of type and value in bytes, as SQS counts it.
    pub(super) fn size(&self) -> usize {
        let value = match &self.value {
            AttributeValue::Text(text) => text.len(),
            AttributeValue::Binary(bytes) => bytes.len(),
        };
        self.data_type.len() + value
    }
}

/// An attribute of a message. It has `string_value` or `binary_value`.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Form {
    /// `String`, `Number` or `Binary`, with the sender's suffix where there is one: `Number.int`.
    data_type: String,
    /// The value of a string or a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    string_value: Option<String>,
    /// The bytes of a binary attribute, in base64.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
}

impl TryFrom<Form> for Attribute {
    type Error = String;

    fn try_from(form: Form) -> Result<Self, String> {
        let value = match (form.string_value, form.binary_value) {
            (Some(text), None) => AttributeValue::Text(text),
            (None, Some(encoded)) => AttributeValue::Binary(
                STANDARD
                    .decode(encoded)
                    .map_err(|problem| format!("binary_value is not base64: {problem}"))?,
            ),
            _ => return Err("an attribute has either string_value or binary_value".to_owned()),
        };
        let is_binary = form.data_type.split('.').next() == Some("Binary");
        if is_binary != matches!(value, AttributeValue::Binary(_)) {
            return Err(format!(
                "the data type {} does not fit the value: binary_value is for Binary alone",
                form.data_type
            ));
        }
        Ok(Self {
            data_type: form.data_type,
            value,
        })
    }
}

impl From<Attribute> for Form {
    fn from(attribute: Attribute) -> Self {
        let text = attribute.text();
        let (string_value, binary_value) = match attribute.value {
            AttributeValue::Text(_) => (Some(text), None),
            AttributeValue::Binary(_) => (None, Some(text)),
        };
        Self {
            data_type: attribute.data_type,
            string_value,
            binary_value,
        }
    }
}
