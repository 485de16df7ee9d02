//! Which of the listed move tasks is the one to follow, and its progress. Pure.
//!
//! AWS lists a task some time after it was started. A start whose answer was lost is repeated by
//! the SDK and refused, because the task is running. So the task is recognized by being newer than
//! all tasks that were listed before it was started.

use aws_sdk_sqs::types::ListMessageMoveTasksResultEntry as Listed;

/// AWS's words for a refused start where a task is running already.
const RUNNING_ALREADY: &str = "already a task running";

/// How the start of a task ended, where it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// A task was started.
    Started,
    /// One is running: this one, started by a call whose answer was lost, or somebody else's.
    RunningAlready,
}

/// Whether a start was refused because a task is running.
pub(super) fn is_running_already(message: &str) -> bool {
    message.contains(RUNNING_ALREADY)
}

/// The status of a task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TaskStatus {
    /// Not listed yet.
    Unlisted,
    /// Moving messages, or about to stop doing so.
    Running,
    /// All are moved.
    Completed,
    /// Ended otherwise, for this reason.
    Failed(String),
}

/// The progress of the task that is followed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TaskProgress {
    pub(super) status: TaskStatus,
    /// How many messages it has moved by its own count, which may lag.
    pub(super) moved: u64,
    /// Of how many.
    pub(super) of: u64,
}

/// The task that is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FollowedTask {
    /// The start of the newest task that it cannot be, as AWS gives it.
    after: Option<i64>,
}

impl FollowedTask {
    /// The task that a start led to, given the tasks that were listed before.
    pub(super) fn new(before: &[Listed], start: Start) -> Self {
        let other = |task: &&Listed| match start {
            Start::Started => true,
            // A task that was running then may be the one that runs now.
            Start::RunningAlready => !is_running(task),
        };
        let after = before.iter().filter(other).map(Listed::started_timestamp);
        Self { after: after.max() }
    }

    /// Its progress, given the tasks that are listed now.
    pub(super) fn progress(self, listed: &[Listed]) -> TaskProgress {
        let newest = listed.iter().max_by_key(|task| task.started_timestamp());
        let ours = newest.filter(|task| {
            self.after
                .is_none_or(|after| task.started_timestamp() > after)
        });
        let Some(task) = ours else {
            return TaskProgress {
                status: TaskStatus::Unlisted,
                moved: 0,
                of: 0,
            };
        };
        let status = match task.status() {
            _ if is_running(task) => TaskStatus::Running,
            Some("COMPLETED") => TaskStatus::Completed,
            status => TaskStatus::Failed(format!(
                "{}: {}",
                status.unwrap_or("unknown"),
                task.failure_reason().unwrap_or("no reason given")
            )),
        };
        let of = task.approximate_number_of_messages_to_move();
        TaskProgress {
            status,
            moved: unsigned(task.approximate_number_of_messages_moved()),
            of: unsigned(of.unwrap_or_default()),
        }
    }
}

fn is_running(task: &Listed) -> bool {
    matches!(task.status(), Some("RUNNING" | "CANCELLING"))
}

fn unsigned(count: i64) -> u64 {
    u64::try_from(count).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(started: i64, status: &str) -> Listed {
        Listed::builder()
            .started_timestamp(started)
            .status(status)
            .approximate_number_of_messages_moved(3)
            .approximate_number_of_messages_to_move(5)
            .build()
    }

    fn status(before: &[Listed], start: Start, now: &[Listed]) -> TaskStatus {
        FollowedTask::new(before, start).progress(now).status
    }

    #[test]
    fn an_older_task_is_not_followed() {
        let old = [task(7, "COMPLETED")];
        assert_eq!(status(&old, Start::Started, &old), TaskStatus::Unlisted);
        assert_eq!(status(&[], Start::Started, &[]), TaskStatus::Unlisted);
        // The list may say of the old one for a while that it is running.
        let stale = [task(7, "RUNNING")];
        assert_eq!(status(&stale, Start::Started, &stale), TaskStatus::Unlisted);
    }

    #[test]
    fn the_newest_task_is_followed() {
        let old = task(7, "FAILED");
        for listed in [
            [task(9, "RUNNING"), old.clone()],
            [old.clone(), task(9, "RUNNING")],
        ] {
            let progress =
                FollowedTask::new(std::slice::from_ref(&old), Start::Started).progress(&listed);
            let running = TaskProgress {
                status: TaskStatus::Running,
                moved: 3,
                of: 5,
            };
            assert_eq!(progress, running);
        }
        let done = [task(9, "COMPLETED"), old.clone()];
        assert_eq!(status(&[old], Start::Started, &done), TaskStatus::Completed);
    }

    #[test]
    fn a_task_already_running_is_followed() {
        let refused = "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
        assert!(is_running_already(refused));
        assert!(!is_running_already("Task does not exist."));
        let before = [task(7, "COMPLETED")];
        let unlisted = status(&before, Start::RunningAlready, &before);
        assert_eq!(unlisted, TaskStatus::Unlisted);
        let now = [task(9, "RUNNING"), task(7, "COMPLETED")];
        let running = status(&before, Start::RunningAlready, &now);
        assert_eq!(running, TaskStatus::Running);
        // Or somebody else's was running all the time.
        let others = [task(7, "RUNNING")];
        let followed = status(&others, Start::RunningAlready, &others);
        assert_eq!(followed, TaskStatus::Running);
    }

    #[test]
    fn a_failed_task_has_a_reason() {
        let failed = Listed::builder()
            .started_timestamp(9)
            .status("FAILED")
            .failure_reason("AWS.SimpleQueueService.NonExistentQueue");
        let status = status(&[], Start::Started, &[failed.build()]);
        let why = "FAILED: AWS.SimpleQueueService.NonExistentQueue".to_owned();
        assert_eq!(status, TaskStatus::Failed(why));
    }
}
