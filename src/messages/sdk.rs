//! Messages as the SDK has them.

use std::collections::HashMap;

use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    Message, MessageAttributeValue, MessageSystemAttributeName, MessageSystemAttributeNameForSends,
    MessageSystemAttributeValue, SendMessageBatchRequestEntry,
};

use super::attribute::{Attribute, AttributeValue};
use super::record::MessageRecord;

impl From<Message> for MessageRecord {
    fn from(message: Message) -> Self {
        use MessageSystemAttributeName as Name;
        let mut system = message.attributes.unwrap_or_default();
        let mut number = |name: &Name| system.remove(name)?.parse::<u64>().ok();
        let sent_at = number(&Name::SentTimestamp);
        let first_received_at = number(&Name::ApproximateFirstReceiveTimestamp);
        let receive_count = number(&Name::ApproximateReceiveCount);
        let attributes = message.message_attributes.unwrap_or_default();
        Self {
            message_id: message.message_id.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
            attributes: attributes
                .into_iter()
                .map(|(name, value)| (name, value.into()))
                .collect(),
            sent_at,
            first_received_at,
            receive_count: receive_count.and_then(|count| u32::try_from(count).ok()),
            source_queue_arn: system.remove(&Name::DeadLetterQueueSourceArn),
            sender_id: system.remove(&Name::SenderId),
            trace_header: system.remove(&Name::AwsTraceHeader),
            group_id: system.remove(&Name::MessageGroupId),
            deduplication_id: system.remove(&Name::MessageDeduplicationId),
            sequence_number: system.remove(&Name::SequenceNumber),
        }
    }
}

impl From<MessageAttributeValue> for Attribute {
    fn from(attribute: MessageAttributeValue) -> Self {
        let value = match (attribute.string_value, attribute.binary_value) {
            (None, Some(bytes)) => AttributeValue::Binary(bytes.into_inner()),
            (text, _) => AttributeValue::Text(text.unwrap_or_default()),
        };
        Self {
            data_type: attribute.data_type,
            value,
        }
    }
}

impl MessageRecord {
    /// The entry of a batch that sends the message to a standard queue: body, attributes, trace
    /// header and message group. A standard queue takes no deduplication id.
    pub(crate) fn entry(&self, id: &str) -> SendMessageBatchRequestEntry {
        let attributes: HashMap<String, MessageAttributeValue> = self
            .attributes
            .iter()
            .map(|(name, attribute)| (name.clone(), value(attribute)))
            .collect();
        let entry = SendMessageBatchRequestEntry::builder()
            .id(id)
            .message_body(&self.body)
            .set_message_attributes(Some(attributes).filter(|attributes| !attributes.is_empty()))
            .set_message_group_id(self.group_id.clone());
        let entry = match &self.trace_header {
            Some(header) => entry.message_system_attributes(
                MessageSystemAttributeNameForSends::AwsTraceHeader,
                MessageSystemAttributeValue::builder()
                    .data_type("String")
                    .string_value(header)
                    .build()
                    .expect("it has a data type"),
            ),
            None => entry,
        };
        entry.build().expect("it has an id and a body")
    }
}

fn value(attribute: &Attribute) -> MessageAttributeValue {
    let builder = MessageAttributeValue::builder().data_type(&attribute.data_type);
    let builder = match &attribute.value {
        AttributeValue::Text(text) => builder.string_value(text),
        AttributeValue::Binary(bytes) => builder.binary_value(Blob::new(bytes.clone())),
    };
    builder.build().expect("it has a data type")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_survive_both_ways() {
        let attribute = |data_type: &str, value| Attribute {
            data_type: data_type.to_owned(),
            value,
        };
        let record = MessageRecord {
            body: "b".to_owned(),
            attributes: [
                (
                    "n".to_owned(),
                    attribute("Number.int", AttributeValue::Text("7".to_owned())),
                ),
                (
                    "b".to_owned(),
                    attribute("Binary.png", AttributeValue::Binary(vec![0, 255])),
                ),
            ]
            .into(),
            trace_header: Some("Root=1-2".to_owned()),
            ..MessageRecord::default()
        };
        let entry = record.entry("0");
        assert_eq!(entry.message_system_attributes().map(HashMap::len), Some(1));
        let message = Message::builder()
            .body(entry.message_body())
            .set_message_attributes(entry.message_attributes().cloned())
            .attributes(MessageSystemAttributeName::AwsTraceHeader, "Root=1-2")
            .attributes(MessageSystemAttributeName::SentTimestamp, "1700000000000")
            .build();
        let read = MessageRecord::from(message);
        assert_eq!(read.sent_at, Some(1_700_000_000_000));
        assert_eq!(
            MessageRecord {
                sent_at: None,
                ..read
            },
            record
        );
    }
}
