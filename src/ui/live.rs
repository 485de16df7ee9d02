//! How far things have got that a command follows: how many are where, and what is waited for.

use std::time::Duration;

use indicatif::HumanCount;

/// Things that are followed, such as the orders of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// How many there are.
    pub of: u64,
    /// How many of them are where.
    pub counts: Vec<Count>,
    /// What is waited for, and until when.
    pub waits: Vec<Wait>,
}

/// How many things are in one place or state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// The state, as it follows a number: `stored`.
    pub label: &'static str,
    /// How many.
    pub count: u64,
    /// What it means.
    pub kind: CountKind,
}

/// Whether a state is a good one. The bar shows all but the plain ones, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CountKind {
    /// Neither, and not part of the bar.
    Plain,
    /// Neither; progress in itself.
    Progress,
    /// A good end.
    Good,
    /// A bad end.
    Bad,
    /// Not the end, and something is wrong.
    Warning,
}

/// Something that is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wait {
    /// What, and why it takes time; a sentence without its full stop.
    pub text: String,
    /// What happens next, and in about how long, in the order of time.
    pub next: Vec<(&'static str, Duration)>,
}

impl Live {
    /// Things of which this many, counted as `label`, are done.
    pub(crate) fn progress(label: &'static str, done: u64, of: u64) -> Self {
        Self {
            of,
            counts: vec![Count {
                label,
                count: done.min(of),
                kind: CountKind::Progress,
            }],
            waits: Vec::new(),
        }
    }

    /// The counts in words: `17 stored, 3 being retried`, or `5 of 20 sent`.
    pub(crate) fn counts(&self) -> String {
        let words = |one: &Count| {
            let count = HumanCount(one.count);
            match one.kind {
                CountKind::Progress => format!("{count} of {} {}", HumanCount(self.of), one.label),
                _ => format!("{count} {}", one.label),
            }
        };
        self.counts.iter().map(words).collect::<Vec<_>>().join(", ")
    }

    /// Whether this differs from `other` in more than the time that is left.
    pub(super) fn is_news(&self, other: &Self) -> bool {
        let texts = |live: &Self| -> Vec<String> {
            live.waits.iter().map(|wait| wait.text.clone()).collect()
        };
        self.counts != other.counts || texts(self) != texts(other)
    }

    /// A bar of `width` columns: a mark for each column.
    pub(super) fn bar(&self, width: usize) -> Vec<CountKind> {
        let mut parts: Vec<&Count> = self
            .counts
            .iter()
            .filter(|one| one.kind != CountKind::Plain)
            .collect();
        parts.sort_by_key(|one| one.kind);
        let mut bar = Vec::new();
        let mut sum = 0;
        for part in parts {
            sum += part.count;
            bar.resize(columns(sum, self.of, width).max(bar.len()), part.kind);
        }
        bar.resize(width, CountKind::Plain);
        bar
    }
}

/// How many of `width` columns a count takes. Rounded down, so that only what is complete fills all.
fn columns(count: u64, of: u64, width: usize) -> usize {
    let share = u128::from(count) * width as u128 / u128::from(of.max(1));
    usize::try_from(share).unwrap_or(width).min(width)
}

impl Wait {
    /// The wait as a sentence without its full stop.
    pub(super) fn sentence(&self) -> String {
        let mut sentence = self.text.clone();
        for (what, left) in &self.next {
            let seconds = left.as_millis().div_ceil(1000);
            let when = match seconds {
                0 | 1 => "in a moment".to_owned(),
                _ => format!("in about {seconds} s"),
            };
            sentence.push_str(&format!(", {what} {when}"));
        }
        sentence
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn live(stored: u64, retried: u64, dead: u64) -> Live {
        let count = |label, count, kind| Count { label, count, kind };
        Live {
            of: 20,
            counts: vec![
                count("sent", 20, CountKind::Plain),
                count("stored", stored, CountKind::Good),
                count("being retried", retried, CountKind::Warning),
                count("dead-lettered", dead, CountKind::Bad),
            ],
            waits: Vec::new(),
        }
    }

    #[test]
    fn counts_are_words() {
        let words = "20 sent, 17 stored, 2 being retried, 1 dead-lettered";
        assert_eq!(live(17, 2, 1).counts(), words);
        let sending = Live::progress("sent", 4000, 10_000);
        assert_eq!(sending.counts(), "4,000 of 10,000 sent");
    }

    #[test]
    fn a_bar_has_a_column_for_each_share() {
        use CountKind::{Bad, Good, Plain, Warning};
        let expected = [
            Good, Good, Good, Good, Bad, Warning, Plain, Plain, Plain, Plain,
        ];
        assert_eq!(live(8, 2, 2).bar(10), expected);
        assert_eq!(live(19, 0, 0).bar(10)[9], Plain, "not complete");
        assert_eq!(live(17, 0, 3).bar(10)[9], Bad);
    }

    #[test]
    fn time_that_passes_is_no_news() {
        let with = |seconds| Live {
            waits: vec![Wait {
                text: "2 bad orders: attempt 2 of 3".to_owned(),
                next: vec![("dead-lettered", Duration::from_secs(seconds))],
            }],
            ..live(17, 2, 1)
        };
        assert!(!with(4).is_news(&with(3)));
        assert!(with(4).is_news(&live(17, 2, 1)));
        let sentence = with(4).waits[0].sentence();
        assert_eq!(
            sentence,
            "2 bad orders: attempt 2 of 3, dead-lettered in about 4 s"
        );
        assert!(with(0).waits[0].sentence().ends_with("in a moment"));
    }
}
