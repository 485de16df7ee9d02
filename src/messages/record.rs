//! A message with everything that SQS says of it, and its form as a line of JSON, which is read back
//! exactly.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::attribute::Attribute;
use crate::ui::number;

/// The most bytes of a message: its body, and the names, types and values of its attributes. The
/// messages of a batch have no more together.
pub(super) const MOST_BYTES: usize = 1_048_576;
/// The most attributes of a message.
pub(super) const MOST_ATTRIBUTES: usize = 10;

/// A message, as `dlq export` writes it and `dlq import` reads it: one object on a line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(rename = "Message")]
#[serde(deny_unknown_fields)]
pub(crate) struct MessageRecord {
    /// The message's id. A message that is sent again gets a new one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message_id: String,
    /// The body.
    pub body: String,
    /// The attributes that the sender gave it, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, Attribute>,
    /// When it was sent.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time")]
    #[schemars(with = "crate::ui::Time")]
    pub sent_at: Option<u64>,
    /// When it was first received.
    #[serde(default, skip_serializing_if = "Option::is_none", with = "time")]
    #[schemars(with = "crate::ui::Time")]
    pub first_received_at: Option<u64>,
    /// How often it was received, by any reader.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "u32")]
    pub receive_count: Option<u32>,
    /// The ARN of the queue from which SQS moved it to a dead-letter queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub source_queue_arn: Option<String>,
    /// The user, role session or IP address that sent it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub sender_id: Option<String>,
    /// The X-Ray trace header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub trace_header: Option<String>,
    /// The message group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub group_id: Option<String>,
    /// The deduplication id, in a FIFO queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub deduplication_id: Option<String>,
    /// The sequence number, in a FIFO queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub sequence_number: Option<String>,
}

impl MessageRecord {
    /// The message as a line of JSON, without its end. Control characters are escaped, so that the line
    /// can be shown in a terminal.
    pub(crate) fn line(&self) -> String {
        let text = serde_json::to_string(self).expect("strings and numbers can be written as JSON");
        if !text.contains(char::is_control) {
            return text;
        }
        let escaped = text.chars().map(|letter| match letter {
            control if control.is_control() => format!("\\u{:04x}", u32::from(control)),
            plain => plain.to_string(),
        });
        escaped.collect()
    }

    /// The size in bytes, as SQS counts it.
    pub(crate) fn size(&self) -> usize {
        let attributes = self.attributes.iter();
        let sizes = attributes.map(|(name, attribute)| name.len() + attribute.size());
        self.body.len() + sizes.sum::<usize>()
    }

    /// Why SQS would not take the message; `None` where it would.
    pub(crate) fn problem(&self) -> Option<String> {
        if self.body.is_empty() {
            return Some("the body is empty".to_owned());
        }
        if self.size() > MOST_BYTES {
            return Some(format!(
                "the message has {} bytes with its attributes; SQS takes {}",
                number(self.size()),
                number(MOST_BYTES)
            ));
        }
        if self.attributes.len() > MOST_ATTRIBUTES {
            let count = self.attributes.len();
            return Some(format!("{count} attributes; SQS takes {MOST_ATTRIBUTES}"));
        }
        if let Some(letter) = self.body.chars().find(|letter| !is_legal(*letter)) {
            let code = u32::from(letter);
            return Some(format!(
                "the body has the character U+{code:04X}, which SQS refuses"
            ));
        }
        self.attributes
            .iter()
            .find_map(|(name, attribute)| attribute_problem(name, attribute))
    }
}

/// Whether SQS takes a character. Source: `SendMessage` in the API reference.
fn is_legal(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

fn attribute_problem(name: &str, attribute: &Attribute) -> Option<String> {
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-.".contains(letter);
    if name.is_empty() || name.len() > 256 || !name.chars().all(is_plain) {
        return Some(format!(
            "the attribute name {name:?} is invalid: it has 1 to 256 letters, digits, _, - and ."
        ));
    }
    let kind = attribute.data_type.split('.').next().unwrap_or_default();
    if !["String", "Number", "Binary"].contains(&kind) {
        let kind = &attribute.data_type;
        return Some(format!(
            "the attribute {name} has the data type {kind}, not String, Number or Binary"
        ));
    }
    attribute
        .text()
        .is_empty()
        .then(|| format!("the attribute {name} is empty, which SQS refuses"))
}

/// Times in milliseconds since the Unix epoch as RFC 3339 has them, always with milliseconds:
/// `2026-11-24T18:26:42.120Z`.
mod time {
    use jiff::Timestamp;
    use serde::{Deserialize as _, Deserializer, Serializer, de};

    use crate::system;

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(super) fn serialize<S: Serializer>(
        ms: &Option<u64>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match ms {
            Some(ms) => serializer.collect_str(&format_args!("{:.3}", system::at(*ms))),
            None => serializer.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<u64>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        text.map(|text| {
            let time: Timestamp = text.parse().map_err(|problem| {
                de::Error::custom(format!("{text:?} is not a time (RFC 3339): {problem}"))
            })?;
            Ok(system::ms(time))
        })
        .transpose()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::attribute::AttributeValue;
    use super::*;

    fn attribute() -> impl Strategy<Value = Attribute> {
        let text =
            ("(String|Number)(\\.[a-z]{1,8})?", any::<String>()).prop_map(|(data_type, text)| {
                Attribute {
                    data_type,
                    value: AttributeValue::Text(text),
                }
            });
        let binary =
            ("Binary(\\.[a-z]{1,8})?", any::<Vec<u8>>()).prop_map(|(data_type, bytes)| Attribute {
                data_type,
                value: AttributeValue::Binary(bytes),
            });
        prop_oneof![text, binary]
    }

    /// Times up to the year 9999.
    fn time() -> impl Strategy<Value = Option<u64>> {
        proptest::option::of(0..253_402_200_000_000_u64)
    }

    fn text() -> impl Strategy<Value = Option<String>> {
        proptest::option::of(any::<String>())
    }

    prop_compose! {
        fn record()(
            message_id: String,
            body: String,
            attributes in proptest::collection::btree_map(any::<String>(), attribute(), 0..10),
            (sent_at, first_received_at) in (time(), time()),
            receive_count: Option<u32>,
            (source_queue_arn, sender_id, trace_header) in (text(), text(), text()),
            (group_id, deduplication_id, sequence_number) in (text(), text(), text()),
        ) -> MessageRecord {
            MessageRecord {
                message_id, body, attributes, sent_at, first_received_at, receive_count,
                source_queue_arn, sender_id, trace_header,
                group_id, deduplication_id, sequence_number,
            }
        }
    }

    proptest! {
        #[test]
        fn a_line_is_read_back_exactly(record in record()) {
            let line = record.line();
            prop_assert!(!line.contains(char::is_control));
            let read: MessageRecord = serde_json::from_str(&line).expect("a record");
            prop_assert_eq!(read, record);
        }
    }

    fn read(line: &str) -> Result<MessageRecord, String> {
        serde_json::from_str(line).map_err(|problem| problem.to_string())
    }

    #[test]
    fn a_body_is_enough() {
        let record = read(r#"{"body":"b"}"#).expect("a record");
        assert_eq!((record.body.as_str(), record.problem()), ("b", None));
        assert_eq!(record.line(), r#"{"body":"b"}"#);
    }

    #[test]
    fn times_have_milliseconds() {
        let record = MessageRecord {
            sent_at: Some(1_700_000_000_000),
            ..MessageRecord::default()
        };
        let line = r#"{"body":"","sent_at":"2023-11-14T22:13:20.000Z"}"#;
        assert_eq!(record.line(), line);
    }

    #[test]
    fn misspelt_members_are_refused() {
        for line in [
            r#"{"body":"b","atributes":{}}"#,
            r#"{"attributes":{}}"#,
            r#"{"body":"b","sent_at":"yesterday"}"#,
            r#"{"body":"b","attributes":{"a":{"data_type":"String"}}}"#,
            r#"{"body":"b","attributes":{"a":{"data_type":"Binary","string_value":"x"}}}"#,
            r#"{"body":"b","attributes":{"a":{"data_type":"Binary","binary_value":"?"}}}"#,
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }

    #[test]
    fn what_sqs_refuses_is_named() {
        let problem = |line: &str| read(line).expect("a record").problem();
        for line in [
            r#"{"body":""}"#,
            r#"{"body":"\u0001"}"#,
            r#"{"body":"b","attributes":{"a b":{"data_type":"String","string_value":"x"}}}"#,
            r#"{"body":"b","attributes":{"a":{"data_type":"Text","string_value":"x"}}}"#,
            r#"{"body":"b","attributes":{"a":{"data_type":"String","string_value":""}}}"#,
        ] {
            assert!(problem(line).is_some(), "{line}");
        }
        let long = MessageRecord {
            body: "x".repeat(MOST_BYTES + 1),
            ..MessageRecord::default()
        };
        assert!(
            long.problem()
                .is_some_and(|problem| problem.contains("1,048,577 bytes"))
        );
    }
}
