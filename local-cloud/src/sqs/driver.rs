//! The SQS driver: the queue engine with a clock, durable state, long polls, move tasks, and leases
//! for event source mappings.

mod state;
mod timeline;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;

use crate::clock::{Clock, LabMs};
use crate::error::AwsError;
use crate::faults::{FaultInjector, TagUpdates};
use crate::runtime_context::RuntimeContext;
use crate::sqs::engine::{
    Attributes, DELIVERIES, Loaded, MESSAGES, Propagation, PropagationTimes, QUEUES, Received, Sqs,
    StaleView, TASKS, Transaction, Update, error,
};
use crate::storage::StorageError;
use crate::storage::journal::Journal;

use state::State;

pub use crate::sqs::engine::{Leased, LeasedAttribute, Settlement};

/// What an event source mapping needs to know of its queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueInfo {
    /// The visibility timeout in seconds.
    pub visibility_timeout: u32,
}

/// The parameters of a receive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ReceiveRequest {
    /// The maximum number of messages.
    pub(crate) max: usize,
    /// For how many seconds they are hidden; `None` for the queue's visibility timeout.
    pub(crate) visibility: Option<u32>,
    /// For how many seconds of wall time to wait; `None` for the queue's wait time.
    pub(crate) wait: Option<u32>,
}

/// All queues. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Queues {
    clock: Arc<Clock>,
    journal: Journal,
    faults: Arc<FaultInjector>,
    tag_updates: Arc<TagUpdates>,
    state: Mutex<State>,
    timer: Arc<Notify>,
    /// Notified when a queue was created.
    created: Arc<Notify>,
}

impl Drop for Queues {
    fn drop(&mut self) {
        // The timer finds the queues gone and ends.
        self.timer.notify_one();
    }
}

impl Queues {
    /// Loads the queues and starts the timer that makes due messages visible. Must be called within a
    /// Tokio runtime.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn open(context: &RuntimeContext) -> Result<Arc<Self>, StorageError> {
        let RuntimeContext {
            location,
            clock,
            journal,
            faults,
            tag_updates,
        } = context.clone();
        let loaded = Loaded {
            queues: journal.load(QUEUES)?,
            messages: journal.load(MESSAGES)?,
            deliveries: journal.load(DELIVERIES)?,
            tasks: journal.load(TASKS)?,
        };
        let engine = Sqs::load(&location.account, &location.region, loaded).map_err(|reason| {
            StorageError::Damaged {
                path: "the cloud's state".to_owned(),
                reason,
            }
        })?;
        let timer = Arc::new(Notify::new());
        let queues = Arc::new(Self {
            clock: Arc::clone(&clock),
            journal,
            faults,
            tag_updates,
            state: Mutex::new(State::new(engine)),
            timer: Arc::clone(&timer),
            created: Arc::default(),
        });
        tokio::spawn(keep_time(Arc::downgrade(&queues), clock, timer));
        Ok(queues)
    }

    /// What a mapping needs to know of the queue with this ARN.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn info(&self, queue_arn: &str) -> Result<QueueInfo, AwsError> {
        let state = self.lock();
        let id = state.engine.by_arn(queue_arn)?;
        Ok(QueueInfo {
            visibility_timeout: state.engine.settings(id)?.visibility_timeout,
        })
    }

    /// The same as one request sees it: a queue that was just created may be unknown, and its
    /// visibility timeout may be an earlier one.
    ///
    /// # Errors
    /// `QueueDoesNotExist`.
    pub fn info_as_seen(&self, queue_arn: &str) -> Result<QueueInfo, AwsError> {
        self.read_as_seen(|engine, view| {
            let id = engine.by_arn(queue_arn)?;
            if !view.knows(id) {
                return Err(error::no_queue());
            }
            let settings = match view.earlier_settings(id) {
                Some(earlier) => earlier,
                None => engine.settings(id)?,
            };
            Ok(QueueInfo {
                visibility_timeout: settings.visibility_timeout,
            })
        })
    }

    /// Leases up to `max` visible messages (at most 10,000) whose bodies and attributes have at most
    /// `max_bytes` in total. Returns at once, with none where there are none. Messages that were
    /// received too often move to the dead-letter queue instead and do not count towards `max`.
    ///
    /// # Errors
    /// `QueueDoesNotExist`; `InternalFailure` when a move could not be made durable.
    pub async fn lease(
        &self,
        queue_arn: &str,
        max: usize,
        max_bytes: usize,
    ) -> Result<Vec<Leased>, AwsError> {
        let leased = self
            .run(|engine, tx| {
                let id = engine.by_arn(queue_arn)?;
                engine.lease(id, max.min(10_000), max_bytes, tx)
            })
            .await?;
        Ok(leased.into_iter().map(Leased::from).collect())
    }

    /// Ends leases by message id. Messages that are gone are skipped.
    ///
    /// # Errors
    /// `InternalFailure` when it could not be made durable.
    pub async fn settle(
        &self,
        queue_arn: &str,
        outcomes: Vec<(String, Settlement)>,
    ) -> Result<(), AwsError> {
        self.run(|engine, tx| {
            if let Ok(id) = engine.by_arn(queue_arn) {
                engine.settle(id, &outcomes, tx);
            }
            Ok(())
        })
        .await
    }

    /// Resolves when the queue has a visible message, at once when it has one. The queue may be created
    /// meanwhile. Cancel-safe. Of several waiters, one may find that another took the message.
    pub async fn visible(&self, queue_arn: &str) {
        loop {
            let notifier = {
                let mut state = self.lock();
                // Created under the lock, so that no notification is missed.
                match state.engine.by_arn(queue_arn) {
                    Err(_) => Arc::clone(&self.created).notified_owned(),
                    Ok(id) if state.engine.has_ready(id) == Some(true) => return,
                    Ok(id) => state.notifier(id).notified_owned(),
                }
            };
            notifier.await;
        }
    }

    /// Receives messages, and waits for the first one where there is none.
    ///
    /// # Errors
    /// `QueueDoesNotExist`, `OverLimit` (only without a wait), `InternalFailure`.
    pub(crate) async fn receive(
        &self,
        name: &str,
        request: ReceiveRequest,
    ) -> Result<Vec<Received>, AwsError> {
        let (id, wait) = self.read_as_seen(|engine, view| {
            let id = engine.seen(name, view)?;
            let own = engine.settings(id)?.wait;
            Ok((id, request.wait.unwrap_or(own)))
        })?;
        let end = tokio::time::sleep(Duration::from_secs(wait.into()));
        tokio::pin!(end);
        loop {
            let notifier = self.lock().notifier(id).notified_owned();
            let received = self
                .run(|engine, tx| engine.receive(id, request.max, request.visibility, tx))
                .await;
            match received {
                Err(error) if error.code == "OverLimit" && wait > 0 => {}
                Ok(received) if received.is_empty() && wait > 0 => {}
                other => return other,
            }
            tokio::select! {
                () = notifier => {}
                () = &mut end => return Ok(Vec::new()),
            }
        }
    }

    /// The named attributes of a queue, as one request sees them.
    ///
    /// # Errors
    /// `QueueDoesNotExist`, `InvalidAttributeName`.
    pub(crate) async fn attributes(
        &self,
        name: &str,
        names: &[String],
    ) -> Result<Attributes, AwsError> {
        let (id, attributes, now) = self
            .run(|engine, tx| {
                let id = engine.seen(name, &tx.view)?;
                Ok((id, engine.attributes(id, names, tx)?, tx.now.lab))
            })
            .await?;
        let delay_ms = self.faults.delay(|delays| delays.counts);
        let counts = &mut self.lock().counts;
        Ok(counts.stale(id, attributes, delay_ms, now))
    }

    /// Reads the queues.
    ///
    /// # Errors
    /// Those of `read`.
    pub(crate) fn read<T>(
        &self,
        read: impl FnOnce(&Sqs) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        read(&self.lock().engine)
    }

    /// Reads the queues as one request sees them.
    ///
    /// # Errors
    /// Those of `read`.
    pub(crate) fn read_as_seen<T>(
        &self,
        read: impl FnOnce(&Sqs, &StaleView) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        let mut state = self.lock();
        let view = self.view(&mut state.propagation);
        read(&state.engine, &view)
    }

    fn view(&self, propagation: &mut Propagation) -> StaleView {
        propagation.view(self.clock.now().lab, || self.faults.is_behind())
    }

    /// How long updates take that are made now.
    fn propagation_times(&self) -> PropagationTimes {
        PropagationTimes {
            queue_ms: self.faults.delay(|delays| delays.queue),
            attributes_ms: self.faults.delay(|delays| delays.attributes),
            task_ms: self.faults.delay(|delays| delays.task),
        }
    }

    /// Runs a command, and waits until its changes, or those that its reply confirms, are durable.
    ///
    /// # Errors
    /// Those of the command; `InternalFailure` when its changes could not be written.
    pub(crate) async fn run<T>(
        &self,
        command: impl FnOnce(&mut Sqs, &mut Transaction<'_>) -> Result<T, AwsError>,
    ) -> Result<T, AwsError> {
        let delivery_faults = self.faults.deliveries();
        let (reply, durable) = {
            let mut state = self.lock();
            let now = self.clock.now();
            let State {
                engine,
                ids,
                propagation,
                ..
            } = &mut *state;
            let mut tx = Transaction::new(now, ids);
            tx.delivery_faults = delivery_faults;
            tx.view = self.view(propagation);
            let created = engine.created();
            let reply = command(engine, &mut tx);
            if engine.created() != created {
                self.created.notify_waiters();
            }
            let waits = tx.rests_on_earlier || !tx.changes.is_empty();
            let Transaction {
                changes,
                woken,
                updates,
                ..
            } = tx;
            for update in updates {
                if let Update::Tagged(arn, earlier) = update {
                    self.tag_updates.record(arn, earlier);
                    continue;
                }
                propagation.record(update, self.propagation_times(), now.lab);
            }
            let durable = waits.then(|| self.journal.submit(changes));
            state.notify(woken);
            if state.is_due_before_timer() {
                self.timer.notify_one();
            }
            (reply, durable)
        };
        if let Some(durable) = durable {
            durable
                .await
                .map_err(|reason| AwsError::internal(reason.to_string()))?;
        }
        reply
    }

    /// Does what is due; returns when something is due next.
    async fn tick(&self) -> Result<Option<LabMs>, AwsError> {
        self.catch_up().await?;
        let mut state = self.lock();
        state.armed = state.engine.next_wakeup();
        Ok(state.armed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Sleeps from one due moment to the next as long as the queues exist; without a due moment, until a
/// command brings one.
async fn keep_time(queues: Weak<Queues>, clock: Arc<Clock>, timer: Arc<Notify>) {
    loop {
        let due = match queues.upgrade() {
            None => return,
            Some(queues) => queues.tick().await,
        };
        match due {
            Ok(Some(due)) => tokio::select! {
                () = clock.sleep_until(due) => {}
                () = timer.notified() => {}
            },
            Ok(None) => timer.notified().await,
            // The journal has failed, and the cloud stops.
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests;
