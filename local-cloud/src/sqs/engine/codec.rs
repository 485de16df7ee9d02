//! The compact form of keys and values: numbers big-endian, texts after their length.

/// Why a stored value cannot be read.
const SHORT: &str = "an SQS entry is cut short or of another version";

/// The version of the values that this program writes, their first byte.
const VERSION: u8 = 1;

/// The key of an entry about a queue's message.
pub(super) fn key(queue: u32, sequence: u64) -> Vec<u8> {
    let mut key = queue.to_be_bytes().to_vec();
    key.extend(sequence.to_be_bytes());
    key
}

/// Reads a key.
pub(super) fn read_key(key: &[u8]) -> Result<(u32, u64), String> {
    let mut reader = Reader(key);
    let read = (reader.u32()?, reader.u64()?);
    // Trailing bytes would give one message two keys.
    reader.is_at_end().then_some(read).ok_or(SHORT.to_owned())
}

/// Writes a value.
pub(super) struct Writer(Vec<u8>);

impl Writer {
    pub(super) fn new(room: usize) -> Self {
        let mut bytes = Vec::with_capacity(room + 1);
        bytes.push(VERSION);
        Self(bytes)
    }

    /// Writes a part of a value, which has no version.
    pub(super) fn bare() -> Self {
        Self(Vec::new())
    }

    pub(super) fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    pub(super) fn u32(&mut self, number: u32) {
        self.raw(&number.to_be_bytes());
    }

    pub(super) fn u64(&mut self, number: u64) {
        self.raw(&number.to_be_bytes());
    }

    /// Bytes after their length, which fits because a request has at most a few MiB.
    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        self.u32(u32::try_from(bytes.len()).unwrap_or(u32::MAX));
        self.raw(bytes);
    }

    /// An optional text.
    pub(super) fn optional(&mut self, text: Option<&str>) {
        self.raw(&[u8::from(text.is_some())]);
        if let Some(text) = text {
            self.bytes(text.as_bytes());
        }
    }

    pub(super) fn done(self) -> Vec<u8> {
        self.0
    }
}

/// Reads a value.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self, String> {
        match bytes.split_first() {
            Some((&VERSION, rest)) => Ok(Self(rest)),
            _ => Err(SHORT.to_owned()),
        }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.0.is_empty()
    }

    /// Reads what [`Writer::bare`] wrote.
    pub(super) fn bare(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The rest.
    pub(super) fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    pub(super) fn take<const N: usize>(&mut self) -> Result<[u8; N], String> {
        let (head, rest) = self.0.split_first_chunk::<N>().ok_or(SHORT)?;
        self.0 = rest;
        Ok(*head)
    }

    pub(super) fn u32(&mut self) -> Result<u32, String> {
        self.take().map(u32::from_be_bytes)
    }

    pub(super) fn u64(&mut self) -> Result<u64, String> {
        self.take().map(u64::from_be_bytes)
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], String> {
        let length = usize::try_from(self.u32()?).map_err(|_| SHORT)?;
        let (head, rest) = self.0.split_at_checked(length).ok_or(SHORT)?;
        self.0 = rest;
        Ok(head)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, String> {
        std::str::from_utf8(self.bytes()?).map_err(|_| SHORT.to_owned())
    }

    pub(super) fn optional(&mut self) -> Result<Option<&'a str>, String> {
        match self.take::<1>()? {
            [0] => Ok(None),
            _ => self.text().map(Some),
        }
    }
}
