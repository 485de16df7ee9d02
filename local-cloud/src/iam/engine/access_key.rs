//! A user's access key.

use serde::{Deserialize, Serialize};

use super::secret::Secret;
use crate::clock::WallMs;

/// An access key. Its secret is shown once, in the reply that creates it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA…`
    pub id: String,
    /// What its user signs with.
    pub secret: Secret,
    /// Whether it may be used.
    pub active: bool,
    /// When it was created.
    pub created: WallMs,
}

impl AccessKey {
    /// `Active` or `Inactive`, as IAM writes it.
    pub fn status(&self) -> &'static str {
        match self.active {
            true => "Active",
            false => "Inactive",
        }
    }
}
