//! A deterministic simulation of the queue engine and of what leans on it: dead-letter queues,
//! move tasks, event source mappings, the journal and its crashes. Everything follows from one
//! seed. There are no threads and no clock.
//!
//! A run draws a [`Profile`], then does one random operation after another. A [`model`]
//! predicts each reply; a [`ledger`] remembers what clients were promised; [`checks`] compare
//! counts and deadlines. What a command changes is durable only once the [`journal`] has written
//! it, and a crash loses any number of the last writes that nobody was told of.
//!
//! The loop of a mapping (`runtime::functions::poller`) is written out again in [`mapping`],
//! because the real one lives among timers and processes; the engine's leases and the judgement
//! of partial batches are the real ones.

mod chance;
mod checks;
mod journal;
mod ledger;
mod mapping;
mod messages;
mod model;
mod model_messages;
mod model_tasks;
mod operations;
mod queues;
mod time;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use local_cloud::clock::{LabMs, Now, WallMs};
use local_cloud::error::AwsError;
use local_cloud::ids::SeededIds;
use local_cloud::sqs::engine::{Loaded, QueueId, Sqs, Transaction};
use local_cloud::storage::Change;

use chance::{Chance, Profile};
use journal::{Batch, Journal};
use ledger::{Handle, Ident};
use mapping::Mapping;
use model::Model;

/// What a check comes to; an error says what is wrong.
type Outcome<T> = Result<T, String>;

/// Goes on where the condition holds; answers with the message where it does not.
macro_rules! ensure {
    ($condition:expr, $($message:tt)+) => {
        if !$condition {
            return Err(format!($($message)+));
        }
    };
}
use ensure;

/// Whose queues they are.
const ACCOUNT: &str = "000000000000";
/// Where.
const REGION: &str = "us-east-1";
/// How many operations a report shows.
const SHOWN: usize = 30;

/// What a run did.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Done {
    /// Steps.
    pub(crate) steps: u64,
    /// Deliveries to clients and mappings.
    pub(crate) deliveries: u64,
    /// Crashes.
    pub(crate) crashes: u64,
    /// Messages moved to dead-letter queues or by tasks.
    pub(crate) moves: u64,
}

/// A run that found something.
#[derive(Debug)]
pub(crate) struct Violation {
    /// The seed that repeats it.
    pub(crate) seed: u64,
    /// The step at which it was seen.
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
            "again: cargo run --release -p local-cloud --example simulate -- --seed {seed}"
        )
    }
}

/// Runs one seed; a second time, with a trace, when something is wrong.
///
/// # Errors
/// What was found.
pub(crate) fn run(seed: u64) -> Result<Done, Box<Violation>> {
    attempt(seed, false).or_else(|_| attempt(seed, true))
}

fn attempt(seed: u64, traced: bool) -> Result<Done, Box<Violation>> {
    let mut world = World::new(seed, traced);
    let ran = catch_unwind(AssertUnwindSafe(|| world.run()));
    let what = match ran {
        Ok(Ok(())) => return Ok(world.done),
        Ok(Err(what)) => what,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| Some((*panic.downcast_ref::<&str>()?).to_owned()));
            format!("panicked: {}", text.unwrap_or_default())
        }
    };
    let from = world.trace.len().saturating_sub(SHOWN);
    Err(Box::new(Violation {
        seed,
        step: world.done.steps,
        what,
        trace: world.trace.split_off(from),
    }))
}

/// What a command wrote.
struct Written {
    changes: Vec<Change>,
    waits: bool,
}

/// The engine, those who use it, and what they know.
struct World {
    engine: Sqs,
    ids: SeededIds,
    chance: Chance,
    profile: Profile,
    now: Now,
    journal: Journal,
    model: Model,
    /// The handles that clients were given.
    handles: Vec<Handle>,
    /// Everybody whose id was seen.
    known: BTreeMap<String, Rc<Ident>>,
    /// Queue names: the last operation that promised the queue, and the last that may end it.
    promised: BTreeMap<String, (u64, u64)>,
    mappings: Vec<Mapping>,
    /// Which life of the process this is.
    life: u64,
    /// How many messages were made.
    lineages: u64,
    /// The number of this operation.
    operation: u64,
    done: Done,
    traced: bool,
    trace: Vec<String>,
}

impl World {
    fn new(seed: u64, traced: bool) -> Self {
        let mut chance = Chance::new(seed);
        let profile = Profile::draw(&mut chance);
        let mappings = (0..profile.mappings)
            .map(|_| Mapping::draw(&mut chance, profile.names))
            .collect();
        Self {
            engine: Sqs::load(ACCOUNT, REGION, Loaded::default()).expect("nothing can be read"),
            ids: SeededIds(seed ^ 0x5EED),
            chance,
            profile,
            now: Now {
                wall: WallMs(1_700_000_000_000),
                lab: LabMs(0),
            },
            journal: Journal::default(),
            model: Model::default(),
            handles: Vec::new(),
            known: BTreeMap::new(),
            promised: BTreeMap::new(),
            mappings,
            life: 1,
            lineages: 0,
            operation: 0,
            done: Done::default(),
            traced,
            trace: Vec::new(),
        }
    }

    fn run(&mut self) -> Outcome<()> {
        if self.traced {
            let profile = format!("{:?}", self.profile);
            self.trace.push(profile);
        }
        while self.done.steps < self.profile.steps {
            self.done.steps += 1;
            let operation = self.profile.operation(&mut self.chance);
            self.operate(operation)?;
            if self.chance.one_in(self.profile.write_one_in) {
                self.write_all();
            }
            if self.done.steps.is_multiple_of(self.profile.check_every) {
                self.check()?;
            }
        }
        self.drain()
    }

    /// Runs a command on the engine as the driver does: in a tx, of which those who wait for
    /// messages hear.
    fn command<T>(
        &mut self,
        command: impl FnOnce(&mut Sqs, &mut Transaction<'_>) -> T,
    ) -> Outcome<(T, Written)> {
        self.operation += 1;
        self.model.pass(self.now);
        let ready = |id: &QueueId| Some((*id, self.engine.has_ready(*id)?));
        let before: Vec<_> = self.model.queues.keys().filter_map(ready).collect();
        let mut tx = Transaction::new(self.now, &mut self.ids);
        let reply = command(&mut self.engine, &mut tx);
        let waits = tx.rests_on_earlier || !tx.changes.is_empty();
        let Transaction { changes, woken, .. } = tx;
        for (id, was_ready) in before {
            let is_ready = self.engine.has_ready(id);
            let updates = is_ready.is_none_or(|ready| ready && !was_ready);
            ensure!(
                !updates || woken.contains(&id),
                "nobody hears of queue {id}: ready {was_ready}, then {is_ready:?}"
            );
        }
        Ok((reply, Written { changes, waits }))
    }

    /// Hands over what a command wrote; the reply is given when it is durable, at once where
    /// there is nothing to write. The model has followed the command by now.
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
        while self.journal.waiting() > 0 {
            self.write_one();
        }
    }

    /// Whether the engine's reply is the model's, by error code.
    fn agree<T, U>(
        &self,
        of: &str,
        engine: &Result<T, AwsError>,
        model: &Result<U, &'static str>,
    ) -> Outcome<()> {
        let engine = engine.as_ref().err().map(|error| &*error.code);
        let model = model.as_ref().err().copied();
        ensure!(engine == model, "{of} answers {engine:?}, should {model:?}");
        Ok(())
    }

    fn note(&mut self, text: impl FnOnce(&Self) -> String) {
        if self.traced {
            let line = format!(
                "{:>5} wall +{} lab {}: {}",
                self.done.steps,
                self.now.wall.0 - 1_600_000_000_000,
                self.now.lab.0,
                text(self)
            );
            self.trace.push(line);
        }
    }
}
