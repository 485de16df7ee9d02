//! Messages of any queue, from `dlq` and its commands: read once each and left visible, exported and
//! imported byte for byte, and only the selected ones deleted.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::primitives::Blob;
use aws_sdk_sqs::types::{
    Message, MessageAttributeValue, QueueAttributeName, SendMessageBatchRequestEntry,
};
use serde_json::{Value, json};

use crate::support::fault::{CallSelector, Fault};
use crate::support::harness::Harness;
use crate::support::lab::document;
use crate::support::proxy::Proxy;
use crate::support::schema::definitions;

/// The most bytes of a message.
const MEBIBYTE: usize = 1_048_576;

/// A cloud with queues that have nothing to do with a lab.
struct Queues {
    harness: Harness,
}

impl Queues {
    fn new(names: &[&str]) -> Self {
        let queues = Self {
            harness: Harness::new(50),
        };
        for name in names {
            queues.create(name, &[]);
        }
        queues
    }

    fn sqs(&self) -> &Client {
        &self.harness.clients.sqs
    }

    fn run<T>(&self, work: impl Future<Output = T>) -> T {
        self.harness.runtime.block_on(work)
    }

    fn create(&self, name: &str, attributes: &[(QueueAttributeName, &str)]) {
        let request = self.sqs().create_queue().queue_name(name);
        let request = attributes.iter().fold(request, |request, (name, value)| {
            request.attributes(name.clone(), *value)
        });
        self.run(request.send()).expect("a queue");
    }

    fn url(&self, name: &str) -> String {
        let reply = self.run(self.sqs().get_queue_url().queue_name(name).send());
        reply.expect("a queue").queue_url.expect("a URL")
    }

    fn send(&self, queue: &str, body: &str, attributes: &[(&str, MessageAttributeValue)]) {
        let request = self.sqs().send_message().queue_url(self.url(queue));
        let request = attributes.iter().fold(request, |request, (name, value)| {
            request.message_attributes(*name, value.clone())
        });
        self.run(request.message_body(body).send()).expect("sent");
    }

    /// Sends bodies, ten at a time.
    fn send_all(&self, queue: &str, bodies: impl Iterator<Item = String>) {
        let url = self.url(queue);
        let bodies: Vec<String> = bodies.collect();
        self.run(async {
            for batch in bodies.chunks(10) {
                let entries = batch.iter().enumerate().map(|(id, body)| {
                    let entry = SendMessageBatchRequestEntry::builder().id(id.to_string());
                    entry.message_body(body).build().expect("an entry")
                });
                let request = self.sqs().send_message_batch().queue_url(&url);
                let reply = request.set_entries(Some(entries.collect())).send().await;
                assert!(reply.expect("sent").failed.is_empty());
            }
        });
    }

    /// Receives all messages that are visible.
    fn receive_all(&self, queue: &str) -> Vec<Message> {
        let url = self.url(queue);
        let mut all = Vec::new();
        self.run(async {
            loop {
                let request = self.sqs().receive_message().queue_url(&url);
                let request = request
                    .max_number_of_messages(10)
                    .visibility_timeout(40_000);
                let reply = request.message_attribute_names("All").send().await;
                let messages = reply.expect("received").messages.unwrap_or_default();
                if messages.is_empty() {
                    break;
                }
                all.extend(messages);
            }
        });
        all
    }

    fn visible(&self, queue: &str) -> u64 {
        let name = QueueAttributeName::ApproximateNumberOfMessages;
        let request = self.sqs().get_queue_attributes().queue_url(self.url(queue));
        let reply = self.run(request.attribute_names(name.clone()).send());
        let attributes = reply.expect("attributes").attributes.expect("some");
        attributes[&name].parse().expect("a number")
    }

    fn file(&self, name: &str) -> (PathBuf, String) {
        let path = self.harness.lab.home().join(name);
        let text = path.display().to_string();
        (path, text)
    }

    fn good(&self, arguments: &[&str]) -> Value {
        self.harness.lab.good(arguments)
    }
}

fn text(data_type: &str, value: &str) -> MessageAttributeValue {
    let value = MessageAttributeValue::builder()
        .data_type(data_type)
        .string_value(value);
    value.build().expect("an attribute")
}

fn binary(data_type: &str, value: &[u8]) -> MessageAttributeValue {
    let value = MessageAttributeValue::builder()
        .data_type(data_type)
        .binary_value(Blob::new(value));
    value.build().expect("an attribute")
}

/// Bodies and attributes, sorted by body.
fn contents(messages: Vec<Message>) -> BTreeMap<String, Vec<(String, MessageAttributeValue)>> {
    let of = |message: Message| {
        let attributes = message.message_attributes.unwrap_or_default();
        let mut attributes: Vec<_> = attributes.into_iter().collect();
        attributes.sort_by(|(one, _), (other, _)| one.cmp(other));
        (message.body.unwrap_or_default(), attributes)
    };
    messages.into_iter().map(of).collect()
}

#[test]
fn messages_survive_export_and_import() {
    let queues = Queues::new(&["old-dlq", "new-dlq"]);
    let ten: Vec<(String, MessageAttributeValue)> = (0..10)
        .map(|n| (format!("a{n}"), text("Number.int", &n.to_string())))
        .collect();
    let ten: Vec<(&str, MessageAttributeValue)> = ten
        .iter()
        .map(|(name, value)| (name.as_str(), value.clone()))
        .collect();
    queues.send("old-dlq", "ten attributes", &ten);
    queues.send(
        "old-dlq",
        "binary",
        &[
            ("all", binary("Binary.png", &(0..=255).collect::<Vec<u8>>())),
            ("zero", binary("Binary", &[0])),
            ("blank", text("String", " ")),
        ],
    );
    for body in [
        "not JSON",
        " ",
        "\t\r\n",
        "{\"a\": 1.0}",
        "\"\\ud800\"",
        "\u{7f}\u{85}\u{9b}31m \u{fffd} \u{10ffff} 🦀",
    ] {
        queues.send("old-dlq", body, &[]);
    }
    queues.send("old-dlq", &"\u{1f980}".repeat(MEBIBYTE / 4), &[]);
    queues.send(
        "old-dlq",
        &"\"".repeat(MEBIBYTE - 15),
        &[("kind", text("String", "large"))],
    );
    let (path, file) = queues.file("old.jsonl");
    let exported = queues.good(&["dlq", "export", &file, "--queue", "old-dlq"]);
    assert_eq!(
        (&exported["exported"], &exported["read"]),
        (&json!(10), &json!(10))
    );
    assert_eq!(queues.visible("old-dlq"), 10);
    let mode = path.metadata().expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let written = std::fs::read_to_string(&path).expect("text");
    assert_eq!(written.lines().count(), 10);
    for line in written.lines() {
        let message = serde_json::from_str(line).expect("JSON");
        assert_eq!(definitions().problem("Message", &message), None);
    }
    let sent = contents(queues.receive_all("old-dlq"));
    assert_eq!(sent.len(), 10);
    let purged = queues.good(&["dlq", "purge", "--queue", "old-dlq", "--yes"]);
    assert_eq!(purged["held"], 10);
    let imported = queues.good(&["dlq", "import", &file, "--to", "new-dlq"]);
    assert_eq!(
        (&imported["imported"], &imported["last_line"]),
        (&json!(10), &json!(10))
    );
    let received = contents(queues.receive_all("new-dlq"));
    assert!(
        received == sent,
        "{:?}",
        received.keys().map(String::len).collect::<Vec<_>>()
    );
}

#[test]
fn each_of_many_messages_is_read_once() {
    let queues = Queues::new(&["many"]);
    let kind = |n: u64| ["created", "changed", "removed"][usize::try_from(n % 3).expect("small")];
    let body = |n: u64| json!({"n": n, "type": kind(n)}).to_string();
    queues.send_all("many", (0..10_000).map(body));
    for receives in 1..=2 {
        let look = queues.good(&["dlq", "--queue", "many", "--group-by", "body.type"]);
        assert_eq!(
            (&look["read"], &look["selected"]),
            (&json!(10_000), &json!(10_000))
        );
        let messages = look["messages"].as_array().expect("messages");
        assert_eq!(messages.len(), 10_000);
        assert!(
            messages
                .iter()
                .all(|message| message["receive_count"] == receives)
        );
        assert_eq!(queues.visible("many"), 10_000);
        let groups = look["groups"].as_array().expect("groups");
        let counts: Vec<&Value> = groups.iter().map(|group| &group["count"]).collect();
        assert_eq!(counts, [&json!(3334), &json!(3333), &json!(3333)]);
        assert_eq!(groups[0]["key"], "created");
    }
    let some = queues.good(&[
        "dlq",
        "--queue",
        "many",
        "--limit",
        "5",
        "--where",
        "body.n >= 9990 && receives == 3",
    ]);
    assert_eq!(
        (&some["read"], &some["selected"]),
        (&json!(10_000), &json!(10))
    );
    assert_eq!(some["messages"].as_array().map(Vec::len), Some(5));
}

#[test]
fn only_selected_messages_are_deleted() {
    let queues = Queues::new(&["some", "copies"]);
    queues.send_all("some", (0..30).map(|n| format!("message {n}")));
    let lab = &queues.harness.lab;
    let (code, refused) = lab.json(&["dlq", "delete", "--queue", "some", "--yes"]);
    assert_eq!((code, &refused["error"]["kind"]), (2, &json!("usage")));
    // There is no terminal to ask in.
    let (code, refused) = lab.json(&["dlq", "delete", "--queue", "some", "--match", "message 7"]);
    assert_eq!((code, &refused["error"]["kind"]), (2, &json!("usage")));
    let question = refused["error"]["message"].to_string();
    assert!(question.contains("Delete 1 message of some?"), "{question}");
    assert_eq!(queues.visible("some"), 30);
    let copied = queues.good(&[
        "dlq", "copy", "--queue", "some", "--match", "/ 1.$/", "--to", "copies",
    ]);
    assert_eq!(
        (&copied["copied"], &copied["read"]),
        (&json!(10), &json!(30))
    );
    let deleted = queues.good(&[
        "dlq", "delete", "--queue", "some", "--match", "/ 1.$/", "--yes",
    ]);
    assert_eq!(
        (&deleted["deleted"], &deleted["selected"]),
        (&json!(10), &json!(10))
    );
    assert_eq!((queues.visible("some"), queues.visible("copies")), (20, 10));
    let two = queues.good(&["dlq", "delete", "--queue", "some", "--limit", "2", "--yes"]);
    assert_eq!(two["deleted"], 2);
    let mut left = contents(queues.receive_all("some"));
    left.extend(contents(queues.receive_all("copies")));
    assert_eq!(left.len(), 28);
}

#[test]
fn a_wrong_line_sends_nothing() {
    let queues = Queues::new(&["target"]);
    let (path, file) = queues.file("lines.jsonl");
    let lines = |last: &str| {
        let good: String = (0..25).map(|n| format!("{{\"body\":\"{n}\"}}\n")).collect();
        std::fs::write(&path, good + last).expect("written");
    };
    lines("{\"body\":\"\"}\n");
    let (code, refused) = queues
        .harness
        .lab
        .json(&["dlq", "import", &file, "--to", "target"]);
    assert_eq!(code, 2, "{refused}");
    let message = refused["error"]["message"].to_string();
    assert!(
        message.contains("line 26 of") && message.contains("the body is empty"),
        "{message}"
    );
    assert_eq!(queues.visible("target"), 0);
    lines("");
    let rest = queues.good(&[
        "dlq",
        "import",
        &file,
        "--to",
        "target",
        "--from-line",
        "21",
    ]);
    assert_eq!(
        (&rest["imported"], &rest["last_line"]),
        (&json!(5), &json!(25))
    );
    assert_eq!(queues.visible("target"), 5);
}

#[test]
fn a_look_that_may_move_messages_asks_first() {
    let queues = Queues::new(&["last-dlq"]);
    let policy = json!({
        "deadLetterTargetArn": "arn:aws:sqs:us-east-1:000000000000:last-dlq", "maxReceiveCount": 3,
    });
    queues.create(
        "work",
        &[(QueueAttributeName::RedrivePolicy, &policy.to_string())],
    );
    queues.send("work", "a job", &[]);
    let lab = &queues.harness.lab;
    let (code, refused) = lab.json(&["dlq", "--queue", "work"]);
    assert_eq!(code, 2, "{refused}");
    let message = refused["error"]["message"].to_string();
    assert!(
        message.contains("moves a message to last-dlq after 3 receives"),
        "{message}"
    );
    let looks = |left: &str| {
        let output = lab.run(&["dlq", "--queue", "work", "--yes"]);
        let stderr = crate::support::lab::stderr(&output);
        assert!(stderr.contains(left), "{stderr}");
    };
    looks("after 2 more looks");
    looks("after 1 more look,");
    looks("the next look moves some");
    assert_eq!(queues.visible("last-dlq"), 0);
    let sources = lab.run(&["dlq", "--queue", "last-dlq"]);
    let stdout = String::from_utf8(sources.stdout).expect("text");
    assert!(stdout.contains("the dead-letter queue of work"), "{stdout}");
}

#[test]
fn queues_of_other_places_are_refused() {
    let queues = Queues::new(&[]);
    queues.create("q.fifo", &[(QueueAttributeName::FifoQueue, "true")]);
    for (queue, code, part) in [
        ("q.fifo", 2, "FIFO queues are not supported yet"),
        ("none", 4, "the queue none does not exist"),
        (
            "arn:aws:sqs:eu-west-1:000000000000:q",
            2,
            "in the region eu-west-1",
        ),
        (
            "arn:aws:sqs:us-east-1:123456789012:q",
            2,
            "account 123456789012",
        ),
    ] {
        let (ended, document) = queues.harness.lab.json(&["dlq", "--queue", queue]);
        let message = document["error"]["message"].to_string();
        assert!(
            ended == code && message.contains(part),
            "{queue}: {document:#}"
        );
    }
}

/// Deletes the messages with `yes` in their bodies, with a fault in each call in turn. Returns how
/// many calls there are.
fn delete_with_faults(queues: &Queues, fault: Fault) -> usize {
    let proxy = Proxy::new(&queues.harness.cloud);
    for call in 1.. {
        let name = format!("{}-{call}", fault.name());
        queues.create(&name, &[]);
        let body = |n: u64| format!("{} {n}", if n < 12 { "yes" } else { "no" });
        queues.send_all(&name, (0..25).map(body));
        let arguments = ["dlq", "delete", "--queue", &name, "--match", "yes"];
        proxy.inject(CallSelector::Nth(call), fault);
        let output = queues.harness.start(&proxy, &arguments).end();
        let (code, first) = document(&arguments, &output);
        let log = proxy.log();
        // What is left is seen once it is not hidden any more, which ends a reading without a fault.
        proxy.inject(CallSelector::Nth(1), Fault::None);
        let (mut no, mut yes) = (0, 12);
        for _ in 0..20 {
            let (_, look) = document(
                &["dlq"],
                &queues
                    .harness
                    .start(&proxy, &["dlq", "--queue", &name])
                    .end(),
            );
            let messages = look["messages"].as_array().expect("messages").iter();
            let bodies: Vec<&str> = messages.filter_map(|one| one["body"].as_str()).collect();
            no = bodies.iter().filter(|body| body.starts_with("no")).count();
            yes = bodies.len() - no;
            if no == 13 && (code != 0 || log.injected.is_some() || yes == 0) {
                break;
            }
        }
        assert_eq!(no, 13, "{} in call {call}: {first:#}", fault.name());
        assert!(yes <= 12, "{} in call {call}: {first:#}", fault.name());
        if let Some(deleted) = first["deleted"].as_u64() {
            assert_eq!(
                yes as u64 + deleted,
                12,
                "{} in call {call}: {first:#}",
                fault.name()
            );
        }
        if log.injected.is_none() {
            assert_eq!((code, yes), (0, 0), "{first:#}");
            return call - 1;
        }
    }
    unreachable!("a command makes some calls")
}

#[test]
fn no_fault_deletes_what_is_not_selected() {
    let queues = Queues {
        harness: Harness::new(5),
    };
    let faults = [
        Fault::Interrupt,
        Fault::Denied,
        Fault::FailsOnce,
        Fault::Lost,
    ];
    std::thread::scope(|scope| {
        for fault in faults {
            let queues = &queues;
            scope.spawn(move || assert!(delete_with_faults(queues, fault) > 5));
        }
    });
}
