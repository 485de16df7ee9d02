//! Messages in batches that SQS takes: up to ten, and 1 MiB in all. Pure.

use super::record::{MOST_BYTES, MessageRecord};

/// The most messages of a batch.
const MOST_MESSAGES: usize = 10;

/// Fills batches in the order of the messages.
#[derive(Debug)]
pub(crate) struct Batcher<T> {
    messages: Vec<T>,
    bytes: usize,
}

impl<T> Default for Batcher<T> {
    fn default() -> Self {
        Self {
            messages: Vec::new(),
            bytes: 0,
        }
    }
}

impl<T: AsRef<MessageRecord>> Batcher<T> {
    /// Adds a message. Returns the batch before it where the message does not fit into that.
    pub(crate) fn add(&mut self, message: T) -> Option<Vec<T>> {
        let size = message.as_ref().size();
        let is_full =
            self.messages.len() == MOST_MESSAGES || self.bytes.saturating_add(size) > MOST_BYTES;
        let full = if is_full { self.take() } else { None };
        self.bytes += size;
        self.messages.push(message);
        full
    }

    /// The batch that is not full yet; `None` where it is empty.
    pub(crate) fn take(&mut self) -> Option<Vec<T>> {
        self.bytes = 0;
        Some(std::mem::take(&mut self.messages)).filter(|messages| !messages.is_empty())
    }
}

impl AsRef<Self> for MessageRecord {
    fn as_ref(&self) -> &Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The sizes of the messages of each batch.
    fn batches(sizes: &[usize]) -> Vec<Vec<usize>> {
        let mut batcher = Batcher::default();
        let message = |size: &usize| MessageRecord {
            body: "x".repeat(*size),
            ..MessageRecord::default()
        };
        let mut batches: Vec<Vec<MessageRecord>> = sizes
            .iter()
            .filter_map(|size| batcher.add(message(size)))
            .collect();
        batches.extend(batcher.take());
        let sizes = |batch: &Vec<MessageRecord>| batch.iter().map(MessageRecord::size).collect();
        batches.iter().map(sizes).collect()
    }

    #[test]
    fn a_batch_has_ten_messages() {
        let lengths: Vec<usize> = batches(&[1; 21]).iter().map(Vec::len).collect();
        assert_eq!(lengths, [10, 10, 1]);
        assert!(batches(&[]).is_empty());
    }

    #[test]
    fn a_batch_has_a_mebibyte_in_all() {
        let (half, most) = (MOST_BYTES / 2, MOST_BYTES);
        assert_eq!(batches(&[half, half, 1]), [vec![half, half], vec![1]]);
        assert_eq!(batches(&[1, most, 2]), [vec![1], vec![most], vec![2]]);
    }
}
