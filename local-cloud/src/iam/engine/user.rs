//! A user.

use serde::{Deserialize, Serialize};

use super::access_key::AccessKey;
use super::principal_policies::PrincipalPolicies;
use crate::clock::WallMs;

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// The name as it was given; it is unique whatever its case.
    pub name: String,
    /// `/` or `/x/y/`.
    pub path: String,
    /// `arn:aws:iam::ACCOUNT:user/PATH/NAME`
    pub arn: String,
    /// `AIDA…`, never used again.
    pub id: String,
    /// When it was created.
    pub created: WallMs,
    /// Its policies and tags.
    #[serde(flatten)]
    pub principal_policies: PrincipalPolicies,
    /// Its access keys, the oldest first.
    pub keys: Vec<AccessKey>,
}

impl User {
    /// The access key with this id.
    pub fn key(&self, id: &str) -> Option<&AccessKey> {
        self.keys.iter().find(|key| key.id == id)
    }
}
