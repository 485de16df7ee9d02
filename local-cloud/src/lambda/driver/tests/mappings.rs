//! Mappings at work: real messages, real processes.

use std::collections::BTreeSet;
use std::time::Duration;

use super::*;
use crate::faults::{ChaosProfile, Span};
use crate::lambda::engine::{FilterCriteria, FunctionState, MappingSettings, NewMapping};
use crate::lambda::event_source_mapping::Batch;
use crate::sqs::engine::{Attributes, Draft, Sqs, Transaction};

const DEAD_LETTERS: &str = "arn:aws:sqs:us-east-1:000000000000:dl";
const QUEUE: &str = "arn:aws:sqs:us-east-1:000000000000:q";

impl Lab {
    /// A queue that the function's role may read; what was received once goes to `dl`.
    async fn queue(&self) {
        let reading = "arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole";
        let identities = self.functions.identities();
        let attach =
            identities.change(|iam, _, _| iam.attach_policy(Entity::Role("worker"), reading));
        attach.await.unwrap();
        let queues = self.functions.queues();
        let policy = json!({"deadLetterTargetArn": DEAD_LETTERS, "maxReceiveCount": 1});
        let redrive = ("RedrivePolicy".to_owned(), policy.to_string());
        for (name, attributes) in [
            ("dl", Attributes::new()),
            ("q", Attributes::from([redrive])),
        ] {
            let created =
                queues.run(|sqs, tx| sqs.create_queue(name, &attributes, Attributes::new(), tx));
            created.await.unwrap();
        }
    }

    async fn send(&self, bodies: &[&str]) {
        let draft = |body: &&str| Draft {
            body: (*body).into(),
            attributes: Vec::new(),
            delay_seconds: None,
            group: None,
            trace: None,
            sender: "me".into(),
        };
        let send = |sqs: &mut Sqs, tx: &mut Transaction<'_>| {
            let id = sqs.by_name("q")?;
            for draft in bodies.iter().map(draft) {
                sqs.send(id, draft, tx)?;
            }
            Ok(())
        };
        self.functions.queues().run(send).await.unwrap();
    }

    /// How many messages are visible, and how many in flight.
    async fn counts(&self, queue: &str) -> [String; 2] {
        let names = [
            "ApproximateNumberOfMessages".to_owned(),
            "ApproximateNumberOfMessagesNotVisible".to_owned(),
        ];
        let read = |sqs: &mut Sqs, tx: &mut Transaction<'_>| {
            let id = sqs.by_name(queue)?;
            let mut all = sqs.attributes(id, &names, tx)?;
            Ok(names.clone().map(|name| all.remove(&name).unwrap()))
        };
        self.functions.queues().run(read).await.unwrap()
    }

    async fn mapping(&self, settings: MappingSettings) -> String {
        let new = NewMapping {
            queue_arn: QUEUE.to_owned(),
            visibility_timeout: Some(30),
            function: "f".to_owned(),
            settings,
            ..NewMapping::default()
        };
        let created = self
            .functions
            .change(|registry, now, ids| registry.create_mapping(new, now, ids));
        created.await.unwrap().uuid
    }

    fn record(&self) -> String {
        self.home.path().join("events").display().to_string()
    }

    /// How often the first messages of the batches that came to the function had been received.
    fn receives(&self) -> Vec<String> {
        let events = std::fs::read_to_string(self.record()).unwrap_or_default();
        let receives = |line: &str| {
            let event: Value = serde_json::from_str(line).unwrap();
            let attributes = &event["Records"][0]["attributes"];
            attributes["ApproximateReceiveCount"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        events.lines().map(receives).collect()
    }

    /// The bodies that came to the function, in batches.
    fn batches(&self) -> Vec<BTreeSet<String>> {
        let events = std::fs::read_to_string(self.record()).unwrap_or_default();
        let bodies = |line: &str| {
            let event: Value = serde_json::from_str(line).unwrap();
            let records = event["Records"].as_array().unwrap().iter();
            records
                .map(|record| record["body"].as_str().unwrap().to_owned())
                .collect()
        };
        events.lines().map(bodies).collect()
    }

    async fn reserve(&self, reserved: Option<u32>) {
        let functions = &self.functions;
        let reserve =
            functions.change(|registry, _, ids| registry.reserve_concurrency("f", reserved, ids));
        reserve.await.unwrap();
    }

    async fn until_empty(&self) {
        self.until_counts("q", ["0", "0"]).await;
    }

    async fn until_counts(&self, queue: &str, wanted: [&str; 2]) {
        let wait = async {
            while self.counts(queue).await != wanted {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        let limit = Duration::from_secs(30);
        tokio::time::timeout(limit, wait).await.unwrap();
    }
}

#[tokio::test]
async fn filtered_messages_are_deleted_unseen() {
    let lab = Lab::start().await;
    let record = lab.record();
    lab.function("bootstrap", &[("RECORD", &record)], 10).await;
    lab.queue().await;
    lab.send(&[r#"{"n":1}"#, "plain", r#"{"n":2}"#, r#"{"n":3}"#])
        .await;
    let patterns = [r#"{"body":{"n":[1]}}"#, r#"{"body":{"n":[3]}}"#]
        .map(ToOwned::to_owned)
        .to_vec();
    lab.mapping(MappingSettings {
        filters: Some(FilterCriteria::parse(patterns).unwrap()),
        ..MappingSettings::default()
    })
    .await;
    lab.until_empty().await;
    let seen = ["{\"n\":1}", "{\"n\":3}"].map(ToOwned::to_owned);
    assert_eq!(lab.batches(), [BTreeSet::from(seen)]);
    lab.send(&["plain", "plain"]).await;
    lab.until_empty().await;
    assert_eq!(lab.batches().len(), 1);
}

#[tokio::test]
async fn pollers_wait_for_a_queue() {
    let lab = Lab::start().await;
    let record = lab.record();
    lab.function("bootstrap", &[("RECORD", &record)], 10).await;
    let queues = lab.functions.queues();
    let waiting = queues.visible(QUEUE);
    tokio::pin!(waiting);
    tokio::select! {
        biased;
        () = &mut waiting => panic!("there is no queue"),
        () = lab.queue() => {}
    }
    lab.send(&["x"]).await;
    waiting.await;
    lab.mapping(MappingSettings::default()).await;
    lab.until_empty().await;
    assert_eq!(lab.batches(), [BTreeSet::from(["x".to_owned()])]);
}

#[tokio::test]
async fn throttled_batches_retry_until_visible_again() {
    let lab = Lab::start().await;
    let record = lab.record();
    lab.function("bootstrap", &[("RECORD", &record)], 10).await;
    lab.queue().await;
    lab.reserve(Some(0)).await;
    lab.mapping(MappingSettings::default()).await;
    lab.send(&["x"]).await;
    lab.until_counts("q", ["0", "1"]).await;
    lab.reserve(None).await;
    lab.until_empty().await;
    assert_eq!(lab.receives(), ["1"]);

    lab.reserve(Some(0)).await;
    lab.send(&["y"]).await;
    lab.until_counts("q", ["0", "1"]).await;
    lab.context.clock.skip(Duration::from_secs(31));
    // It was received, though never delivered, as often as it may be.
    lab.until_counts("dl", ["1", "0"]).await;
    assert_eq!(lab.batches().len(), 1);
}

#[tokio::test]
async fn messages_of_a_lost_batch_come_back() {
    let lab = Lab::start().await;
    lab.function("bootstrap", &[], 10).await;
    lab.queue().await;
    let uuid = lab
        .mapping(MappingSettings {
            enabled: Some(false),
            ..MappingSettings::default()
        })
        .await;
    lab.send(&["x"]).await;
    let functions = &lab.functions;
    let messages = functions.queues().lease(QUEUE, 10, 1 << 20).await.unwrap();
    let mapping = functions.read(|registry| registry.mapping(&uuid).unwrap().clone());
    let now = lab.context.clock.now().lab;
    let context = Arc::new(functions.mapping_context());
    drop(Batch::new(context, mapping, messages, now));
    lab.context.clock.skip(Duration::from_secs(31));
    lab.until_counts("q", ["1", "0"]).await;
}

#[tokio::test]
async fn transitions_take_as_long_as_chaos_says() {
    let lab = Lab::start().await;
    let record = lab.record();
    lab.function("bootstrap", &[("RECORD", &record)], 10).await;
    lab.queue().await;
    lab.send(&["x"]).await;
    let functions = &lab.functions;
    let hour = Duration::from_secs(3_600);
    let span = Span {
        least: 3_600_000,
        most: 3_600_000,
    };
    let mut chaos = ChaosProfile::named("off", 1).unwrap();
    chaos.delays.function = span;
    chaos.delays.mapping = span;
    lab.context.faults.set(chaos).await.unwrap();
    let uuid = lab.mapping(MappingSettings::default()).await;
    let wanted = Configuration::default();
    let updated = functions
        .change(|registry, now, ids| registry.update_configuration("f", wanted, None, now, ids));
    updated.await.unwrap();
    let states = || {
        functions.read(|registry| {
            let mapping = registry.mapping(&uuid).map(|one| one.state.name());
            (registry.function("f").unwrap().state, mapping.ok())
        })
    };
    assert_eq!(states(), (FunctionState::Updating, Some("Creating")));
    assert_eq!(lab.counts("q").await, ["1", "0"]);
    lab.context.clock.skip(hour);
    lab.until_empty().await;
    assert_eq!(states().1, Some("Enabled"));
    let deleted = functions.change(|registry, now, _| registry.delete_mapping(&uuid, now));
    deleted.await.unwrap();
    assert_eq!(states().1, Some("Deleting"));
    let mut changed = lab.changed();
    lab.context.clock.skip(hour);
    while states() != (FunctionState::Active, None) {
        changed.changed().await.unwrap();
    }
}
