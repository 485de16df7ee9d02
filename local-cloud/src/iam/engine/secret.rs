//! Texts that must not appear in a log or in the message of a failed assertion.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::ids::Ids;

/// A secret key or session token. Its `Debug` form does not show it, and comparing two takes the
/// same time wherever they differ. It is stored as plain text.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// `length` random bytes in base64.
    pub(super) fn random(ids: &mut dyn Ids, length: usize) -> Self {
        let mut bytes = vec![0; length];
        ids.fill(&mut bytes);
        Self(BASE64_STANDARD.encode(bytes))
    }

    /// The text, for whoever signs with it or is given it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}
impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[cfg(test)]
mod tests {
    use super::Secret;

    #[test]
    fn secrets_are_stored_but_never_printed() {
        let secret = Secret::from("hunter2");
        assert_eq!(format!("{secret:?}"), "…");
        let stored = serde_json::to_string(&secret).unwrap();
        assert_eq!(stored, r#""hunter2""#);
        assert_eq!(serde_json::from_str::<Secret>(&stored).unwrap(), secret);
        assert_ne!(Secret::from("hunter3"), secret);
    }
}
