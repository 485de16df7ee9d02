//! Shard iterators. Dynoxide's can be made up, so this cloud's hold one of them with the stream that it
//! was given for, and are signed. They are valid until the cloud stops; AWS's expire after 15 minutes.

use std::fmt;

use aws_sigv4::sign::v4::calculate_signature;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use dynoxide::DynoxideError;
use subtle::ConstantTimeEq as _;

use crate::ids::{Ids as _, SystemIds};

/// Signs shard iterators and reads them.
pub(super) struct ShardIterators {
    key: [u8; 32],
}

/// A shard iterator that was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ShardIterator {
    /// The stream that it was given for.
    pub(super) stream_arn: String,
    /// Dynoxide's iterator.
    pub(super) inner: String,
}

impl ShardIterators {
    pub(super) fn new() -> Self {
        let mut key = [0; 32];
        SystemIds.fill(&mut key);
        Self { key }
    }

    /// A client's iterator for dynoxide's.
    pub(super) fn write(&self, iterator: &ShardIterator) -> String {
        let text = format!("{} {}", iterator.stream_arn, iterator.inner);
        let signature = calculate_signature(self.key, text.as_bytes());
        BASE64.encode(format!("{signature} {text}"))
    }

    /// Reads a client's iterator.
    ///
    /// # Errors
    /// `ValidationException` for one that was not written here.
    pub(super) fn read(&self, text: &str) -> Result<ShardIterator, DynoxideError> {
        let read = || {
            let text = String::from_utf8(BASE64.decode(text).ok()?).ok()?;
            let (signature, text) = text.split_once(' ')?;
            let expected = calculate_signature(self.key, text.as_bytes());
            let is_ours = bool::from(expected.as_bytes().ct_eq(signature.as_bytes()));
            let (stream_arn, inner) = text.split_once(' ').filter(|_| is_ours)?;
            Some(ShardIterator {
                stream_arn: stream_arn.to_owned(),
                inner: inner.to_owned(),
            })
        };
        read().ok_or_else(|| DynoxideError::ValidationException("Invalid ShardIterator".to_owned()))
    }
}

impl fmt::Debug for ShardIterators {
    /// Leaves the key out.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ShardIterators").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_iterators_are_read() {
        let (ours, others) = (ShardIterators::new(), ShardIterators::new());
        let iterator = ShardIterator {
            stream_arn: "arn:aws:dynamodb:r:a:table/t/stream/l".to_owned(),
            inner: "eyJ0YWJsZSI6InQifQ==".to_owned(),
        };
        let text = ours.write(&iterator);
        assert_eq!(ours.read(&text).unwrap(), iterator);
        for made_up in [
            &others.write(&iterator),
            "",
            "eyJ0YWJsZSI6InQifQ==",
            &text[1..],
        ] {
            assert!(ours.read(made_up).is_err(), "{made_up}");
        }
        let other = BASE64.decode(&text).unwrap();
        let other = String::from_utf8(other)
            .unwrap()
            .replace("table/t", "table/u");
        assert!(ours.read(&BASE64.encode(other)).is_err());
    }
}
