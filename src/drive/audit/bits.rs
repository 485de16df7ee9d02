//! Many yes-or-noes in little room.

/// A fixed number of bits.
#[derive(Debug)]
pub(super) struct Bits {
    words: Vec<u64>,
    pub(super) len: u64,
}

impl Bits {
    pub(super) fn new(len: u64) -> Self {
        let words = usize::try_from(len.div_ceil(64)).unwrap_or_default();
        Self {
            words: vec![0; words],
            len,
        }
    }

    pub(super) fn set(&mut self, index: u64) {
        if let Some(word) = usize::try_from(index / 64)
            .ok()
            .and_then(|word| self.words.get_mut(word))
        {
            *word |= 1 << (index % 64);
        }
    }

    pub(super) fn has(&self, index: u64) -> bool {
        let word = usize::try_from(index / 64)
            .ok()
            .and_then(|word| self.words.get(word));
        word.is_some_and(|word| word >> (index % 64) & 1 == 1)
    }
}
