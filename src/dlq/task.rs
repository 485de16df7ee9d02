//! Which of the listed move tasks is the one to follow, and how it stands. Pure.
//!
//! AWS lists a task a while after it was started, and a start whose answer was lost is made again
//! by the SDK and refused, because the task is running. So the task is known by being newer than
//! all that were listed before it was started.

use aws_sdk_sqs::types::ListMessageMoveTasksResultEntry as Listed;

/// What AWS says of a start where a task is running already.
const RUNNING_ALREADY: &str = "already a task running";

/// How starting a task ended, where it did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Start {
    /// It is started.
    Started,
    /// One is running: this one, started by a call whose answer was lost, or another one.
    RunningAlready,
}

/// Whether a start was refused because a task is running.
pub(super) fn is_running_already(message: &str) -> bool {
    message.contains(RUNNING_ALREADY)
}

/// How a task stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// It is not listed yet.
    Unlisted,
    /// It is moving letters, or about to stop doing so.
    Running,
    /// It has moved all.
    Completed,
    /// It has ended otherwise, for this reason.
    Failed(String),
}

/// How the task that is followed stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) state: State,
    /// How many letters it says that it has moved; this may lag behind.
    pub(super) moved: u64,
    /// Of how many.
    pub(super) of: u64,
}

/// The task that is followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Followed {
    /// When the newest of the tasks was started that it cannot be.
    after: Option<i64>,
}

impl Followed {
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

    /// How it stands, given the tasks that are listed now.
    pub(super) fn standing(self, listed: &[Listed]) -> Standing {
        let newest = listed.iter().max_by_key(|task| task.started_timestamp());
        let ours = newest.filter(|task| {
            self.after
                .is_none_or(|after| task.started_timestamp() > after)
        });
        let Some(task) = ours else {
            return Standing {
                state: State::Unlisted,
                moved: 0,
                of: 0,
            };
        };
        let state = match task.status() {
            _ if is_running(task) => State::Running,
            Some("COMPLETED") => State::Completed,
            status => State::Failed(format!(
                "{}: {}",
                status.unwrap_or("unknown"),
                task.failure_reason().unwrap_or("no reason given")
            )),
        };
        let of = task.approximate_number_of_messages_to_move();
        Standing {
            state,
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

    fn state(before: &[Listed], start: Start, now: &[Listed]) -> State {
        Followed::new(before, start).standing(now).state
    }

    #[test]
    fn an_older_task_is_not_taken_for_the_one_that_was_started() {
        let old = [task(7, "COMPLETED")];
        assert_eq!(state(&old, Start::Started, &old), State::Unlisted);
        assert_eq!(state(&[], Start::Started, &[]), State::Unlisted);
        // The list may say of the old one for a while that it is running.
        let stale = [task(7, "RUNNING")];
        assert_eq!(state(&stale, Start::Started, &stale), State::Unlisted);
    }

    #[test]
    fn the_newer_task_is_followed_wherever_it_stands_in_the_list() {
        let old = task(7, "FAILED");
        for listed in [
            [task(9, "RUNNING"), old.clone()],
            [old.clone(), task(9, "RUNNING")],
        ] {
            let standing =
                Followed::new(std::slice::from_ref(&old), Start::Started).standing(&listed);
            let running = Standing {
                state: State::Running,
                moved: 3,
                of: 5,
            };
            assert_eq!(standing, running);
        }
        let done = [task(9, "COMPLETED"), old.clone()];
        assert_eq!(state(&[old], Start::Started, &done), State::Completed);
    }

    #[test]
    fn a_start_whose_answer_was_lost_is_followed_like_any_other() {
        let refused = "There is already a task running. Only one active task is allowed for a source queue arn at a given time.";
        assert!(is_running_already(refused));
        assert!(!is_running_already("Task does not exist."));
        let before = [task(7, "COMPLETED")];
        let unlisted = state(&before, Start::RunningAlready, &before);
        assert_eq!(unlisted, State::Unlisted);
        let now = [task(9, "RUNNING"), task(7, "COMPLETED")];
        let running = state(&before, Start::RunningAlready, &now);
        assert_eq!(running, State::Running);
        // Or somebody else's was running all the time.
        let before = [task(7, "RUNNING")];
        let running = state(&before, Start::RunningAlready, &before);
        assert_eq!(running, State::Running);
    }

    #[test]
    fn a_task_that_ends_otherwise_says_why() {
        let failed = Listed::builder()
            .started_timestamp(9)
            .status("FAILED")
            .failure_reason("AWS.SimpleQueueService.NonExistentQueue");
        let state = state(&[], Start::Started, &[failed.build()]);
        let why = "FAILED: AWS.SimpleQueueService.NonExistentQueue".to_owned();
        assert_eq!(state, State::Failed(why));
    }
}
