//! Move tasks, which send the messages of a dead-letter queue again, step by step. Each step is one
//! list of changes that includes the task's record, so a task goes on after a restart and neither
//! loses nor duplicates a message.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::codec::{self, TASKS};
use super::message::Message;
use super::queue::{QueueId, State};
use super::{Sqs, StaleView, Transaction, Update, error};
use crate::clock::{LabMs, WallMs};
use crate::error::AwsError;
use crate::storage::Change;

/// How many messages one step moves where the task has no rate.
const CHUNK: u32 = 100;

/// How many tasks of a queue are kept.
const REMEMBERED: usize = 10;

/// How many tasks may run at a time.
const MAX_RUNNING: usize = 100;

/// A task's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum TaskStatus {
    /// It is moving messages.
    Running,
    /// It has moved all messages.
    Completed,
    /// It was cancelled.
    Cancelled,
    /// It could not go on.
    Failed,
}

impl TaskStatus {
    /// AWS's name of the status.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "RUNNING",
            Self::Completed => "COMPLETED",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
        }
    }
}

/// A stored task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Task {
    handle: String,
    source: QueueId,
    source_arn: String,
    destination_arn: Option<String>,
    rate: Option<u32>,
    status: TaskStatus,
    started: WallMs,
    moved: u64,
    to_move: u64,
    failure: Option<String>,
    next: LabMs,
    /// It moves messages before this sequence number. Later ones, such as the same messages after
    /// another failure, stay.
    pub(super) before: u64,
}

/// A task as clients see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskView {
    /// The handle, while the task runs.
    pub handle: Option<String>,
    /// The dead-letter queue.
    pub source_arn: String,
    /// Where messages go; `None` for the queues that they came from.
    pub destination_arn: Option<String>,
    /// The maximum number of messages per second.
    pub rate: Option<u32>,
    /// The status.
    pub status: TaskStatus,
    /// When the task was started.
    pub started: WallMs,
    /// How many messages the task has moved.
    pub moved: u64,
    /// How many messages there were when it was started.
    pub to_move: u64,
    /// Why the task failed.
    pub failure: Option<String>,
}

impl Task {
    pub(super) fn next_step(&self) -> Option<LabMs> {
        (self.status == TaskStatus::Running).then_some(self.next)
    }

    fn save(&self, number: u64) -> Change {
        Change::put(TASKS, number.to_be_bytes(), codec::to_json(self))
    }
}

impl Sqs {
    /// Starts to move the messages of a dead-letter queue; returns the task's handle.
    ///
    /// # Errors
    /// `ResourceNotFoundException` and `InvalidParameterValue`.
    pub fn start_task(
        &mut self,
        source_arn: &str,
        destination_arn: Option<String>,
        rate: Option<i64>,
        tx: &mut Transaction<'_>,
    ) -> Result<String, AwsError> {
        let source = self.task_source(source_arn)?;
        if self.dead_letter_sources(source)?.is_empty() {
            return Err(error::invalid(
                "Source queue must be configured as a Dead Letter Queue.",
            ));
        }
        if let Some(arn) = &destination_arn {
            self.by_arn(arn)
                .map_err(|_| error::no_such_arn("DestinationArn"))?;
            if arn == source_arn {
                return Err(error::invalid(
                    "Source queue arn and destination queue arn cannot be the same.",
                ));
            }
        }
        let rate = rate.map(checked_rate).transpose()?;
        let running = || {
            self.tasks
                .values()
                .filter(|task| task.next_step().is_some())
        };
        if running().any(|task| task.source == source) {
            return Err(error::invalid(
                "There is already a task running. Only one active task is allowed for a source \
                 queue arn at a given time.",
            ));
        }
        if running().count() >= MAX_RUNNING {
            return Err(error::invalid("At most 100 tasks can run at a time."));
        }
        self.queue_mut(source)?.advance(tx);
        let queue = self.queue(source)?;
        let number = self.next_task;
        let id = tx.ids.uuid();
        let handle = format!(r#"{{"taskId":"{id}","sourceArn":"{source_arn}"}}"#);
        let task = Task {
            handle: BASE64.encode(handle),
            source,
            source_arn: source_arn.to_owned(),
            destination_arn,
            rate,
            status: TaskStatus::Running,
            started: tx.now.wall,
            moved: 0,
            to_move: queue.ready.len() as u64,
            failure: None,
            next: tx.now.lab,
            before: self.next_sequence,
        };
        let handle = task.handle.clone();
        tx.changes.push(task.save(number));
        tx.updates.push(Update::TaskStarted(number));
        self.next_task += 1;
        self.tasks.insert(number, task);
        self.forget_tasks(source, REMEMBERED, tx);
        Ok(handle)
    }

    /// The tasks of a queue that a request sees, newest first.
    ///
    /// # Errors
    /// `ResourceNotFoundException`.
    pub fn list_tasks(
        &self,
        source_arn: &str,
        view: &StaleView,
    ) -> Result<Vec<TaskView>, AwsError> {
        let source = self.task_source(source_arn)?;
        let tasks = self.tasks.iter().rev();
        let tasks = tasks.filter(|(number, task)| task.source == source && view.lists(**number));
        let shown = tasks.map(|(number, task)| {
            let moved = view.earlier_moved(*number).unwrap_or(task.moved);
            shown(task, moved)
        });
        Ok(shown.collect())
    }

    /// Cancels a running task; returns how many messages it has moved.
    ///
    /// # Errors
    /// `ResourceNotFoundException`, and `InvalidParameterValue` for an invalid handle.
    pub fn cancel_task(&mut self, handle: &str, tx: &mut Transaction<'_>) -> Result<u64, AwsError> {
        self.task_source(&source_of(handle)?)?;
        let mut running = self.tasks.iter_mut();
        let (number, task) = running
            .find(|(_, task)| task.handle == handle && task.next_step().is_some())
            .ok_or_else(|| error::not_found("Task does not exist."))?;
        task.status = TaskStatus::Cancelled;
        tx.changes.push(task.save(*number));
        Ok(task.moved)
    }

    /// Runs one step of each task that is due.
    pub(super) fn step_tasks(&mut self, tx: &mut Transaction<'_>) {
        let due = |task: &Task| task.next_step().is_some_and(|next| next <= tx.now.lab);
        let numbers: Vec<u64> = self
            .tasks
            .iter()
            .filter(|(_, task)| due(task))
            .map(|(number, _)| *number)
            .collect();
        for number in numbers {
            if let Some(mut task) = self.tasks.remove(&number) {
                let before = task.moved;
                self.step(&mut task, tx);
                if task.moved != before {
                    tx.updates.push(Update::TaskMoved(number, before));
                }
                tx.changes.push(task.save(number));
                self.tasks.insert(number, task);
            }
        }
    }

    fn step(&mut self, task: &mut Task, tx: &mut Transaction<'_>) {
        for _ in 0..task.rate.unwrap_or(CHUNK) {
            match self.move_one(task, tx) {
                Ok(true) => task.moved += 1,
                Ok(false) => {
                    task.status = TaskStatus::Completed;
                    return;
                }
                Err(reason) => {
                    task.status = TaskStatus::Failed;
                    task.failure = Some(reason.to_owned());
                    return;
                }
            }
        }
        if task.rate.is_some() {
            task.next = tx.now.lab.plus_seconds(1);
        }
    }

    /// Moves one message; `false` when none is left.
    fn move_one(&mut self, task: &Task, tx: &mut Transaction<'_>) -> Result<bool, &'static str> {
        const GONE: &str = "AWS.SimpleQueueService.NonExistentQueue";
        let source = self.queues.get_mut(&task.source).ok_or(GONE)?;
        source.advance(tx);
        let next = source.ready.first().copied();
        let Some(sequence) = next.filter(|sequence| *sequence < task.before) else {
            return Ok(false);
        };
        let entry = source.messages.get(&sequence).ok_or(GONE)?;
        let origin = entry.message.dead_letter_source.as_deref();
        let target = task.destination_arn.as_deref().or(origin);
        let target = target.ok_or("CouldNotDetermineMessageSource")?.to_owned();
        let target = self.by_arn(&target).map_err(|_| GONE)?;
        let source = self.queues.get_mut(&task.source).ok_or(GONE)?;
        let entry = source.delete(sequence, &mut tx.changes).ok_or(GONE)?;
        let message = Message {
            id: tx.message_id(),
            sent: tx.now.wall,
            dead_letter_source: None,
            ..Arc::unwrap_or_clone(entry.message)
        };
        self.put(target, Arc::new(message), State::Ready, tx);
        Ok(true)
    }

    fn task_source(&self, arn: &str) -> Result<QueueId, AwsError> {
        self.by_arn(arn)
            .map_err(|_| error::no_such_arn("SourceArn"))
    }

    /// Forgets all but the newest `kept` tasks of a queue.
    pub(super) fn forget_tasks(&mut self, source: QueueId, kept: usize, tx: &mut Transaction<'_>) {
        let ours = self.tasks.iter().rev();
        let old: Vec<u64> = ours
            .filter(|(_, task)| task.source == source)
            .skip(kept)
            .map(|(number, _)| *number)
            .collect();
        for number in old {
            self.tasks.remove(&number);
            tx.changes.push(Change::delete(TASKS, number.to_be_bytes()));
        }
    }
}

/// The dead-letter queue that a task's handle names.
pub fn source_of(handle: &str) -> Result<String, AwsError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Handle {
        #[serde(rename = "taskId")]
        _id: String,
        source_arn: String,
    }
    let text = BASE64.decode(handle).ok();
    text.and_then(|text| serde_json::from_slice::<Handle>(&text).ok())
        .map(|handle| handle.source_arn)
        .ok_or_else(|| error::invalid("Value for parameter TaskHandle is invalid."))
}

fn checked_rate(rate: i64) -> Result<u32, AwsError> {
    let checked = u32::try_from(rate).ok();
    checked
        .filter(|rate| (1..=500).contains(rate))
        .ok_or_else(|| {
            let reason = "Must be between 1 and 500, if provided.";
            error::invalid_value(rate, "MaxNumberOfMessagesPerSecond", reason)
        })
}

fn shown(task: &Task, moved: u64) -> TaskView {
    TaskView {
        handle: task.next_step().map(|_| task.handle.clone()),
        source_arn: task.source_arn.clone(),
        destination_arn: task.destination_arn.clone(),
        rate: task.rate,
        status: task.status,
        started: task.started,
        moved,
        to_move: task.to_move,
        failure: task.failure.clone(),
    }
}
