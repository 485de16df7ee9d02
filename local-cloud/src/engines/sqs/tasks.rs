//! Move tasks: moving a dead-letter queue's messages back, a step at a time.

use serde::{Deserialize, Serialize};

use super::error;
use super::message::{Content, Delivery};
use super::{Engine, stored};
use crate::clock::{LabMs, Now, WallMs};
use crate::error::AwsError;
use crate::ids::Ids;
use crate::storage::Change;

/// How many messages one step moves at the most, so that no step holds others up for long.
const STEP: usize = 100;
/// How many ended tasks of a queue are remembered.
const REMEMBERED: usize = 10;

/// A task's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TaskStatus {
    /// It moves messages.
    Running,
    /// All that were there when it started are moved.
    Completed,
    /// It was cancelled.
    Cancelled,
    /// It could not go on.
    Failed,
}

/// A move task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// Its handle.
    pub handle: String,
    /// The dead-letter queue's ARN.
    pub source: String,
    /// Where to, or `None` for the queues that the messages came from.
    pub destination: Option<String>,
    /// Messages per second of lab time, 1 to 500.
    pub rate: Option<u32>,
    /// When it was started.
    pub started: WallMs,
    /// How it stands.
    pub status: TaskStatus,
    /// How many messages it has moved.
    pub moved: u64,
    /// How many there were to move.
    pub to_move: u64,
    /// Why it failed.
    pub failure: Option<String>,
    /// The next step's time.
    pub(super) next_step: LabMs,
    /// Messages that came later are not its business: else it would chase its own.
    pub(super) below: u64,
}

impl Engine {
    /// `StartMessageMoveTask`.
    ///
    /// # Errors
    /// When the source is no dead-letter queue, has a running task, or a queue is not there.
    pub fn start_task(
        &mut self,
        source: &str,
        destination: Option<&str>,
        rate: Option<u32>,
        now: Now,
        ids: &mut dyn Ids,
        changes: &mut Vec<Change>,
    ) -> Result<String, AwsError> {
        let missing = |which: &str| {
            error::no_such_resource(&format!(
                "The resource that you specified for the {which} parameter doesn't exist."
            ))
        };
        self.queue_by_arn(source)
            .map_err(|_| missing("SourceArn"))?;
        if self.sources_of(source).is_empty() {
            return Err(error::invalid_parameter(
                "Source queue must be configured as a Dead Letter Queue.",
            ));
        }
        if let Some(destination) = destination {
            self.queue_by_arn(destination)
                .map_err(|_| missing("DestinationArn"))?;
        }
        if self
            .tasks
            .iter()
            .any(|task| task.source == source && task.status == TaskStatus::Running)
        {
            return Err(error::invalid_parameter(
                "There is already a task running. Only one active task is allowed for a source queue arn at a \
                 given time.",
            ));
        }
        let queue = self.queue_by_arn(source)?;
        queue.pass(now, changes);
        let task = Task {
            handle: ids.uuid(),
            source: source.to_owned(),
            destination: destination.map(str::to_owned),
            rate,
            started: now.wall,
            status: TaskStatus::Running,
            moved: 0,
            to_move: queue.counts()[0] as u64,
            failure: None,
            next_step: now.lab,
            below: queue.next_sequence(),
        };
        changes.push(stored::task(&task));
        let handle = task.handle.clone();
        self.tasks.push(task);
        self.forget_old_tasks(source, changes);
        Ok(handle)
    }

    /// `ListMessageMoveTasks`: the newest first.
    ///
    /// # Errors
    /// When the queue is not there.
    pub fn list_tasks(&mut self, source: &str, most: usize) -> Result<Vec<Task>, AwsError> {
        self.queue_by_arn(source).map_err(|_| {
            error::no_such_resource(
                "The resource that you specified for the SourceArn parameter doesn't exist.",
            )
        })?;
        Ok(self
            .tasks
            .iter()
            .rev()
            .filter(|task| task.source == source)
            .take(most)
            .cloned()
            .collect())
    }

    /// `CancelMessageMoveTask`: how many messages had been moved.
    ///
    /// # Errors
    /// When there is no such task, or it has ended.
    pub fn cancel_task(
        &mut self,
        handle: &str,
        changes: &mut Vec<Change>,
    ) -> Result<u64, AwsError> {
        let task = self.tasks.iter_mut().find(|task| task.handle == handle);
        let task = task.ok_or_else(|| error::no_such_resource("Task does not exist."))?;
        if task.status != TaskStatus::Running {
            return Err(error::unsupported("Only an active task can be cancelled."));
        }
        task.status = TaskStatus::Cancelled;
        changes.push(stored::task(task));
        Ok(task.moved)
    }

    /// When the next step of a task is due.
    pub(super) fn next_step(&self) -> Option<LabMs> {
        let running = self
            .tasks
            .iter()
            .filter(|task| task.status == TaskStatus::Running);
        running.map(|task| task.next_step).min()
    }

    /// Makes the steps that are due.
    pub(super) fn step_tasks(&mut self, now: Now, ids: &mut dyn Ids, changes: &mut Vec<Change>) {
        for index in 0..self.tasks.len() {
            let due = self.tasks.get(index).is_some_and(|task| {
                task.status == TaskStatus::Running && task.next_step <= now.lab
            });
            if due {
                let mut task = self.tasks[index].clone();
                self.step(&mut task, now, ids, changes);
                changes.push(stored::task(&task));
                self.tasks[index] = task;
            }
        }
    }

    fn step(&mut self, task: &mut Task, now: Now, ids: &mut dyn Ids, changes: &mut Vec<Change>) {
        let most = task.rate.map_or(STEP, |rate| rate as usize);
        for _ in 0..most {
            let Ok(source) = self.queue_by_arn(&task.source) else {
                return fail(task, "AWS.SimpleQueueService.NonExistentQueue");
            };
            source.pass(now, changes);
            let Some(sequence) = source
                .first_visible()
                .filter(|sequence| *sequence < task.below)
            else {
                task.status = TaskStatus::Completed;
                return;
            };
            let origin = source
                .message(sequence)
                .and_then(|message| message.content.source.clone());
            let target = task
                .destination
                .clone()
                .or_else(|| origin.map(|arn| arn.to_string()));
            let target = target.filter(|arn| self.queue_by_arn(arn).is_ok());
            let Some(target) = target else {
                return fail(task, "AWS.SimpleQueueService.NonExistentQueue");
            };
            let message = self
                .queue_by_arn(&task.source)
                .ok()
                .and_then(|queue| queue.remove(sequence, changes));
            let Some(message) = message else { return };
            let content = Content {
                id: ids.uuid(),
                sent: now.wall,
                source: None,
                ..message.content
            };
            if let Ok(queue) = self.queue_by_arn(&target) {
                queue.add(content, Delivery::default(), changes);
                let id = queue.record.id;
                self.awaken(id);
            }
            task.moved += 1;
        }
        task.next_step = if task.rate.is_some() {
            now.lab.plus_seconds(1)
        } else {
            now.lab
        };
    }

    fn forget_old_tasks(&mut self, source: &str, changes: &mut Vec<Change>) {
        let mut over = self
            .tasks
            .iter()
            .filter(|task| task.source == source)
            .count()
            .saturating_sub(REMEMBERED);
        self.tasks.retain(|task| {
            let forget = over > 0 && task.source == source && task.status != TaskStatus::Running;
            if forget {
                over -= 1;
                changes.push(stored::no_task(&task.handle));
            }
            !forget
        });
    }
}

fn fail(task: &mut Task, reason: &str) {
    task.status = TaskStatus::Failed;
    task.failure = Some(reason.to_owned());
}
