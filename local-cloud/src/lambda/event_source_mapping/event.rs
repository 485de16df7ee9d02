//! The event that a function receives for a batch of messages.
//!
//! Its form is AWS's: <https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html>.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use crate::sqs::{Leased, LeasedAttribute};

/// How many bytes an event may have: the limit of an invocation's payload.
pub(crate) const MAX_EVENT: usize = 6 << 20;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Record<'a> {
    message_id: &'a str,
    receipt_handle: &'a str,
    body: &'a str,
    attributes: Texts<'a>,
    message_attributes: Attributes<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    md5_of_message_attributes: Option<&'a str>,
    md5_of_body: &'a str,
    event_source: &'static str,
    #[serde(rename = "eventSourceARN")]
    event_source_arn: &'a str,
    aws_region: &'a str,
}

struct Texts<'a>(&'a [(String, String)]);

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

struct Attributes<'a>(&'a [(String, LeasedAttribute)]);

impl Serialize for Attributes<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, attribute) in self.0 {
            map.serialize_entry(name, &Attribute::of(attribute))?;
        }
        map.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Attribute<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    string_value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    binary_value: Option<String>,
    /// SQS has reserved the lists and does not use them.
    string_list_values: [&'a str; 0],
    binary_list_values: [&'a str; 0],
    data_type: &'a str,
}

impl<'a> Attribute<'a> {
    fn of(attribute: &'a LeasedAttribute) -> Self {
        let binary = attribute.binary_value.as_ref();
        Self {
            string_value: attribute.string_value.as_deref(),
            binary_value: binary.map(|bytes| BASE64_STANDARD.encode(bytes)),
            string_list_values: [],
            binary_list_values: [],
            data_type: &attribute.data_type,
        }
    }
}

/// Writes the event for the first messages, as many as fit into one invocation but at least one.
/// Returns it with their number.
pub(crate) fn build(messages: &[Leased], queue_arn: &str, region: &str) -> (Bytes, usize) {
    const HEAD: &[u8] = br#"{"Records":["#;
    const FOOT: &[u8] = b"]}";
    let mut event = HEAD.to_vec();
    let mut count = 0;
    for message in messages {
        let before = event.len();
        if count > 0 {
            event.push(b',');
        }
        let record = record(message, queue_arn, region);
        serde_json::to_writer(&mut event, &record).expect("texts can be written as JSON");
        if count > 0 && event.len() + FOOT.len() > MAX_EVENT {
            event.truncate(before);
            break;
        }
        count += 1;
    }
    event.extend_from_slice(FOOT);
    (event.into(), count)
}

/// A message as it is in the event, for filters.
pub(crate) fn record_of(message: &Leased, queue_arn: &str, region: &str) -> serde_json::Value {
    serde_json::to_value(record(message, queue_arn, region)).expect("texts can be written as JSON")
}

fn record<'a>(message: &'a Leased, queue_arn: &'a str, region: &'a str) -> Record<'a> {
    Record {
        message_id: &message.message_id,
        receipt_handle: &message.receipt_handle,
        body: &message.body,
        attributes: Texts(&message.attributes),
        message_attributes: Attributes(&message.message_attributes),
        md5_of_message_attributes: message.md5_of_message_attributes.as_deref(),
        md5_of_body: &message.md5_of_body,
        event_source: "aws:sqs",
        event_source_arn: queue_arn,
        aws_region: region,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:orders";

    fn message(body: &str) -> Leased {
        Leased {
            message_id: "m-1".to_owned(),
            receipt_handle: "handle".to_owned(),
            body: body.into(),
            md5_of_body: "d41d8cd9".to_owned(),
            attributes: vec![("ApproximateReceiveCount".to_owned(), "1".to_owned())],
            message_attributes: Vec::new(),
            md5_of_message_attributes: None,
        }
    }

    #[test]
    fn events_are_as_on_aws() {
        let mut with = message("{\"a\":\"é\"}");
        with.md5_of_message_attributes = Some("abc".to_owned());
        let attribute = |kind: &str, text: Option<&str>, binary: Option<&[u8]>| LeasedAttribute {
            data_type: kind.to_owned(),
            string_value: text.map(ToOwned::to_owned),
            binary_value: binary.map(<[u8]>::to_vec),
        };
        with.message_attributes = vec![
            ("n".to_owned(), attribute("Number", Some("7"), None)),
            ("b".to_owned(), attribute("Binary", None, Some(&[1, 2]))),
        ];
        let (event, count) = build(&[with, message("x")], ARN, "us-east-1");
        assert_eq!(count, 2);
        let event: Value = serde_json::from_slice(&event).unwrap();
        assert_eq!(
            event["Records"][0],
            json!({
                "messageId": "m-1",
                "receiptHandle": "handle",
                "body": "{\"a\":\"é\"}",
                "attributes": {"ApproximateReceiveCount": "1"},
                "messageAttributes": {
                    "n": {
                        "stringValue": "7",
                        "stringListValues": [],
                        "binaryListValues": [],
                        "dataType": "Number",
                    },
                    "b": {
                        "binaryValue": "AQI=",
                        "stringListValues": [],
                        "binaryListValues": [],
                        "dataType": "Binary",
                    },
                },
                "md5OfMessageAttributes": "abc",
                "md5OfBody": "d41d8cd9",
                "eventSource": "aws:sqs",
                "eventSourceARN": ARN,
                "awsRegion": "us-east-1",
            })
        );
        let second = event["Records"][1].as_object().unwrap();
        assert!(!second.contains_key("md5OfMessageAttributes"));
        assert_eq!(second["messageAttributes"], json!({}));
    }

    #[test]
    fn events_have_at_least_one_message() {
        let large = message(&"\u{1}".repeat(700_000));
        let (event, count) = build(&[large.clone(), large.clone()], ARN, "us-east-1");
        assert_eq!(count, 1);
        assert!(serde_json::from_slice::<Value>(&event).is_ok());
        let huge = message(&"\u{1}".repeat(1 << 20));
        assert_eq!(build(&[huge], ARN, "us-east-1").1, 1);
    }
}
