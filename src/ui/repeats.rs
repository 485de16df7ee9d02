//! Failures that recur: told once, and at the end with how often they occurred.

use std::collections::BTreeMap;

use super::number;

/// How often each failure occurred.
#[derive(Debug, Default)]
pub(super) struct Repeats(BTreeMap<String, u32>);

impl Repeats {
    /// Counts a failure. Returns what to say where it is the first of its kind.
    pub(super) fn add(&mut self, failure: String) -> Option<String> {
        let said = format!("{failure}; trying again.");
        let count = self.0.entry(failure).or_default();
        *count += 1;
        (*count == 1).then_some(said)
    }

    /// What to say at the end of those that occurred more than once.
    pub(super) fn summary(&mut self) -> Vec<String> {
        std::mem::take(&mut self.0)
            .into_iter()
            .filter(|(_, count)| *count > 1)
            .map(|(failure, count)| format!("{failure}: {} times in all.", number(count)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_told_once_and_counted() {
        let mut repeats = Repeats::default();
        let said: Vec<String> = [
            "SQS is throttling",
            "IAM does not respond",
            "SQS is throttling",
        ]
        .into_iter()
        .filter_map(|failure| repeats.add(failure.to_owned()))
        .collect();
        assert_eq!(
            said,
            [
                "SQS is throttling; trying again.",
                "IAM does not respond; trying again."
            ]
        );
        assert_eq!(repeats.summary(), ["SQS is throttling: 2 times in all."]);
        assert!(repeats.summary().is_empty());
    }
}
