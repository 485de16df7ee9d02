//! The model's move tasks.

use std::rc::Rc;

use local_cloud::clock::Now;
use local_cloud::sqs::engine::{QueueId, TaskStatus, TaskView};

use super::history::MessageHistory;
use super::model::{ARN, MessageState, Model, QueuedMessage};
use super::{CheckResult, ensure};

/// How many tasks are kept per queue.
const MAX_TASKS: usize = 10;

#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) source: QueueId,
    pub(crate) handle: String,
    destination: Option<String>,
    rate: Option<u32>,
    status: TaskStatus,
    moved: u64,
    to_move: u64,
    /// The lab time of the next step.
    next: u64,
    /// The last arrival that the task moves.
    last_arrival: u64,
}

/// A request to start a task.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) source: String,
    pub(crate) destination: Option<String>,
    pub(crate) rate: Option<i64>,
}

impl Task {
    pub(crate) fn next_step(&self) -> Option<u64> {
        (self.status == TaskStatus::Running).then_some(self.next)
    }
}

impl Model {
    /// Returns the source if the task can start.
    pub(crate) fn can_start(&self, start: &Start) -> Result<QueueId, &'static str> {
        const NOT_FOUND: &str = "ResourceNotFoundException";
        const INVALID: &str = "InvalidParameterValueException";
        let source = self.by_name(&start.source).ok_or(NOT_FOUND)?;
        let feeds = |name: &Option<(String, u32)>| {
            name.as_ref().is_some_and(|(name, _)| *name == start.source)
        };
        if !self
            .queues
            .values()
            .any(|queue| feeds(&queue.setup.redrive))
        {
            return Err(INVALID);
        }
        if let Some(name) = &start.destination {
            self.by_name(name).ok_or(NOT_FOUND)?;
            if *name == start.source {
                return Err(INVALID);
            }
        }
        if start.rate.is_some_and(|rate| !(1..=500).contains(&rate)) {
            return Err(INVALID);
        }
        let running = |task: &Task| task.source == source && task.next_step().is_some();
        match self.tasks.iter().any(running) {
            true => Err(INVALID),
            false => Ok(source),
        }
    }

    pub(crate) fn start(&mut self, source: QueueId, start: &Start, handle: String, now: Now) {
        self.tasks.push(Task {
            source,
            handle,
            destination: start.destination.clone(),
            rate: start.rate.and_then(|rate| u32::try_from(rate).ok()),
            status: TaskStatus::Running,
            moved: 0,
            to_move: self.queues[&source].counts()[0] as u64,
            next: now.lab.0,
            last_arrival: self.arrivals,
        });
        let ours = |task: &Task| task.source == source;
        let count = self.tasks.iter().filter(|task| ours(task)).count();
        let mut extra = count.saturating_sub(MAX_TASKS);
        self.tasks.retain(|task| {
            let forgotten = ours(task) && extra > 0;
            extra -= usize::from(forgotten);
            !forgotten
        });
    }

    /// Cancels a running task; returns how many messages it has moved.
    pub(crate) fn cancel(&mut self, handle: &str) -> Result<u64, &'static str> {
        let mut tasks = self.tasks.iter_mut();
        let task = tasks
            .find(|task| task.handle == handle && task.next_step().is_some())
            .ok_or("ResourceNotFoundException")?;
        task.status = TaskStatus::Cancelled;
        Ok(task.moved)
    }

    /// Checks the step that the engine has just taken with each due task, and takes it too.
    /// `views` returns a queue's tasks, newest first.
    pub(crate) fn step_tasks(
        &mut self,
        now: Now,
        views: impl Fn(&str) -> CheckResult<Vec<TaskView>>,
    ) -> CheckResult<()> {
        for index in 0..self.tasks.len() {
            let task = self.tasks[index].clone();
            let newer = self.tasks[index + 1..]
                .iter()
                .filter(|other| other.source == task.source)
                .count();
            let views = views(&self.queues[&task.source].name)?;
            let Some(view) = views.get(newer) else {
                return Err(format!("the engine does not list {task:?}"));
            };
            if task.next_step().is_some_and(|next| next <= now.lab.0) {
                self.check_step(index, view, now)?;
            }
            let (task, rate) = (&self.tasks[index], self.tasks[index].rate);
            ensure!(
                (view.status, view.moved, view.to_move, view.rate)
                    == (task.status, task.moved, task.to_move, rate)
                    && view.handle.as_ref() == task.next_step().map(|_| &task.handle),
                "the engine lists {view:?}, expected {task:?}"
            );
        }
        Ok(())
    }

    fn check_step(&mut self, index: usize, view: &TaskView, now: Now) -> CheckResult<()> {
        let moved = view.moved.saturating_sub(self.tasks[index].moved);
        for _ in 0..moved {
            let step = self.next_move(index);
            let Some((at, Ok(target))) = step else {
                return Err(format!(
                    "a task moved a message that it must not move: {view:?}, {step:?}"
                ));
            };
            let source = self.tasks[index].source;
            let queue = self.queue_mut(source);
            let message = queue.messages.remove(at);
            queue.totals.moved += 1;
            let copy = MessageHistory::new(Rc::clone(&message.history.content), None);
            self.put(target, copy, 0, now);
        }
        let next = self.next_move(index);
        let task = &mut self.tasks[index];
        task.moved += moved;
        task.status = view.status;
        let valid = match (view.status, task.rate) {
            (TaskStatus::Completed, _) => next.is_none(),
            (TaskStatus::Failed, _) => {
                matches!(next, Some((_, Err(why))) if Some(why) == view.failure.as_deref())
            }
            (TaskStatus::Running, Some(rate)) => moved == u64::from(rate),
            (TaskStatus::Running, None) => moved > 0,
            (TaskStatus::Cancelled, _) => false,
        };
        if task.rate.is_some() {
            task.next = now.lab.0 + 1_000;
        }
        let most = u64::from(task.rate.unwrap_or(u32::MAX));
        ensure!(
            valid && moved <= most,
            "a task's step ended with {view:?}, moved {moved}, next is {next:?}"
        );
        Ok(())
    }

    /// The index of the message that a task moves next, and its target or the reason for failure.
    fn next_move(&self, index: usize) -> Option<(usize, Result<QueueId, &'static str>)> {
        let task = &self.tasks[index];
        let messages = &self.queues.get(&task.source)?.messages;
        let ours = |message: &QueuedMessage| {
            message.current.state == MessageState::Visible && message.arrival <= task.last_arrival
        };
        let at = messages.iter().position(ours)?;
        let origin = messages[at]
            .origin
            .as_deref()
            .map(|arn| arn.trim_start_matches(ARN));
        let target = match task.destination.as_deref().or(origin) {
            None => Err("CouldNotDetermineMessageSource"),
            Some(name) => self
                .by_name(name)
                .ok_or("AWS.SimpleQueueService.NonExistentQueue"),
        };
        Some((at, target))
    }
}
