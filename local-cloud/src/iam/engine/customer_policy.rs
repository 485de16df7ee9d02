//! A customer managed policy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::policy::Policy;
use crate::clock::WallMs;

/// A policy that users of the account have made, and attach to roles and users.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CustomerPolicy {
    /// The name as it was given; it is unique whatever its case and path.
    pub name: String,
    /// `/` or `/x/y/`.
    pub path: String,
    /// `arn:aws:iam::ACCOUNT:policy/PATH/NAME`
    pub arn: String,
    /// `ANPA…`, never used again.
    pub id: String,
    /// What it is for, in its owner's words.
    pub description: Option<String>,
    /// When it was created.
    pub created: WallMs,
    /// When it last got a version.
    pub updated: WallMs,
    /// The number of the version that is in effect.
    pub default_version: u32,
    /// The number of the newest version that it ever had; numbers are not used again.
    pub last_version: u32,
    /// Its versions by their numbers.
    pub versions: BTreeMap<u32, PolicyVersion>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A version of a customer managed policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyVersion {
    /// Its document.
    pub policy: Policy,
    /// When it was created.
    pub created: WallMs,
}

impl CustomerPolicy {
    /// The version that is in effect.
    pub fn in_effect(&self) -> Option<&PolicyVersion> {
        self.versions.get(&self.default_version)
    }

    /// The number of the version with this id: 3 for `v3`. `None` where there is no such version.
    pub fn version_number(&self, id: &str) -> Option<u32> {
        let number = id.strip_prefix('v')?.parse().ok()?;
        self.versions.contains_key(&number).then_some(number)
    }
}
