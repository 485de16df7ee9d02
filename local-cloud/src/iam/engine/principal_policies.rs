//! What a role or user may do, and its tags.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::error::delete_conflict;
use super::policy::Policy;
use super::validate;
use crate::error::AwsError;

/// Policies and tags of a role or user.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PrincipalPolicies {
    /// Inline policies by name.
    pub inline: BTreeMap<String, Policy>,
    /// ARNs of attached managed policies.
    pub attached: BTreeSet<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl PrincipalPolicies {
    /// Those of a new role or user, with these tags.
    pub(super) fn new(tags: &[(String, String)]) -> Result<Self, AwsError> {
        Ok(Self {
            tags: validate::merge_tags(&BTreeMap::new(), tags)?,
            ..Self::default()
        })
    }

    /// Checks that no policy is left, so that the role or user may be deleted.
    ///
    /// # Errors
    /// `DeleteConflict`.
    pub(super) fn check_empty(&self) -> Result<(), AwsError> {
        if !self.attached.is_empty() {
            return Err(delete_conflict("detach all policies"));
        }
        if !self.inline.is_empty() {
            return Err(delete_conflict("delete policies"));
        }
        Ok(())
    }
}
