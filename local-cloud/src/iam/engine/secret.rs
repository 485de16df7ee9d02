//! What must not be seen by whoever reads a log or a failed assertion.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

use crate::ids::Ids;

/// A text that somebody signs with. Its `Debug` form does not show it; stored, it is the text that
/// it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// So many random bytes, as text.
    pub(super) fn draw(ids: &mut dyn Ids, length: usize) -> Self {
        let mut bytes = vec![0; length];
        ids.fill(&mut bytes);
        Self(BASE64_STANDARD.encode(bytes))
    }

    /// The text, for whoever signs with it or is given it.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

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
    fn a_secret_is_stored_as_it_is_and_never_printed() {
        let secret = Secret::from("hunter2");
        assert_eq!(format!("{secret:?}"), "…");
        let stored = serde_json::to_string(&secret).unwrap();
        assert_eq!(stored, r#""hunter2""#);
        assert_eq!(serde_json::from_str::<Secret>(&stored).unwrap(), secret);
    }
}
