//! A deterministic simulation of the queue engine with dead-letter queues, move tasks, event
//! source mappings, the journal and crashes. A seed determines a run completely: there are no
//! threads, and both clocks are simulated.
//!
//! A run draws a [`Profile`], then performs one random operation after another. These invariants
//! are checked:
//!
//! - Every reply is the one that a simple reference [`model`] of SQS predicts.
//! - What was acknowledged holds across crashes. The [`history`] of each message records it: a
//!   deleted message does not return, a hidden one is not delivered, and a receive count is
//!   neither too low nor too high.
//! - Counts, attributes and deadlines are the model's, and waiting clients are notified of new
//!   messages ([`checks`]).
//! - In the end every message can be received, and nothing is left in the journal.
//!
//! A command's changes are durable once the [`journal`] has written them. A crash loses any number
//! of the last unacknowledged changes.
//!
//! [`mapping`] reimplements the poll loop of event source mappings, because the real one uses
//! timers and processes. Leases and the handling of partial batch responses are the engine's.

mod checks;
mod history;
mod journal;
mod mapping;
mod messages;
mod model;
mod model_messages;
mod model_tasks;
mod operations;
mod queues;
mod random;
mod time;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use local_cloud::clock::{LabMs, Now, WallMs};
use local_cloud::error::AwsError;
use local_cloud::ids::SeededIds;
use local_cloud::sqs::engine::{Loaded, QueueId, Sqs, Transaction};
use local_cloud::storage::Change;

use history::{Handle, MessageHistory};
use journal::{Batch, Journal};
use mapping::Mapping;
use model::Model;
use random::{Profile, Random};

/// The result of a check; the error says which invariant is violated.
type CheckResult<T> = Result<T, String>;

/// Returns the message as an error unless the condition holds.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+));
        }
    };
}
use ensure;

const ACCOUNT: &str = "000000000000";
const REGION: &str = "us-east-1";
/// How many operations a report shows.
const TRACE_LINES: usize = 30;

/// What a run did.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Stats {
    pub(crate) steps: u64,
    /// Deliveries to clients and mappings.
    pub(crate) deliveries: u64,
    /// Crashes and restarts.
    pub(crate) crashes: u64,
    /// Messages moved to dead-letter queues or by tasks.
    pub(crate) moves: u64,
}

/// A violated invariant.
#[derive(Debug)]
pub(crate) struct Violation {
    /// The seed that reproduces it.
    pub(crate) seed: u64,
    /// The step at which it was found.
    pub(crate) step: u64,
    /// What is wrong.
    pub(crate) what: String,
    /// The last operations before it.
    pub(crate) trace: Vec<String>,
}

impl std::fmt::Display for Violation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            seed, step, what, ..
        } = self;
        for line in &self.trace {
            writeln!(f, "  {line}")?;
        }
        writeln!(f, "seed {seed}, step {step}: {what}")?;
        write!(
            f,
            "run again: cargo run --release -p local-cloud --example simulate -- --seed {seed}"
        )
    }
}

/// Runs one seed, and repeats it with a trace if it fails.
///
/// # Errors
/// The first violated invariant.
pub(crate) fn run(seed: u64) -> Result<Stats, Box<Violation>> {
    attempt(seed, false).or_else(|_| attempt(seed, true))
}

fn attempt(seed: u64, traced: bool) -> Result<Stats, Box<Violation>> {
    let mut simulation = Simulation::new(seed, traced);
    let ran = catch_unwind(AssertUnwindSafe(|| simulation.run()));
    let what = match ran {
        Ok(Ok(())) => return Ok(simulation.stats),
        Ok(Err(what)) => what,
        Err(panic) => {
            let text = panic
                .downcast_ref::<String>()
                .cloned()
                .or_else(|| Some((*panic.downcast_ref::<&str>()?).to_owned()));
            format!("panicked: {}", text.unwrap_or_default())
        }
    };
    let from = simulation.trace.len().saturating_sub(TRACE_LINES);
    Err(Box::new(Violation {
        seed,
        step: simulation.stats.steps,
        what,
        trace: simulation.trace.split_off(from),
    }))
}

/// The changes of a command, and whether its reply waits for the journal.
struct Written {
    changes: Vec<Change>,
    waits: bool,
}

/// The engine, its clients and mappings, and what they know.
struct Simulation {
    engine: Sqs,
    ids: SeededIds,
    rng: Random,
    profile: Profile,
    now: Now,
    journal: Journal,
    model: Model,
    /// The handles that clients have.
    handles: Vec<Handle>,
    /// By message id, for every id seen so far.
    histories: BTreeMap<String, Rc<MessageHistory>>,
    /// By queue name: the last operation whose creation of the queue was acknowledged, and the last
    /// that may have deleted it.
    acknowledged: BTreeMap<String, (u64, u64)>,
    mappings: Vec<Mapping>,
    /// Which run of the process this is, from 1.
    generation: u64,
    /// How many messages clients have made.
    messages_made: u64,
    /// The number of this operation.
    operation: u64,
    stats: Stats,
    traced: bool,
    trace: Vec<String>,
}

impl Simulation {
    fn new(seed: u64, traced: bool) -> Self {
        let mut rng = Random::new(seed);
        let profile = Profile::draw(&mut rng);
        let mappings = (0..profile.mappings)
            .map(|_| Mapping::draw(&mut rng, profile.names))
            .collect();
        Self {
            engine: Sqs::load(ACCOUNT, REGION, Loaded::default()).expect("empty state loads"),
            ids: SeededIds(seed ^ 0x5EED),
            rng,
            profile,
            now: Now {
                wall: WallMs(1_700_000_000_000),
                lab: LabMs(0),
            },
            journal: Journal::default(),
            model: Model::default(),
            handles: Vec::new(),
            histories: BTreeMap::new(),
            acknowledged: BTreeMap::new(),
            mappings,
            generation: 1,
            messages_made: 0,
            operation: 0,
            stats: Stats::default(),
            traced,
            trace: Vec::new(),
        }
    }

    fn run(&mut self) -> CheckResult<()> {
        if self.traced {
            let profile = format!("{:?}", self.profile);
            self.trace.push(profile);
        }
        while self.stats.steps < self.profile.steps {
            self.stats.steps += 1;
            let operation = self.profile.operation(&mut self.rng);
            self.perform(operation)?;
            if self.rng.one_in(self.profile.write_one_in) {
                self.write_all();
            }
            if self.stats.steps.is_multiple_of(self.profile.check_every) {
                self.check()?;
            }
        }
        self.drain()
    }

    /// Runs a command on the engine in a transaction, as the driver does, and checks that waiting
    /// clients are notified of new messages.
    fn command<T>(
        &mut self,
        command: impl FnOnce(&mut Sqs, &mut Transaction<'_>) -> T,
    ) -> CheckResult<(T, Written)> {
        self.operation += 1;
        self.model.advance_to(self.now);
        let ready = |id: &QueueId| Some((*id, self.engine.has_ready(*id)?));
        let before: Vec<_> = self.model.queues.keys().filter_map(ready).collect();
        let mut tx = Transaction::new(self.now, &mut self.ids);
        let reply = command(&mut self.engine, &mut tx);
        let waits = tx.rests_on_earlier || !tx.changes.is_empty();
        let Transaction { changes, woken, .. } = tx;
        for (id, was_ready) in before {
            let is_ready = self.engine.has_ready(id);
            let must_notify = is_ready.is_none_or(|ready| ready && !was_ready);
            ensure!(
                !must_notify || woken.contains(&id),
                "queue {id} notifies nobody: ready {was_ready}, then {is_ready:?}"
            );
        }
        Ok((reply, Written { changes, waits }))
    }

    /// Submits a command's changes to the journal. The reply is sent when they are durable, at once
    /// if there are none. The model must have run the command already.
    fn submit(&mut self, written: Written, reply: impl FnOnce(&mut Self) + 'static) {
        if !written.waits {
            return reply(self);
        }
        self.journal.submit(Batch {
            changes: written.changes,
            after: self.model.clone(),
            reply: Box::new(reply),
        });
    }

    fn write_one(&mut self) {
        if let Some(reply) = self.journal.write() {
            reply(self);
        }
    }

    fn write_all(&mut self) {
        while self.journal.pending() > 0 {
            self.write_one();
        }
    }

    /// Checks that the engine and the model return the same error code, or none.
    fn check_error<T, U>(
        &self,
        operation: &str,
        engine: &Result<T, AwsError>,
        model: &Result<U, &'static str>,
    ) -> CheckResult<()> {
        let actual = engine.as_ref().err().map(|error| &*error.code);
        let expected = model.as_ref().err().copied();
        ensure!(
            actual == expected,
            "{operation} returns {actual:?}, expected {expected:?}"
        );
        Ok(())
    }

    fn note(&mut self, text: impl FnOnce(&Self) -> String) {
        if self.traced {
            let line = format!(
                "{:>5} wall +{} lab {}: {}",
                self.stats.steps,
                self.now.wall.0 - 1_600_000_000_000,
                self.now.lab.0,
                text(self)
            );
            self.trace.push(line);
        }
    }
}
