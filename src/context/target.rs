//! Where a lab is.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Caller;
use crate::globals::TargetKind;

/// Where a lab is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// `local` or `aws`.
    pub kind: String,
    /// The account id.
    pub account: String,
    /// The region.
    pub region: String,
    /// The endpoint where it is not AWS's own.
    pub endpoint: Option<String>,
    /// The profile that was named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

impl Target {
    /// Whether this is the local cloud.
    pub fn is_local(&self) -> bool {
        self.kind == TargetKind::Local.name()
    }

    /// The target in the JSON document, with who acts there.
    pub(super) fn json(&self, caller: &Caller) -> Value {
        json!({
            "kind": self.kind,
            "account": self.account,
            "region": self.region,
            "endpoint": self.endpoint,
            "caller": caller.arn,
            "alias": caller.alias,
            "profile": caller.profile,
        })
    }

    /// The name of the directory for what is remembered of this target's labs.
    pub fn key(&self) -> String {
        if self.is_local() {
            self.kind.clone()
        } else {
            format!("{}-{}-{}", self.kind, self.account, self.region)
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = if self.is_local() {
            "the local cloud"
        } else {
            "AWS"
        };
        write!(
            formatter,
            "{place}, account {}, region {}",
            self.account, self.region
        )?;
        self.endpoint.as_ref().map_or(Ok(()), |endpoint| {
            write!(formatter, ", endpoint {endpoint}")
        })
    }
}
