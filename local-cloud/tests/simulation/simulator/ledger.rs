//! What clients know for certain, whatever crashes undo: who each message is, and what was
//! acknowledged of it. Unlike the model it is never rolled back, and it knows nothing of how
//! queues work: it holds the engine to its word.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;
use std::sync::Arc;

use local_cloud::sqs::engine::{Attribute, QueueId};

use super::{Outcome, ensure};

/// What was sent. Its body is told apart from every other by the number it starts with.
#[derive(Debug)]
pub(crate) struct Content {
    pub(crate) body: Arc<str>,
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) group: Option<Box<str>>,
    pub(crate) trace: Option<Box<str>>,
    pub(crate) size: usize,
}

/// A message from its sending, or from its move by a task, which sends it anew.
#[derive(Debug)]
pub(crate) struct Ident {
    pub(crate) content: Rc<Content>,
    /// Its id. A task draws it, so it shows at the first delivery only.
    pub(crate) id: OnceCell<String>,
    facts: Cell<Facts>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Facts {
    /// How often it was handed out.
    deliveries: u32,
    /// How many of these count for certain: the reply was given, or the failure written.
    counted: u32,
    /// By which operation it was promised to stay hidden, until when.
    hidden: (u64, u64),
    /// The last operation that may have changed this.
    doubt: u64,
    /// The life of the cloud in which a mapping holds it.
    held: u64,
    /// Whether it was acknowledged that it is gone.
    gone: bool,
}

impl Ident {
    pub(crate) fn new(content: Rc<Content>, id: Option<String>) -> Rc<Self> {
        Rc::new(Self {
            content,
            id: id.map(OnceCell::from).unwrap_or_default(),
            facts: Cell::default(),
        })
    }

    /// Enough to find it in a trace.
    pub(crate) fn name(&self) -> &str {
        self.content.body.trim_end_matches('.')
    }

    fn note(&self, change: impl FnOnce(&mut Facts)) {
        let mut facts = self.facts.get();
        change(&mut facts);
        self.facts.set(facts);
    }

    /// It is handed out, in this life of the cloud, to a mapping or not.
    pub(crate) fn deliver(&self, receives: u32, lab: u64, life: u64, lease: bool) -> Outcome<()> {
        self.note(|facts| facts.deliveries += 1);
        let (facts, name) = (self.facts.get(), self.name());
        let (operation, until) = facts.hidden;
        ensure!(
            !facts.gone,
            "{name} comes back though its end was acknowledged"
        );
        ensure!(
            facts.held != life,
            "{name} is delivered while a mapping holds it"
        );
        ensure!(
            lab >= until || operation < facts.doubt,
            "{name} is delivered at {lab}, hidden until {until}"
        );
        ensure!(
            facts.counted < receives && receives <= facts.deliveries,
            "{name} says that it was received {receives} times: {} count for certain, {} were \
             deliveries",
            facts.counted,
            facts.deliveries
        );
        if lease {
            self.note(|facts| facts.held = life);
        }
        Ok(())
    }

    /// A mapping no longer holds it.
    pub(crate) fn release(&self) {
        self.note(|facts| facts.held = 0);
    }

    /// An operation that may show or hide it is under way.
    pub(crate) fn doubt(&self, operation: u64) {
        self.note(|facts| facts.doubt = operation);
    }

    /// It was acknowledged that a delivery of it counts.
    pub(crate) fn counts(&self) {
        self.note(|facts| facts.counted += 1);
    }

    /// It was acknowledged that it is hidden until then.
    pub(crate) fn hides(&self, operation: u64, until: u64) {
        self.note(|facts| facts.hidden = facts.hidden.max((operation, until)));
    }

    /// A promise to hide it that is over by now does not come back with an earlier time.
    pub(crate) fn forget_promise(&self, lab: u64) {
        if self.facts.get().hidden.1 <= lab {
            self.note(|facts| facts.hidden.1 = 0);
        }
    }

    /// It was acknowledged that it is gone.
    pub(crate) fn is_gone(&self) {
        self.note(|facts| facts.gone = true);
    }
}

/// A receipt handle that a client was given.
#[derive(Debug, Clone)]
pub(crate) struct Handle {
    pub(crate) queue: QueueId,
    /// Which queue of that number: they are told apart across crashes.
    pub(crate) incarnation: u64,
    pub(crate) arrival: u64,
    /// In which life of the cloud it was given.
    pub(crate) life: u64,
    pub(crate) ident: Rc<Ident>,
    pub(crate) text: String,
}
