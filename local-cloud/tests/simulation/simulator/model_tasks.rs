//! The model's move tasks.

use std::rc::Rc;

use local_cloud::clock::Now;
use local_cloud::sqs::engine::{QueueId, TaskStatus, TaskView};

use super::ledger::Ident;
use super::model::{ARN, Letter, Model, Place};
use super::{Outcome, ensure};

/// How many tasks of a queue are remembered.
const REMEMBERED: usize = 10;

/// A move task.
#[derive(Debug, Clone)]
pub(crate) struct Task {
    pub(crate) source: QueueId,
    pub(crate) handle: String,
    destination: Option<String>,
    rate: Option<u32>,
    status: TaskStatus,
    moved: u64,
    to_move: u64,
    next: u64,
    /// What arrived later is not its affair.
    before: u64,
}

/// What a client asks for.
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
    /// Whether the task can start; its source then.
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
            before: self.arrivals,
        });
        let ours = |task: &Task| task.source == source;
        let extra = self.tasks.iter().filter(|task| ours(task)).count();
        let mut extra = extra.saturating_sub(REMEMBERED);
        self.tasks.retain(|task| {
            let forgotten = ours(task) && extra > 0;
            extra -= usize::from(forgotten);
            !forgotten
        });
    }

    /// Ends a running task; gives what it has moved.
    pub(crate) fn cancel(&mut self, handle: &str) -> Result<u64, &'static str> {
        let mut tasks = self.tasks.iter_mut();
        let task = tasks.find(|task| task.handle == handle && task.next_step().is_some());
        let task = task.ok_or("ResourceNotFoundException")?;
        task.status = TaskStatus::Cancelled;
        Ok(task.moved)
    }

    /// The engine has taken each due task a step: follows, and sees that it was a right one.
    /// `views` gives a queue's tasks, newest first.
    pub(crate) fn step_tasks(
        &mut self,
        now: Now,
        views: impl Fn(&str) -> Outcome<Vec<TaskView>>,
    ) -> Outcome<()> {
        for index in 0..self.tasks.len() {
            let task = self.tasks[index].clone();
            let newer = self.tasks[index + 1..].iter();
            let newer = newer.filter(|other| other.source == task.source).count();
            let views = views(&self.queues[&task.source].name)?;
            let Some(view) = views.get(newer) else {
                return Err(format!("a task is not listed: {task:?}"));
            };
            if task.next_step().is_some_and(|next| next <= now.lab.0) {
                self.follow(index, view, now)?;
            }
            let (task, rate) = (&self.tasks[index], self.tasks[index].rate);
            ensure!(
                (view.status, view.moved, view.to_move, view.rate)
                    == (task.status, task.moved, task.to_move, rate)
                    && view.handle.as_ref() == task.next_step().map(|_| &task.handle),
                "a task is {task:?}, the engine says {view:?}"
            );
        }
        Ok(())
    }

    fn follow(&mut self, index: usize, view: &TaskView, now: Now) -> Outcome<()> {
        let moved = view.moved.saturating_sub(self.tasks[index].moved);
        for _ in 0..moved {
            let step = self.next_move(index);
            let Some((letter, Ok(target))) = step else {
                return Err(format!(
                    "a task moved what it should not: {view:?}, {step:?}"
                ));
            };
            let source = self.tasks[index].source;
            let queue = self.queue_mut(source);
            let letter = queue.letters.remove(letter);
            queue.tally.moved += 1;
            let anew = Ident::new(Rc::clone(&letter.ident.content), None);
            self.put(target, anew, 0, now);
        }
        let next = self.next_move(index);
        let task = &mut self.tasks[index];
        task.moved += moved;
        task.status = view.status;
        let right = match (view.status, task.rate) {
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
            right && moved <= most,
            "a task ended a step wrongly: {view:?}, moved {moved}, next is {next:?}"
        );
        Ok(())
    }

    /// The message that a task moves next, and where to or why not.
    fn next_move(&self, index: usize) -> Option<(usize, Result<QueueId, &'static str>)> {
        let task = &self.tasks[index];
        let letters = &self.queues.get(&task.source)?.letters;
        let ours =
            |letter: &Letter| letter.now.place == Place::Visible && letter.arrival <= task.before;
        let at = letters.iter().position(ours)?;
        let origin = letters[at].origin.as_deref();
        let origin = origin.map(|arn| arn.trim_start_matches(ARN));
        let target = match task.destination.as_deref().or(origin) {
            None => Err("CouldNotDetermineMessageSource"),
            Some(name) => self
                .by_name(name)
                .ok_or("AWS.SimpleQueueService.NonExistentQueue"),
        };
        Some((at, target))
    }
}
