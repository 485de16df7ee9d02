//! Unit tests of the queue engine.

use super::*;
use crate::clock::WallMs;
use crate::ids::SeededIds;

const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:";

struct Harness {
    sqs: Sqs,
    ids: SeededIds,
    lab: u64,
    stored: BTreeMap<(&'static str, Vec<u8>), Vec<u8>>,
}

impl Harness {
    fn new() -> Self {
        Self {
            sqs: Sqs::load("000000000000", "us-east-1", Loaded::default()).unwrap(),
            ids: SeededIds(1),
            lab: 1_000,
            stored: BTreeMap::new(),
        }
    }

    fn run<T>(&mut self, command: impl FnOnce(&mut Sqs, &mut Transaction<'_>) -> T) -> T {
        let now = Now {
            wall: WallMs(1_700_000_000_000 + self.lab),
            lab: LabMs(self.lab),
        };
        let mut tx = Transaction::new(now, &mut self.ids);
        let reply = command(&mut self.sqs, &mut tx);
        for change in tx.changes {
            let key = (change.collection, change.key);
            match change.value {
                Some(value) => self.stored.insert(key, value),
                None => self.stored.remove(&key),
            };
        }
        reply
    }

    fn restart(&mut self) {
        let of = |wanted| {
            self.stored
                .iter()
                .filter(|((collection, _), _)| *collection == wanted)
                .map(|((_, key), value)| (key.clone(), value.clone()))
                .collect()
        };
        let loaded = Loaded {
            queues: of(QUEUES),
            messages: of(MESSAGES),
            deliveries: of(DELIVERIES),
            tasks: of(TASKS),
        };
        self.sqs = Sqs::load("000000000000", "us-east-1", loaded).unwrap();
    }

    fn pass(&mut self, seconds: u64) {
        self.lab += seconds * 1000;
    }

    fn create(&mut self, name: &str, attributes: &[(&str, &str)]) -> QueueId {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let owned_attributes = attributes.iter().map(owned).collect();
        self.run(|sqs, tx| sqs.create_queue(name, &owned_attributes, Attributes::new(), tx))
            .unwrap()
    }

    /// `orders`, whose dead-letter queue `dead` has a `maxReceiveCount` of 3.
    fn pair(&mut self) -> (QueueId, QueueId) {
        let dead = self.create("dead", &[]);
        let policy = format!(r#"{{"deadLetterTargetArn":"{ARN}dead","maxReceiveCount":"3"}}"#);
        let orders = self.create("orders", &[("RedrivePolicy", &policy)]);
        (orders, dead)
    }

    fn send(&mut self, id: QueueId, body: &str) -> String {
        let draft = Draft {
            body: body.into(),
            attributes: Vec::new(),
            delay_seconds: None,
            group: None,
            trace: None,
            sender: "me".into(),
        };
        self.run(|sqs, tx| sqs.send(id, draft, tx))
            .unwrap()
            .message
            .id()
    }

    fn receive(&mut self, id: QueueId) -> Vec<Received> {
        self.run(|sqs, tx| sqs.receive(id, 10, None, tx)).unwrap()
    }

    fn bodies(&mut self, id: QueueId) -> Vec<String> {
        let received = self.receive(id);
        received
            .iter()
            .map(|r| r.message.body.to_string())
            .collect()
    }

    fn lease(&mut self, id: QueueId) -> Vec<Received> {
        self.run(|sqs, tx| sqs.lease(id, 10, usize::MAX, tx))
            .unwrap()
    }

    /// Visible, in flight, delayed.
    fn counts(&mut self, id: QueueId) -> [usize; 3] {
        self.run(|sqs, tx| sqs.queue_mut(id).unwrap().advance(tx));
        let queue = &self.sqs.queues[&id];
        [queue.ready.len(), queue.in_flight, queue.delayed]
    }
}

#[test]
fn received_messages_hide_until_deleted() {
    let mut harness = Harness::new();
    let queue = harness.create("q", &[]);
    harness.send(queue, "a");
    let first = harness.receive(queue);
    assert_eq!(first[0].receives, 1);
    harness.pass(29);
    assert!(harness.receive(queue).is_empty());
    harness.pass(1);
    assert_eq!(harness.receive(queue)[0].receives, 2);
    harness.restart();
    // The handle of the first delivery still works, even after a restart.
    let handle = first[0].receipt_handle.clone();
    harness
        .run(|sqs, tx| sqs.delete_message(queue, &handle, tx))
        .unwrap();
    assert_eq!(harness.counts(queue), [0, 0, 0]);
    harness.restart();
    assert_eq!(harness.counts(queue), [0, 0, 0]);
}

#[test]
fn replies_wait_for_durability() {
    let mut harness = Harness::new();
    let queue = harness.create("q", &[]);
    harness.send(queue, "a");
    let handle = harness.receive(queue)[0].receipt_handle.clone();
    let mut delete = || {
        harness.run(|sqs, tx| {
            sqs.delete_message(queue, &handle, tx).unwrap();
            (tx.changes.is_empty(), tx.rests_on_earlier)
        })
    };
    assert_eq!(delete(), (false, false));
    // The first deletion may not be durable yet; after a crash the message would be back.
    assert_eq!(delete(), (true, true));
    let again = harness.run(|sqs, tx| {
        let none = Attributes::new();
        sqs.create_queue("q", &none, Attributes::new(), tx).unwrap();
        tx.rests_on_earlier
    });
    assert!(again);
}

#[test]
fn fourth_receive_moves_to_dlq() {
    let mut harness = Harness::new();
    let (orders, dead) = harness.pair();
    let id = harness.send(orders, "bad");
    for _ in 0..3 {
        assert_eq!(harness.bodies(orders), ["bad"]);
        harness.pass(30);
    }
    harness.send(orders, "good");
    let one = harness.run(|sqs, tx| sqs.receive(orders, 1, None, tx));
    assert_eq!(&*one.unwrap()[0].message.body, "good");
    harness.restart();
    let moved = harness.receive(dead);
    assert_eq!((moved[0].message.id(), moved[0].receives), (id, 4));
    let source = moved[0].message.dead_letter_source.as_deref();
    assert_eq!(source, Some(&*format!("{ARN}orders")));
}

#[test]
fn only_failed_leases_count() {
    let mut harness = Harness::new();
    let (orders, dead) = harness.pair();
    let id = harness.send(orders, "a");
    assert_eq!(harness.lease(orders)[0].receives, 1);
    harness.pass(1000);
    assert_eq!(harness.counts(orders), [0, 1, 0]);
    harness.restart();
    assert_eq!(harness.lease(orders)[0].receives, 1);
    let settle = |harness: &mut Harness, settlement| {
        let outcomes = [(id.clone(), settlement)];
        harness.run(|sqs, tx| sqs.settle(orders, &outcomes, tx));
    };
    settle(&mut harness, Settlement::Release);
    assert_eq!(harness.lease(orders)[0].receives, 1);
    harness.pass(10);
    settle(&mut harness, Settlement::Fail);
    harness.restart();
    harness.pass(19);
    assert!(harness.lease(orders).is_empty());
    harness.pass(1);
    for receives in [2, 3] {
        assert_eq!(harness.lease(orders)[0].receives, receives);
        harness.pass(40);
        settle(&mut harness, Settlement::Fail);
    }
    assert!(harness.lease(orders).is_empty());
    assert_eq!(harness.counts(dead), [1, 0, 0]);
}

#[test]
fn move_task_survives_a_restart() {
    let mut harness = Harness::new();
    let (orders, dead) = harness.pair();
    for number in 0..250 {
        harness.send(orders, &number.to_string());
    }
    for _ in 0..4 {
        while !harness.receive(orders).is_empty() {}
        harness.pass(30);
    }
    assert_eq!(harness.counts(dead), [250, 0, 0]);
    let dead_arn = format!("{ARN}dead");
    harness
        .run(|sqs, tx| sqs.start_task(&dead_arn, None, None, tx))
        .unwrap();
    let mut steps = 0;
    while harness
        .sqs
        .next_wakeup()
        .is_some_and(|due| due.0 <= harness.lab)
    {
        harness.run(Sqs::tick);
        harness.restart();
        steps += 1;
    }
    assert_eq!(steps, 3);
    assert_eq!(harness.counts(orders), [250, 0, 0]);
    let task = &harness
        .sqs
        .list_tasks(&dead_arn, &StaleView::default())
        .unwrap()[0];
    assert_eq!((task.status, task.moved), (TaskStatus::Completed, 250));
    assert_eq!(harness.receive(orders)[0].receives, 1);
}

#[test]
fn delay_retention_purge_and_cooldown() {
    let mut harness = Harness::new();
    let queue = harness.create(
        "q",
        &[("DelaySeconds", "5"), ("MessageRetentionPeriod", "60")],
    );
    harness.send(queue, "a");
    assert_eq!(harness.counts(queue), [0, 0, 1]);
    harness.restart();
    harness.pass(5);
    assert_eq!(harness.counts(queue), [1, 0, 0]);
    harness.pass(55);
    assert_eq!(harness.counts(queue), [0, 0, 0]);
    harness.send(queue, "b");
    harness.run(|sqs, tx| sqs.purge(queue, tx)).unwrap();
    assert_eq!(harness.counts(queue), [0, 0, 0]);
    let again = harness.run(|sqs, tx| sqs.purge(queue, tx));
    assert_eq!(again.unwrap_err().code, "PurgeQueueInProgress");
    harness.run(|sqs, tx| sqs.delete_queue(queue, tx)).unwrap();
    assert!(harness.stored.is_empty());
    let none = Attributes::new();
    let early = harness.run(|sqs, tx| sqs.create_queue("q", &none, Attributes::new(), tx));
    assert_eq!(early.unwrap_err().code, "QueueDeletedRecently");
    harness.pass(60);
    harness.create("q", &[]);
}

#[test]
fn attributes_md5_matches_aws() {
    let attribute = Attribute {
        name: "MyAttribute".into(),
        data_type: "String".into(),
        value: Value::Text("foobar".into()),
    };
    let md5 = attributes_md5([&attribute].into_iter()).unwrap();
    assert_eq!(md5, "adb59cd4678ea5a855436b949cd07ab6");
}

#[test]
fn altered_handles_are_refused() {
    let mut harness = Harness::new();
    let queue = harness.create("q", &[]);
    harness.send(queue, "body");
    let handle = harness.receive(queue)[0].receipt_handle.clone();
    for wrong in [format!("{handle}AAAA"), handle[4..].to_owned()] {
        let deleted = harness.run(|sqs, tx| sqs.delete_message(queue, &wrong, tx));
        assert_eq!(deleted.unwrap_err().code, "ReceiptHandleIsInvalid");
    }
    assert_eq!(harness.counts(queue), [0, 1, 0]);
}

#[test]
fn damaged_state_is_refused_or_harmless() {
    let mut harness = Harness::new();
    let queue = harness.create("q", &[]);
    harness.send(queue, "body");
    let itself = RedrivePolicy {
        target: format!("{ARN}q"),
        max_receives: 0,
    };
    harness.run(|sqs, tx| {
        let queue = sqs.queue_mut(queue).unwrap();
        queue.settings.redrive = Some(itself);
        tx.changes.push(queue.save());
    });
    harness.restart();
    assert_eq!(harness.bodies(queue), ["body"]);

    let loaded = Loaded {
        queues: vec![(u32::MAX.to_be_bytes().to_vec(), {
            let mut values = harness.stored.iter();
            let stored = values.find(|((collection, _), _)| *collection == QUEUES);
            stored.unwrap().1.clone()
        })],
        ..Loaded::default()
    };
    let refused = Sqs::load("000000000000", "us-east-1", loaded).unwrap_err();
    assert_eq!(refused, format!("an entry's number is {}", u32::MAX));

    let key = [&codec::key(1, 1)[..], &[0]].concat();
    let messages = vec![(key, Vec::new())];
    let refused = Sqs::load(
        "000000000000",
        "us-east-1",
        Loaded {
            messages,
            ..Loaded::default()
        },
    );
    assert!(refused.unwrap_err().contains("another version"));
}

#[test]
fn size_includes_attributes() {
    let attribute = |name: &str, value: Value| Attribute {
        name: name.into(),
        data_type: "String".into(),
        value,
    };
    let draft = Draft {
        body: "body".into(),
        attributes: vec![
            attribute("one", Value::Text("1234".into())),
            attribute("three", Value::Binary([0; 7][..].into())),
        ],
        delay_seconds: None,
        group: None,
        trace: None,
        sender: "sender".into(),
    };
    let (size, attributes) = (draft.size(), draft.attributes.clone());
    let message = draft.message([1; 16], WallMs(5));
    assert_eq!(message.size(), size);
    assert_eq!(message.attributes(), attributes);
    let stored = message.encode(LabMs(0));
    assert_eq!(Message::decode(&stored), Ok((message, LabMs(0))));
}
