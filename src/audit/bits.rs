//! A set of indexes in one bit each.

/// A set of the indexes below a fixed length.
#[derive(Debug)]
pub(super) struct BitSet {
    words: Vec<u64>,
    len: u64,
}

impl BitSet {
    /// An empty set for the indexes `0..len`.
    pub(super) fn new(len: u64) -> Self {
        let words = usize::try_from(len.div_ceil(64)).unwrap_or_default();
        Self {
            words: vec![0; words],
            len,
        }
    }

    /// The indexes that it can hold.
    pub(super) fn range(&self) -> std::ops::Range<u64> {
        0..self.len
    }

    /// Adds an index. One beyond the length is ignored.
    pub(super) fn insert(&mut self, index: u64) {
        if let Some(word) = usize::try_from(index / 64)
            .ok()
            .and_then(|word| self.words.get_mut(word))
        {
            *word |= 1 << (index % 64);
        }
    }

    pub(super) fn contains(&self, index: u64) -> bool {
        usize::try_from(index / 64)
            .ok()
            .and_then(|word| self.words.get(word))
            .is_some_and(|word| word >> (index % 64) & 1 == 1)
    }
}
