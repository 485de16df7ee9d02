//! Where a lab is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::region::DEFAULT_REGION;
use crate::globals::TargetKind;

/// The account id of the local cloud: one that no AWS account has.
pub(crate) const LOCAL_ACCOUNT: &str = "000000000000";
/// The region of the local cloud.
pub(crate) const LOCAL_REGION: &str = DEFAULT_REGION;

/// Where a lab is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// `local` or `aws`.
    pub kind: String,
    /// The account id.
    pub account: String,
    /// The region.
    pub region: String,
    /// The endpoint, where it is not AWS's own.
    pub endpoint: Option<String>,
    /// The profile named by `--profile` or `AWS_PROFILE`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
}

impl Target {
    /// Whether this is the local cloud.
    pub fn is_local(&self) -> bool {
        self.kind == TargetKind::Local.name()
    }

    /// Whether both are the same account, region and endpoint. The local cloud's port may differ.
    pub fn is_same(&self, other: &Self) -> bool {
        let local = self.is_local() && other.is_local();
        local || (self.key() == other.key() && self.endpoint == other.endpoint)
    }

    /// The flags and the environment variable that select this target.
    pub(super) fn flags(&self) -> String {
        let mut flags = format!("--target {}", self.kind);
        if self.is_local() {
            return flags;
        }
        flags.push_str(&format!(" --region {}", self.region));
        if let Some(profile) = &self.profile {
            flags.push_str(&format!(" --profile {profile}"));
        }
        if let Some(endpoint) = &self.endpoint {
            flags.push_str(&format!(" with AWS_ENDPOINT_URL={endpoint}"));
        }
        flags
    }

    /// The name of the directory for the records of this target's labs.
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
        let cloud = if self.is_local() {
            "the local cloud"
        } else {
            "AWS"
        };
        write!(
            formatter,
            "{cloud}, account {}, region {}",
            self.account, self.region
        )?;
        self.endpoint.as_ref().map_or(Ok(()), |endpoint| {
            write!(formatter, ", endpoint {endpoint}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(kind: TargetKind, region: &str, endpoint: Option<&str>) -> Target {
        Target {
            kind: kind.name().to_owned(),
            account: "123456789012".to_owned(),
            region: region.to_owned(),
            endpoint: endpoint.map(str::to_owned),
            profile: None,
        }
    }

    #[test]
    fn targets_differ_by_account_region_and_endpoint() {
        let local = |port: &str| target(TargetKind::Local, "us-east-1", Some(port));
        assert!(local("http://127.0.0.1:1").is_same(&local("http://127.0.0.1:2")));
        let aws = |region, endpoint| target(TargetKind::Aws, region, endpoint);
        let one = aws("eu-west-1", None);
        assert!(one.is_same(&one.clone()));
        assert!(!one.is_same(&aws("us-east-1", None)));
        assert!(!one.is_same(&aws("eu-west-1", Some("http://127.0.0.1:1"))));
        assert_eq!(one.flags(), "--target aws --region eu-west-1");
    }
}
