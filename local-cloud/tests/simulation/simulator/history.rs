//! The history of each message as clients saw it: its identity, and what was acknowledged.
//! Unlike the model, it is never rolled back by a crash and does not implement the rules of
//! queues. It checks that the engine keeps what it has acknowledged.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use std::sync::Arc;

use local_cloud::sqs::engine::{Attribute, QueueId};

use super::{CheckResult, ensure};

/// What was sent. Its body starts with a unique number.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) body: Arc<str>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) group: Option<Box<str>>,
    pub(crate) trace: Option<Box<str>>,
    pub(crate) size: usize,
}

/// The history of a message since it was sent. A move task sends a message again, with a new
/// history.
#[derive(Debug)]
pub(crate) struct MessageHistory {
    pub(crate) content: Rc<Content>,
    /// Its id. Of a message that a task has moved, it is only known from the first delivery on.
    pub(crate) id: OnceCell<String>,
    facts: Cell<Facts>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Facts {
    /// How often it was delivered.
    deliveries: u32,
    /// How many deliveries must count: their replies were sent, or their failures are durable.
    counted: u32,
    /// The operation that was acknowledged to hide it, and until which lab time.
    hidden: (u64, u64),
    /// The last operation that may have changed its visibility, acknowledged or not.
    visibility_change: u64,
    /// The run of the process in which a mapping has leased it; 0 if none has.
    leased_in: u64,
    /// Whether its deletion was acknowledged.
    deleted: bool,
}

impl MessageHistory {
    pub(crate) fn new(content: Rc<Content>, id: Option<String>) -> Rc<Self> {
        Rc::new(Self {
            content,
            id: id.map(OnceCell::from).unwrap_or_default(),
            facts: Cell::default(),
        })
    }

    /// Its name in traces.
    pub(crate) fn name(&self) -> &str {
        self.content.body.trim_end_matches('.')
    }

    fn update(&self, change: impl FnOnce(&mut Facts)) {
        let mut facts = self.facts.get();
        change(&mut facts);
        self.facts.set(facts);
    }

    /// Records a delivery to a client or, with `lease`, to a mapping.
    ///
    /// # Errors
    /// The delivery contradicts what was acknowledged.
    pub(crate) fn record_delivery(
        &self,
        receives: u32,
        lab: u64,
        generation: u64,
        lease: bool,
    ) -> CheckResult<()> {
        self.update(|facts| facts.deliveries += 1);
        let (facts, name) = (self.facts.get(), self.name());
        let (operation, until) = facts.hidden;
        ensure!(
            !facts.deleted,
            "{name} is delivered although its deletion was acknowledged"
        );
        ensure!(
            facts.leased_in != generation,
            "{name} is delivered while a mapping has leased it"
        );
        ensure!(
            lab >= until || operation < facts.visibility_change,
            "{name} is delivered at {lab} but hidden until {until}"
        );
        ensure!(
            facts.counted < receives && receives <= facts.deliveries,
            "{name} has a receive count of {receives}: of {} deliveries, {} must count",
            facts.deliveries,
            facts.counted
        );
        if lease {
            self.update(|facts| facts.leased_in = generation);
        }
        Ok(())
    }

    /// A mapping has settled its lease.
    pub(crate) fn release(&self) {
        self.update(|facts| facts.leased_in = 0);
    }

    /// An operation that changes its visibility has begun.
    pub(crate) fn begin_visibility_change(&self, operation: u64) {
        self.update(|facts| facts.visibility_change = operation);
    }

    /// A delivery was acknowledged, so it counts.
    pub(crate) fn confirm_receive(&self) {
        self.update(|facts| facts.counted += 1);
    }

    /// It was acknowledged that the message is hidden until `until`.
    pub(crate) fn confirm_hidden(&self, operation: u64, until: u64) {
        self.update(|facts| facts.hidden = facts.hidden.max((operation, until)));
    }

    /// Forgets an acknowledged visibility timeout that has passed, before lab time goes back.
    pub(crate) fn forget_past_promise(&self, lab: u64) {
        if self.facts.get().hidden.1 <= lab {
            self.update(|facts| facts.hidden.1 = 0);
        }
    }

    /// Its deletion was acknowledged.
    pub(crate) fn confirm_deleted(&self) {
        self.update(|facts| facts.deleted = true);
    }
}

/// A receipt handle that a client was given.
#[derive(Debug, Clone)]
pub(crate) struct Handle {
    pub(crate) queue: QueueId,
    /// Tells apart queues that have the same number before and after a crash.
    pub(crate) incarnation: u64,
    pub(crate) arrival: u64,
    /// The run of the process that gave it.
    pub(crate) generation: u64,
    pub(crate) history: Rc<MessageHistory>,
    pub(crate) text: String,
}
