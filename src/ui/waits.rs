//! How long each task has been waiting, and for how long it may, over all reasons for which it waits.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The waits of all tasks.
#[derive(Debug, Default)]
pub(super) struct Waits(HashMap<String, TaskWait>);

/// The wait of one task: since when, and its reasons with the longest wait for each.
#[derive(Debug, Clone)]
pub(super) struct TaskWait {
    began: Instant,
    reasons: Vec<(String, Duration)>,
}

impl Waits {
    /// Adds a reason to the wait of a task, which begins with the first one.
    pub(super) fn add(&mut self, task: &str, reason: &str, at_most: Duration) -> &TaskWait {
        let wait = self.0.entry(task.to_owned()).or_insert_with(|| TaskWait {
            began: Instant::now(),
            reasons: Vec::new(),
        });
        if wait.reasons.iter().all(|(known, _)| known != reason) {
            wait.reasons.push((reason.to_owned(), at_most));
        }
        wait
    }

    /// The task does not wait any more.
    pub(super) fn end(&mut self, task: &str) {
        self.0.remove(task);
    }
}

impl TaskWait {
    /// The longest that the whole may take: each reason has a bound of its own.
    fn at_most(&self) -> Duration {
        self.reasons.iter().map(|(_, at_most)| *at_most).sum()
    }

    /// How long the wait has taken, and how long it may take: `6 s of at most 60 s`.
    pub(super) fn words(&self) -> String {
        let (waited, at_most) = (self.began.elapsed(), self.at_most());
        format!("{} s of at most {} s", waited.as_secs(), at_most.as_secs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_goes_on_when_its_reason_changes() {
        let mut waits = Waits::default();
        let seconds = Duration::from_secs;
        let first = waits.add("role a", "IAM is throttling", seconds(120)).began;
        let whole = waits
            .add("role a", "AWS still shows it", seconds(60))
            .clone();
        assert_eq!((whole.began, whole.at_most()), (first, seconds(180)));
        let again = waits.add("role a", "IAM is throttling", seconds(120));
        assert_eq!(again.at_most(), seconds(180));
        assert_eq!(again.words(), "0 s of at most 180 s");
        waits.end("role a");
        let new = waits.add("role a", "IAM is throttling", seconds(120));
        assert_eq!(new.at_most(), seconds(120));
    }
}
