//! The SQS driver: the queue engine with a clock, durable state, long polls, move tasks and the
//! leases by which event source mappings take messages.
//!
//! One task sleeps until the engine's next deadline; whoever waits for a message waits for its
//! queue's bell, which is rung when something may have become visible there. Nothing polls.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

use crate::clock::{Clock, LabMs, Now};
use crate::engines::sqs::{Engine, error};
pub use crate::engines::sqs::{Leased, MessageAttribute as LeasedAttribute, Settlement};
use crate::error::AwsError;
use crate::ids::{Ids, SystemIds};
use crate::runtime::journal::Journal;
use crate::storage::{Change, StorageError};

/// What a mapping needs to know of its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueFacts {
    /// The visibility timeout in seconds.
    pub visibility_timeout: u32,
}

/// All queues. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Queues {
    clock: Arc<Clock>,
    journal: Journal,
    state: Mutex<State>,
    /// Rung when the next deadline is earlier than the one slept for.
    alarm: Notify,
}

#[derive(Debug)]
struct State {
    engine: Engine,
    ids: SystemIds,
    /// Rung when something may have become visible in the queue of this id, or it was deleted.
    bells: HashMap<u32, Arc<Notify>>,
    /// What the timer sleeps until.
    asleep_until: Option<LabMs>,
}

impl Queues {
    /// Loads the queues and starts the timer that wakes whoever waits for a message.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(
        account: &str,
        region: &str,
        clock: Arc<Clock>,
        journal: Journal,
    ) -> Result<Arc<Self>, StorageError> {
        let damaged = |reason| StorageError::Damaged {
            path: "the cloud's state".to_owned(),
            reason,
        };
        let engine = Engine::load(
            account,
            region,
            |collection| journal.load(collection),
            damaged,
        )?;
        let state = State {
            engine,
            ids: SystemIds,
            bells: HashMap::new(),
            asleep_until: None,
        };
        let queues = Arc::new(Self {
            clock,
            journal,
            state: Mutex::new(state),
            alarm: Notify::new(),
        });
        tokio::spawn(keep_time(Arc::downgrade(&queues)));
        Ok(queues)
    }

    /// Runs one engine command, makes its changes durable, and only then answers. Changes made
    /// before an error (time that passed) are kept like any others.
    ///
    /// # Errors
    /// The command's, or `InternalFailure` when its changes could not be made durable.
    pub(crate) async fn run<T>(
        &self,
        command: impl FnOnce(&mut Engine, Now, &mut dyn Ids, &mut Vec<Change>) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        let (result, durable) = {
            let mut state = self.lock();
            let mut changes = Vec::new();
            let State { engine, ids, .. } = &mut *state;
            let result = command(engine, self.clock.now(), ids, &mut changes);
            let durable = self.journal.submit(changes);
            self.ring(&mut state);
            (result, durable)
        };
        durable
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        result
    }

    /// Facts of the queue with this ARN.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn facts(&self, queue_arn: &str) -> Result<QueueFacts, AwsError> {
        let visibility_timeout = self.lock().engine.visibility_timeout(queue_arn)?;
        Ok(QueueFacts { visibility_timeout })
    }

    /// Takes up to `max` visible messages (at most 10 000) whose bodies and attributes come to
    /// at most `max_bytes`; returns at once, with none where there are none. Messages that have
    /// been received too often move to the dead-letter queue instead and take no place.
    ///
    /// # Errors
    /// `QueueDoesNotExist`, and `InternalFailure` when a move could not be made durable.
    pub async fn lease(
        &self,
        queue_arn: &str,
        max: usize,
        max_bytes: usize,
    ) -> Result<Vec<Leased>, AwsError> {
        self.run(|engine, now, ids, changes| {
            let (_, name) = engine.find(queue_arn)?;
            engine.lease(&name, max.min(10_000), max_bytes, now, ids, changes)
        })
        .await
    }

    /// Ends leases, by message id. What is no longer there is passed over.
    ///
    /// # Errors
    /// `InternalFailure` when it could not be made durable.
    pub async fn settle(
        &self,
        queue_arn: &str,
        outcomes: Vec<(String, Settlement)>,
    ) -> Result<(), AwsError> {
        self.run(|engine, now, _, changes| {
            let (_, name) = engine.find(queue_arn)?;
            engine.settle(&name, &outcomes, now, changes)
        })
        .await
    }

    /// Resolves when the queue has something to lease (at once when it has already), or when it
    /// is not there. Cancel-safe; many may wait, and one may find that another was quicker.
    pub async fn visible(&self, queue_arn: &str) {
        loop {
            let Ok(bell) = self.bell(queue_arn) else {
                return;
            };
            let mut rung = std::pin::pin!(bell.notified());
            // From here on no ring is missed, so what the look below does not see, the bell tells.
            rung.as_mut().enable();
            let seen = self
                .run(|engine, now, _, changes| {
                    let (_, name) = engine.find(queue_arn)?;
                    engine.has_visible(&name, now, changes)
                })
                .await;
            match seen {
                Ok(false) => rung.await,
                _ => return,
            }
        }
    }

    /// The bell of the queue with this ARN.
    fn bell(&self, queue_arn: &str) -> Result<Arc<Notify>, AwsError> {
        let mut state = self.lock();
        let (id, _) = state
            .engine
            .find(queue_arn)
            .map_err(|_| error::queue_does_not_exist())?;
        Ok(Arc::clone(state.bells.entry(id).or_default()))
    }

    /// Rings the bells of the queues in which something changed, and the timer's if need be.
    fn ring(&self, state: &mut State) {
        for id in state.engine.take_awakened() {
            if let Some(bell) = state.bells.get(&id) {
                bell.notify_waiters();
                if Arc::strong_count(bell) == 1 {
                    state.bells.remove(&id);
                }
            }
        }
        let next = state.engine.next_wakeup();
        if next.is_some_and(|next| state.asleep_until.is_none_or(|asleep| next < asleep)) {
            state.asleep_until = next;
            self.alarm.notify_one();
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sleeps until the engine has something to do, for as long as the queues are there.
async fn keep_time(queues: Weak<Queues>) {
    loop {
        let Some(queues) = queues.upgrade() else {
            return;
        };
        let next = {
            let mut state = queues.lock();
            state.asleep_until = state.engine.next_wakeup();
            state.asleep_until
        };
        match next {
            Some(deadline) if deadline > queues.clock.now().lab => tokio::select! {
                () = queues.clock.sleep_until(deadline) => {}
                () = queues.alarm.notified() => {}
            },
            Some(_) => {}
            None => queues.alarm.notified().await,
        }
        let ticked = queues.run(|engine, now, ids, changes| {
            engine.tick(now, ids, changes);
            Ok(())
        });
        if let Err(problem) = ticked.await {
            tracing::error!(%problem, "the queues' time stands still");
            return;
        }
    }
}
