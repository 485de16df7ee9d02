//! One transaction in a log: its length, a checksum, and its changes, numbers little-endian.

use crate::storage::Change;

/// The bytes before a transaction's changes: their length and their CRC-32.
const HEAD: usize = 8;

/// A change in a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Written<'a> {
    pub(super) collection: &'a str,
    pub(super) key: &'a [u8],
    pub(super) value: Option<&'a [u8]>,
}

/// Why the rest of a log cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Broken {
    /// It ends in the middle of a transaction.
    Short,
    /// The checksum does not match.
    Checksum,
    /// A transaction holds something that is not a change.
    Change,
}

impl Broken {
    pub(super) fn reason(self) -> &'static str {
        match self {
            Self::Short => "a transaction in it is cut short",
            Self::Checksum => "the checksum of a transaction in it is wrong",
            Self::Change => "a transaction in it cannot be read",
        }
    }
}

/// Appends a transaction.
pub(super) fn write(out: &mut Vec<u8>, changes: &[Change]) {
    let start = out.len();
    out.extend_from_slice(&[0; HEAD]);
    for change in changes {
        part(out, change.collection.as_bytes());
        part(out, &change.key);
        out.push(u8::from(change.value.is_some()));
        if let Some(value) = &change.value {
            part(out, value);
        }
    }
    let body = start + HEAD;
    let length = u32::try_from(out.len() - body).expect("a transaction has at most some MiB");
    let checksum = crc32fast::hash(&out[body..]);
    out[start..start + 4].copy_from_slice(&length.to_le_bytes());
    out[start + 4..body].copy_from_slice(&checksum.to_le_bytes());
}

fn part(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("a request has at most some MiB");
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(bytes);
}

/// Takes the next transaction off a log; its changes are read as they are asked for.
///
/// # Errors
/// When it ends before the transaction does, or the checksum is wrong.
pub(super) fn next<'a>(
    log: &mut &'a [u8],
) -> Result<impl Iterator<Item = Result<Written<'a>, Broken>> + use<'a>, Broken> {
    let length = number(log).ok_or(Broken::Short)?;
    let checksum = number(log).ok_or(Broken::Short)?;
    let length = usize::try_from(length).map_err(|_| Broken::Short)?;
    let (mut body, rest) = log.split_at_checked(length).ok_or(Broken::Short)?;
    if crc32fast::hash(body) != checksum {
        return Err(Broken::Checksum);
    }
    *log = rest;
    Ok(std::iter::from_fn(move || {
        if body.is_empty() {
            return None;
        }
        let change = change(&mut body);
        if change.is_none() {
            body = &[];
        }
        Some(change.ok_or(Broken::Change))
    }))
}

fn change<'a>(body: &mut &'a [u8]) -> Option<Written<'a>> {
    let collection = std::str::from_utf8(taken(body)?).ok()?;
    let key = taken(body)?;
    let (has_value, rest) = body.split_first()?;
    *body = rest;
    let value = match has_value {
        0 => None,
        _ => Some(taken(body)?),
    };
    Some(Written {
        collection,
        key,
        value,
    })
}

fn taken<'a>(bytes: &mut &'a [u8]) -> Option<&'a [u8]> {
    let length = usize::try_from(number(bytes)?).ok()?;
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn number(bytes: &mut &[u8]) -> Option<u32> {
    let (number, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(u32::from_le_bytes(*number))
}
