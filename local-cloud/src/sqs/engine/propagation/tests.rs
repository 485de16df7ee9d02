use super::super::{Attributes, Loaded, Sqs, Transaction};
use super::*;
use crate::clock::{Now, WallMs};
use crate::error::AwsError;
use crate::ids::SeededIds;

const ARN: &str = "arn:aws:sqs:us-east-1:000000000000:";
const TIMES: PropagationTimes = PropagationTimes {
    queue_ms: 1000,
    attributes_ms: 1000,
    task_ms: 1000,
};
const DELAY_MS: u64 = 1000;

struct Harness {
    sqs: Sqs,
    propagation: Propagation,
    times: PropagationTimes,
    lab: u64,
    /// Whether requests get a stale view.
    stale: bool,
}

impl Harness {
    fn new() -> Self {
        Self {
            sqs: Sqs::load("000000000000", "us-east-1", Loaded::default()).unwrap(),
            propagation: Propagation::default(),
            times: TIMES,
            lab: 0,
            stale: true,
        }
    }

    fn run<T>(&mut self, command: impl FnOnce(&mut Sqs, &mut Transaction<'_>) -> T) -> T {
        let now = Now {
            wall: WallMs(0),
            lab: LabMs(self.lab),
        };
        let mut ids = SeededIds(self.lab);
        let mut tx = Transaction::new(now, &mut ids);
        tx.view = self.propagation.view(now.lab, || self.stale);
        let reply = command(&mut self.sqs, &mut tx);
        for update in tx.updates {
            self.propagation.record(update, self.times, now.lab);
        }
        reply
    }

    fn create(&mut self, name: &str, attributes: &Attributes) -> Result<QueueId, AwsError> {
        self.run(|sqs, tx| sqs.create_queue(name, attributes, Attributes::new(), tx))
    }

    fn seen(&mut self, name: &str) -> Result<QueueId, AwsError> {
        self.run(|sqs, tx| sqs.seen(name, &tx.view))
    }

    fn attribute(&mut self, id: QueueId, name: &str) -> Option<String> {
        let names = [name.to_owned()];
        let attributes = self.run(|sqs, tx| sqs.attributes(id, &names, tx));
        attributes.unwrap().remove(name)
    }

    /// A queue whose dead-letter queue `dead` holds one message.
    fn create_dlq_with_message(&mut self) {
        self.times = PropagationTimes::default();
        let dead = self.create("dead", &Attributes::new()).unwrap();
        self.create("q", &redrive("dead")).unwrap();
        let draft = super::super::Draft {
            body: "x".into(),
            attributes: Vec::new(),
            delay_seconds: None,
            group: None,
            trace: None,
            sender: "me".into(),
        };
        self.run(|sqs, tx| sqs.send(dead, draft, tx)).unwrap();
        self.times = TIMES;
    }
}

fn redrive(target: &str) -> Attributes {
    let policy = format!(r#"{{"deadLetterTargetArn":"{ARN}{target}","maxReceiveCount":3}}"#);
    Attributes::from([("RedrivePolicy".to_owned(), policy)])
}

fn timeout(seconds: u32) -> Attributes {
    Attributes::from([("VisibilityTimeout".to_owned(), seconds.to_string())])
}

#[test]
fn new_queue_is_visible_late() {
    let mut harness = Harness::new();
    let id = harness.create("dead", &Attributes::new()).unwrap();
    assert_eq!(harness.seen("dead").unwrap_err().code, "QueueDoesNotExist");
    let refused = harness.create("q", &redrive("dead")).unwrap_err();
    assert_eq!(
        refused.message,
        format!(
            "Value {} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not \
             exist.",
            redrive("dead")["RedrivePolicy"]
        )
    );
    harness.stale = false;
    assert_eq!(harness.seen("dead").unwrap(), id, "current view");
    harness.stale = true;
    harness.lab = DELAY_MS;
    assert_eq!(harness.seen("dead").unwrap(), id);
    harness.create("q", &redrive("dead")).unwrap();
}

#[test]
fn deleted_queue_is_listed_for_a_while() {
    let mut harness = Harness::new();
    let id = harness.create("q", &Attributes::new()).unwrap();
    harness.run(|sqs, tx| sqs.delete_queue(id, tx)).unwrap();
    let still_listed = |harness: &mut Harness| harness.run(|_, tx| tx.view.still_has("q"));
    assert!(still_listed(&mut harness));
    assert_eq!(harness.seen("q").unwrap_err().code, "QueueDoesNotExist");
    harness.lab = DELAY_MS;
    assert!(!still_listed(&mut harness));
}

#[test]
fn changed_attributes_are_visible_late() {
    let mut harness = Harness::new();
    harness.times = PropagationTimes::default();
    let id = harness.create("q", &Attributes::new()).unwrap();
    harness.create("dead", &Attributes::new()).unwrap();
    harness.times = TIMES;
    for attributes in [timeout(60), timeout(90), redrive("dead")] {
        let set = harness.run(|sqs, tx| sqs.set_attributes(id, &attributes, tx));
        set.unwrap();
    }
    let seen = |harness: &mut Harness| {
        let timeout = harness.attribute(id, "VisibilityTimeout").unwrap();
        (timeout, harness.attribute(id, "RedrivePolicy").is_some())
    };
    assert_eq!(seen(&mut harness), ("30".to_owned(), false));
    harness.stale = false;
    assert_eq!(seen(&mut harness), ("90".to_owned(), true));
    harness.stale = true;
    harness.lab = DELAY_MS;
    assert_eq!(seen(&mut harness), ("90".to_owned(), true));
}

#[test]
fn move_task_and_its_count_are_visible_late() {
    let mut harness = Harness::new();
    harness.create_dlq_with_message();
    let dead = format!("{ARN}dead");
    let started = harness.run(|sqs, tx| sqs.start_task(&dead, None, None, tx));
    started.unwrap();
    let listed = |harness: &mut Harness| {
        let tasks = harness.run(|sqs, tx| sqs.list_tasks(&dead, &tx.view).unwrap());
        let summary = |task: super::super::TaskView| (task.status.name(), task.moved);
        tasks.into_iter().map(summary).collect::<Vec<_>>()
    };
    assert_eq!(listed(&mut harness), []);
    harness.lab = DELAY_MS;
    assert_eq!(listed(&mut harness), [("RUNNING", 0)]);
    let destination = format!("{ARN}q");
    harness.run(Sqs::tick);
    // The message was sent to the dead-letter queue directly, so it has no source queue.
    assert_eq!(listed(&mut harness), [("FAILED", 0)]);
    let started = harness.run(|sqs, tx| sqs.start_task(&dead, Some(destination), None, tx));
    started.unwrap();
    harness.run(Sqs::tick);
    harness.stale = false;
    assert_eq!(listed(&mut harness)[0], ("COMPLETED", 1));
    harness.stale = true;
    harness.lab += DELAY_MS - 1;
    assert_eq!(listed(&mut harness), [("FAILED", 0)], "the previous task");
    harness.lab += 1;
    assert_eq!(listed(&mut harness)[0], ("COMPLETED", 1));
}

#[test]
fn stale_count_of_a_task_advances() {
    let mut propagation = Propagation::default();
    for moved in 0..30 {
        let now = LabMs(moved * 100);
        propagation.record(Update::TaskMoved(1, moved), TIMES, now);
        let seen = propagation.view(now, || true).earlier_moved(1).unwrap();
        assert!(moved - seen < 10, "{seen} of {moved}");
    }
}

#[test]
fn zero_delays_are_visible_at_once() {
    let mut harness = Harness::new();
    harness.times = PropagationTimes::default();
    let id = harness.create("q", &Attributes::new()).unwrap();
    let set = harness.run(|sqs, tx| sqs.set_attributes(id, &timeout(60), tx));
    set.unwrap();
    assert_eq!(harness.seen("q").unwrap(), id);
    assert_eq!(harness.attribute(id, "VisibilityTimeout").unwrap(), "60");
    harness.run(|sqs, tx| sqs.delete_queue(id, tx)).unwrap();
    assert!(!harness.run(|_, tx| tx.view.still_has("q")));
}
