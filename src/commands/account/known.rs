//! The dead letters that one command has read so far. Pure.

use std::collections::HashMap;

use crate::drive::audit::DeadLetterRef;

/// Letters by their message ids. A receive whose answer is lost hides its letters for a while, and
/// where calls often fail, each read of a deep queue misses some, now these and now those. A letter
/// that was read before and is hidden now is still there.
#[derive(Debug, Default)]
pub(in crate::commands) struct KnownLetters(HashMap<String, DeadLetterRef>);

impl KnownLetters {
    /// Adds what a read has brought. Where the queue does not hold as many letters as are known
    /// then, some have left it, and only what was just read is known.
    pub(super) fn add(&mut self, read: Vec<(String, DeadLetterRef)>, holds: u64) {
        let mut all = std::mem::take(&mut self.0);
        all.extend(read.iter().cloned());
        let still_there = u64::try_from(all.len()).is_ok_and(|known| known <= holds);
        self.0 = if still_there {
            all
        } else {
            read.into_iter().collect()
        };
    }

    pub(super) fn letters(&self) -> impl Iterator<Item = &DeadLetterRef> {
        self.0.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(names: &[&str]) -> Vec<(String, DeadLetterRef)> {
        let letter = |name: &&str| DeadLetterRef {
            place: None,
            name: (*name).to_owned(),
        };
        names
            .iter()
            .map(|name| ((*name).to_owned(), letter(name)))
            .collect()
    }

    fn names(known: &KnownLetters) -> Vec<&str> {
        let mut names: Vec<&str> = known.letters().map(|letter| &*letter.name).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn what_was_read_before_and_is_hidden_now_is_still_there() {
        let mut known = KnownLetters::default();
        known.add(read(&["a", "b"]), 3);
        known.add(read(&["b", "c"]), 3);
        assert_eq!(names(&known), ["a", "b", "c"]);
    }

    #[test]
    fn what_has_left_the_queue_is_forgotten() {
        let mut known = KnownLetters::default();
        known.add(read(&["a", "b"]), 2);
        known.add(read(&["c"]), 2);
        assert_eq!(names(&known), ["c"]);
        // A count that lags behind hides nothing that was just read.
        known.add(read(&["c", "d"]), 0);
        assert_eq!(names(&known), ["c", "d"]);
    }
}
