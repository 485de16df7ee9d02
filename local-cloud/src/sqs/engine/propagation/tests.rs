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
const ARRIVAL: u64 = 1000;

struct World {
    sqs: Sqs,
    propagation: Propagation,
    times: PropagationTimes,
    lab: u64,
    /// Whether requests come to somebody who is behind.
    behind: bool,
}

impl World {
    fn new() -> Self {
        Self {
            sqs: Sqs::load("000000000000", "us-east-1", Loaded::default()).unwrap(),
            propagation: Propagation::default(),
            times: TIMES,
            lab: 0,
            behind: true,
        }
    }

    fn run<T>(&mut self, command: impl FnOnce(&mut Sqs, &mut Transaction<'_>) -> T) -> T {
        let now = Now {
            wall: WallMs(0),
            lab: LabMs(self.lab),
        };
        let mut ids = SeededIds(self.lab);
        let mut tx = Transaction::new(now, &mut ids);
        tx.view = self.propagation.view(now.lab, || self.behind);
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
        let told = self.run(|sqs, tx| sqs.attributes(id, &names, tx));
        told.unwrap().remove(name)
    }

    /// A queue whose dead-letter queue `dead` holds one message.
    fn with_letter(&mut self) {
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
fn a_new_queue_is_not_known_everywhere_for_a_moment() {
    let mut world = World::new();
    let id = world.create("dead", &Attributes::new()).unwrap();
    assert_eq!(world.seen("dead").unwrap_err().code, "QueueDoesNotExist");
    let refused = world.create("q", &redrive("dead")).unwrap_err();
    assert_eq!(
        refused.message,
        format!(
            "Value {} for parameter RedrivePolicy is invalid. Reason: Dead letter target does not \
             exist.",
            redrive("dead")["RedrivePolicy"]
        )
    );
    world.behind = false;
    assert_eq!(world.seen("dead").unwrap(), id, "others know it");
    world.behind = true;
    world.lab = ARRIVAL;
    assert_eq!(world.seen("dead").unwrap(), id);
    world.create("q", &redrive("dead")).unwrap();
}

#[test]
fn a_deleted_queue_seems_to_be_there_for_a_moment() {
    let mut world = World::new();
    let id = world.create("q", &Attributes::new()).unwrap();
    world.run(|sqs, tx| sqs.delete_queue(id, tx)).unwrap();
    let still = |world: &mut World| world.run(|_, tx| tx.view.still_has("q"));
    assert!(still(&mut world));
    assert_eq!(world.seen("q").unwrap_err().code, "QueueDoesNotExist");
    world.lab = ARRIVAL;
    assert!(!still(&mut world));
}

#[test]
fn changed_attributes_are_told_as_they_were_for_a_moment() {
    let mut world = World::new();
    world.times = PropagationTimes::default();
    let id = world.create("q", &Attributes::new()).unwrap();
    world.create("dead", &Attributes::new()).unwrap();
    world.times = TIMES;
    for attributes in [timeout(60), timeout(90), redrive("dead")] {
        let set = world.run(|sqs, tx| sqs.set_attributes(id, &attributes, tx));
        set.unwrap();
    }
    let told = |world: &mut World| {
        let timeout = world.attribute(id, "VisibilityTimeout").unwrap();
        (timeout, world.attribute(id, "RedrivePolicy").is_some())
    };
    assert_eq!(told(&mut world), ("30".to_owned(), false));
    world.behind = false;
    assert_eq!(told(&mut world), ("90".to_owned(), true));
    world.behind = true;
    world.lab = ARRIVAL;
    assert_eq!(told(&mut world), ("90".to_owned(), true));
}

#[test]
fn a_move_task_is_listed_late_and_its_count_is_late_too() {
    let mut world = World::new();
    world.with_letter();
    let dead = format!("{ARN}dead");
    let started = world.run(|sqs, tx| sqs.start_task(&dead, None, None, tx));
    started.unwrap();
    let listed = |world: &mut World| {
        let tasks = world.run(|sqs, tx| sqs.list_tasks(&dead, &tx.view).unwrap());
        let told = |task: super::super::TaskView| (task.status.name(), task.moved);
        tasks.into_iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(listed(&mut world), []);
    world.lab = ARRIVAL;
    assert_eq!(listed(&mut world), [("RUNNING", 0)]);
    let destination = format!("{ARN}q");
    world.run(Sqs::tick);
    // The letter was sent to the dead-letter queue itself: nobody knows where it came from.
    assert_eq!(listed(&mut world), [("FAILED", 0)]);
    let started = world.run(|sqs, tx| sqs.start_task(&dead, Some(destination), None, tx));
    started.unwrap();
    world.run(Sqs::tick);
    world.behind = false;
    assert_eq!(listed(&mut world)[0], ("COMPLETED", 1));
    world.behind = true;
    world.lab += ARRIVAL - 1;
    assert_eq!(listed(&mut world), [("FAILED", 0)], "the one before it");
    world.lab += 1;
    assert_eq!(listed(&mut world)[0], ("COMPLETED", 1));
}

#[test]
fn a_count_of_a_task_that_goes_on_is_counted_anew() {
    let mut propagation = Propagation::default();
    for moved in 0..30 {
        let now = LabMs(moved * 100);
        propagation.record(Update::TaskMoved(1, moved), TIMES, now);
        let told = propagation.view(now, || true).earlier_moved(1).unwrap();
        assert!(moved - told < 10, "{told} of {moved}");
    }
}

#[test]
fn what_takes_no_time_is_known_at_once() {
    let mut world = World::new();
    world.times = PropagationTimes::default();
    let id = world.create("q", &Attributes::new()).unwrap();
    let set = world.run(|sqs, tx| sqs.set_attributes(id, &timeout(60), tx));
    set.unwrap();
    assert_eq!(world.seen("q").unwrap(), id);
    assert_eq!(world.attribute(id, "VisibilityTimeout").unwrap(), "60");
    world.run(|sqs, tx| sqs.delete_queue(id, tx)).unwrap();
    assert!(!world.run(|_, tx| tx.view.still_has("q")));
}
