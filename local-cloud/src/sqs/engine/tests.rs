//! The engine, case by case.

use super::*;
use crate::clock::WallMs;
use crate::ids::SeededIds;

const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:";

struct World {
    sqs: Sqs,
    ids: SeededIds,
    lab: u64,
    stored: BTreeMap<(&'static str, Vec<u8>), Vec<u8>>,
}

impl World {
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
            let entries = self.stored.iter();
            let entries = entries.filter(|((collection, _), _)| *collection == wanted);
            entries
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
        let attributes = attributes.iter().map(owned).collect();
        self.run(|sqs, tx| sqs.create_queue(name, &attributes, Attributes::new(), tx))
            .unwrap()
    }

    /// `orders` with three receives before its dead-letter queue `dead`.
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
    let mut world = World::new();
    let queue = world.create("q", &[]);
    world.send(queue, "a");
    let first = world.receive(queue);
    assert_eq!(first[0].receives, 1);
    world.pass(29);
    assert!(world.receive(queue).is_empty());
    world.pass(1);
    assert_eq!(world.receive(queue)[0].receives, 2);
    world.restart();
    // The handle of the first delivery still works, after a restart too.
    let handle = first[0].receipt_handle.clone();
    world
        .run(|sqs, tx| sqs.delete_message(queue, &handle, tx))
        .unwrap();
    assert_eq!(world.counts(queue), [0, 0, 0]);
    world.restart();
    assert_eq!(world.counts(queue), [0, 0, 0]);
}

#[test]
fn confirmations_wait_for_durability() {
    let mut world = World::new();
    let queue = world.create("q", &[]);
    world.send(queue, "a");
    let handle = world.receive(queue)[0].receipt_handle.clone();
    let mut delete = || {
        world.run(|sqs, tx| {
            sqs.delete_message(queue, &handle, tx).unwrap();
            (tx.changes.is_empty(), tx.rests_on_earlier)
        })
    };
    assert_eq!(delete(), (false, false));
    // The first deletion may not be durable yet, and a crash would bring the message back.
    assert_eq!(delete(), (true, true));
    let again = world.run(|sqs, tx| {
        let none = Attributes::new();
        sqs.create_queue("q", &none, Attributes::new(), tx).unwrap();
        tx.rests_on_earlier
    });
    assert!(again);
}

#[test]
fn the_fourth_receive_moves_to_the_dlq() {
    let mut world = World::new();
    let (orders, dead) = world.pair();
    let id = world.send(orders, "bad");
    for _ in 0..3 {
        assert_eq!(world.bodies(orders), ["bad"]);
        world.pass(30);
    }
    world.send(orders, "good");
    let one = world.run(|sqs, tx| sqs.receive(orders, 1, None, tx));
    assert_eq!(&*one.unwrap()[0].message.body, "good");
    world.restart();
    let buried = world.receive(dead);
    assert_eq!((buried[0].message.id(), buried[0].receives), (id, 4));
    let source = buried[0].message.dead_letter_source.as_deref();
    assert_eq!(source, Some(&*format!("{ARN}orders")));
}

#[test]
fn only_failed_leases_count() {
    let mut world = World::new();
    let (orders, dead) = world.pair();
    let id = world.send(orders, "a");
    assert_eq!(world.lease(orders)[0].receives, 1);
    world.pass(1000);
    assert_eq!(world.counts(orders), [0, 1, 0]);
    world.restart();
    assert_eq!(world.lease(orders)[0].receives, 1);
    let settle = |world: &mut World, settlement| {
        let outcomes = [(id.clone(), settlement)];
        world.run(|sqs, tx| sqs.settle(orders, &outcomes, tx));
    };
    settle(&mut world, Settlement::Release);
    assert_eq!(world.lease(orders)[0].receives, 1);
    world.pass(10);
    settle(&mut world, Settlement::Fail);
    world.restart();
    world.pass(19);
    assert!(world.lease(orders).is_empty());
    world.pass(1);
    for receives in [2, 3] {
        assert_eq!(world.lease(orders)[0].receives, receives);
        world.pass(40);
        settle(&mut world, Settlement::Fail);
    }
    assert!(world.lease(orders).is_empty());
    assert_eq!(world.counts(dead), [1, 0, 0]);
}

#[test]
fn a_move_task_survives_a_restart() {
    let mut world = World::new();
    let (orders, dead) = world.pair();
    for number in 0..250 {
        world.send(orders, &number.to_string());
    }
    for _ in 0..4 {
        while !world.receive(orders).is_empty() {}
        world.pass(30);
    }
    assert_eq!(world.counts(dead), [250, 0, 0]);
    let dead_arn = format!("{ARN}dead");
    world
        .run(|sqs, tx| sqs.start_task(&dead_arn, None, None, tx))
        .unwrap();
    let mut steps = 0;
    while world
        .sqs
        .next_wakeup()
        .is_some_and(|due| due.0 <= world.lab)
    {
        world.run(Sqs::tick);
        world.restart();
        steps += 1;
    }
    assert_eq!(steps, 3);
    assert_eq!(world.counts(orders), [250, 0, 0]);
    let task = &world
        .sqs
        .list_tasks(&dead_arn, &StaleView::default())
        .unwrap()[0];
    assert_eq!((task.status, task.moved), (TaskStatus::Completed, 250));
    assert_eq!(world.receive(orders)[0].receives, 1);
}

#[test]
fn delay_retention_purge_and_cooldown() {
    let mut world = World::new();
    let queue = world.create(
        "q",
        &[("DelaySeconds", "5"), ("MessageRetentionPeriod", "60")],
    );
    world.send(queue, "a");
    assert_eq!(world.counts(queue), [0, 0, 1]);
    world.restart();
    world.pass(5);
    assert_eq!(world.counts(queue), [1, 0, 0]);
    world.pass(55);
    assert_eq!(world.counts(queue), [0, 0, 0]);
    world.send(queue, "b");
    world.run(|sqs, tx| sqs.purge(queue, tx)).unwrap();
    assert_eq!(world.counts(queue), [0, 0, 0]);
    let again = world.run(|sqs, tx| sqs.purge(queue, tx));
    assert_eq!(again.unwrap_err().code, "PurgeQueueInProgress");
    world.run(|sqs, tx| sqs.delete_queue(queue, tx)).unwrap();
    assert!(world.stored.is_empty());
    let none = Attributes::new();
    let early = world.run(|sqs, tx| sqs.create_queue("q", &none, Attributes::new(), tx));
    assert_eq!(early.unwrap_err().code, "QueueDeletedRecently");
    world.pass(60);
    world.create("q", &[]);
}

#[test]
fn attributes_have_awss_md5() {
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
    let mut world = World::new();
    let queue = world.create("q", &[]);
    world.send(queue, "body");
    let handle = world.receive(queue)[0].receipt_handle.clone();
    for wrong in [format!("{handle}AAAA"), handle[4..].to_owned()] {
        let deleted = world.run(|sqs, tx| sqs.delete_message(queue, &wrong, tx));
        assert_eq!(deleted.unwrap_err().code, "ReceiptHandleIsInvalid");
    }
    assert_eq!(world.counts(queue), [0, 1, 0]);
}

#[test]
fn damaged_files_are_harmless() {
    let mut world = World::new();
    let queue = world.create("q", &[]);
    world.send(queue, "body");
    let itself = RedrivePolicy {
        target: format!("{ARN}q"),
        max_receives: 0,
    };
    world.run(|sqs, tx| {
        let queue = sqs.queue_mut(queue).unwrap();
        queue.settings.redrive = Some(itself);
        tx.changes.push(queue.save());
    });
    world.restart();
    assert_eq!(world.bodies(queue), ["body"]);

    let loaded = Loaded {
        queues: vec![(u32::MAX.to_be_bytes().to_vec(), {
            let mut values = world.stored.iter();
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
