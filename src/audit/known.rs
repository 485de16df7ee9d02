//! The dead letters that one command has read so far. Pure.

use std::collections::HashMap;

use super::DeadLetterRef;

/// Dead letters by their message ids. A receive whose answer is lost hides its messages for a
/// while, and where calls often fail, each read of a deep queue misses some of them. One that was
/// read before and is hidden now is still in the queue.
#[derive(Debug, Default)]
pub(super) struct KnownDeadLetters(HashMap<String, DeadLetterRef>);

impl KnownDeadLetters {
    /// Adds what was just read from a queue that holds `depth` messages. Where that is less than
    /// are known then, some have left the queue, and only what was just read is kept.
    pub(super) fn add(&mut self, read: Vec<(String, DeadLetterRef)>, depth: u64) {
        let mut all = std::mem::take(&mut self.0);
        all.extend(read.iter().cloned());
        let all_present = u64::try_from(all.len()).is_ok_and(|known| known <= depth);
        self.0 = if all_present {
            all
        } else {
            read.into_iter().collect()
        };
    }

    /// How many are known.
    pub(super) fn count(&self) -> u64 {
        self.0.len() as u64
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &DeadLetterRef> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &[&str]) -> Vec<(String, DeadLetterRef)> {
        let named = |name: &&str| DeadLetterRef {
            id: None,
            name: (*name).to_owned(),
        };
        names
            .iter()
            .map(|name| ((*name).to_owned(), named(name)))
            .collect()
    }

    fn names(known: &KnownDeadLetters) -> Vec<&str> {
        let mut names: Vec<&str> = known.iter().map(|one| &*one.name).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn hidden_dead_letters_are_remembered() {
        let mut known = KnownDeadLetters::default();
        known.add(read(&["a", "b"]), 3);
        known.add(read(&["b", "c"]), 3);
        assert_eq!(names(&known), ["a", "b", "c"]);
    }

    #[test]
    fn dead_letters_that_left_are_forgotten() {
        let mut known = KnownDeadLetters::default();
        known.add(read(&["a", "b"]), 2);
        known.add(read(&["c"]), 2);
        assert_eq!(names(&known), ["c"]);
        // A count that lags hides nothing that was just read.
        known.add(read(&["c", "d"]), 0);
        assert_eq!(names(&known), ["c", "d"]);
    }
}
