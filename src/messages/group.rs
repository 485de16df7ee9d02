//! Messages grouped by a key: how many, the first and the last, and an example. Pure.

use std::collections::BTreeMap;

use serde_json::Value;

use super::expression::Expression;
use super::record::MessageRecord;
use super::selection::{Facts, document, queue_of_arn};

/// What follows the source queue in the key of a message whose body is no JSON object.
const NO_OBJECT: &str = "not a JSON object";
/// The most members that a key names.
const MOST_MEMBERS: usize = 6;

/// The messages with one key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// How many.
    pub count: u64,
    /// When the first was sent, in milliseconds since the Unix epoch.
    pub first: u64,
    /// When the last was sent.
    pub last: u64,
    /// The id of the first.
    pub example: String,
}

/// Messages by their keys.
#[derive(Debug, Clone, Default)]
pub(crate) struct Groups {
    groups: BTreeMap<String, Group>,
}

impl Groups {
    /// Counts a message.
    pub(crate) fn add(&mut self, key: String, message_id: &str, sent_at: u64) {
        let group = self.groups.entry(key).or_insert_with(|| Group {
            count: 0,
            first: u64::MAX,
            last: 0,
            example: String::new(),
        });
        group.count += 1;
        group.last = group.last.max(sent_at);
        if (sent_at, message_id) < (group.first, group.example.as_str()) || group.count == 1 {
            group.first = sent_at;
            message_id.clone_into(&mut group.example);
        }
    }

    /// The groups, the largest first.
    pub(crate) fn by_count(&self) -> Vec<(&str, &Group)> {
        let groups = self.groups.iter();
        let mut groups: Vec<_> = groups.map(|(key, group)| (key.as_str(), group)).collect();
        groups.sort_by_key(|(_, group)| std::cmp::Reverse(group.count));
        groups
    }

    /// How many groups there are.
    pub(crate) fn len(&self) -> usize {
        self.groups.len()
    }
}

/// The key of a message where the user asks for no other: the queue that it comes from, and the
/// members of its body, which tell kinds of messages apart.
pub(crate) fn standard_group(message: &MessageRecord) -> String {
    let source = message.source_queue_arn.as_deref().and_then(queue_of_arn);
    let body: Option<BTreeMap<String, Value>> = serde_json::from_str(&message.body).ok();
    let members = match body {
        Some(members) => {
            let names: Vec<&str> = members.keys().map(String::as_str).collect();
            let (shown, more) = names.split_at(names.len().min(MOST_MEMBERS));
            let more = if more.is_empty() { "" } else { ", …" };
            format!("{{{}{more}}}", shown.join(", "))
        }
        None => NO_OBJECT.to_owned(),
    };
    match source {
        Some(source) => format!("{source}: {members}"),
        None => members,
    }
}

impl Expression {
    /// The key of a message: the expression's value as text.
    pub(crate) fn group(&self, message: &MessageRecord, facts: Facts<'_>, now: u64) -> String {
        match self.value(&document(message, facts, now)) {
            Ok(Value::String(text)) => text,
            Ok(value) => value.to_string(),
            Err(_) => "no value".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(body: &str) -> MessageRecord {
        MessageRecord {
            body: body.to_owned(),
            source_queue_arn: Some("arn:aws:sqs:r:a:orders".to_owned()),
            ..MessageRecord::default()
        }
    }

    #[test]
    fn kinds_of_messages_have_their_groups() {
        let key = |body| standard_group(&message(body));
        assert_eq!(key(r#"{"b":1,"a":2}"#), "orders: {a, b}");
        assert_eq!(key("text"), "orders: not a JSON object");
        let many = r#"{"a":1,"b":1,"c":1,"d":1,"e":1,"f":1,"g":1}"#;
        assert_eq!(key(many), "orders: {a, b, c, d, e, f, …}");
        let alone = MessageRecord {
            source_queue_arn: None,
            ..message("[]")
        };
        assert_eq!(standard_group(&alone), "not a JSON object");
    }

    #[test]
    fn an_expression_gives_a_key() {
        let by_type = Expression::compile("body.type").expect("an expression");
        let key = |body| by_type.group(&message(body), Facts::default(), 0);
        assert_eq!(key(r#"{"type":"created"}"#), "created");
        assert_eq!(key(r#"{"type":7}"#), "7");
        assert_eq!(key("{}"), "null");
    }

    #[test]
    fn groups_have_an_example_and_times() {
        let mut groups = Groups::default();
        for (key, id, sent) in [
            ("a", "2", 20),
            ("b", "3", 30),
            ("a", "1", 10),
            ("a", "4", 40),
        ] {
            groups.add(key.to_owned(), id, sent);
        }
        let a = Group {
            count: 3,
            first: 10,
            last: 40,
            example: "1".to_owned(),
        };
        assert_eq!(groups.by_count()[0], ("a", &a));
        assert_eq!(groups.len(), 2);
    }
}
