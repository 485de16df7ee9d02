//! Managed policies, whether AWS's or the customer's, as their readers see them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::account::Iam;
use super::customer_policies::no_version;
use super::customer_policy::CustomerPolicy;
use super::managed::{self, ManagedPolicy};
use super::policy::Document;
use super::principal_policies::PrincipalPolicies;
use crate::error::AwsError;
use crate::protocol::time;

/// A managed policy without its documents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySummary {
    /// Its name.
    pub name: String,
    /// `/` or `/x/y/`.
    pub path: String,
    /// Its ARN.
    pub arn: String,
    /// `ANPA…`
    pub id: String,
    /// What it is for.
    pub description: Option<String>,
    /// When it was created, as IAM writes it.
    pub created: String,
    /// When it last changed, as IAM writes it.
    pub updated: String,
    /// The version that is in effect, for example `v1`.
    pub default_version: String,
    /// How many roles and users it is attached to.
    pub attachments: usize,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// A version of a managed policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionView {
    /// For example `v1`.
    pub id: String,
    /// Whether it is in effect.
    pub is_default: bool,
    /// When it was created, as IAM writes it.
    pub created: String,
    /// Its document as it was put.
    pub document: String,
}

impl Iam {
    /// Every managed policy, AWS's and the customer's.
    pub fn managed_policies(&self) -> impl Iterator<Item = PolicySummary> {
        let of_aws = managed::CATALOGUE.iter().map(|policy| self.of_aws(policy));
        let of_customer = self
            .customer_policies()
            .map(|policy| self.of_customer(policy));
        of_aws.chain(of_customer)
    }

    /// The managed policy with this ARN.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn managed_policy(&self, arn: &str) -> Result<PolicySummary, AwsError> {
        match managed::find(arn) {
            Some(policy) => Ok(self.of_aws(policy)),
            None => Ok(self.of_customer(self.customer_policy(arn)?)),
        }
    }

    /// The versions of a managed policy, the newest first.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn policy_versions(&self, arn: &str) -> Result<Vec<VersionView>, AwsError> {
        if let Some(policy) = managed::find(arn) {
            return Ok(vec![VersionView {
                id: policy.version.to_owned(),
                is_default: true,
                created: policy.created.to_owned(),
                document: policy.document.to_owned(),
            }]);
        }
        let policy = self.customer_policy(arn)?;
        let versions = policy.versions.iter().rev();
        let view = versions.map(|(number, version)| VersionView {
            id: format!("v{number}"),
            is_default: *number == policy.default_version,
            created: time::iso(version.created),
            document: version.policy.text().to_owned(),
        });
        Ok(view.collect())
    }

    /// A version of a managed policy.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn policy_version(&self, arn: &str, id: &str) -> Result<VersionView, AwsError> {
        let mut versions = self.policy_versions(arn)?.into_iter();
        versions
            .find(|version| version.id == id)
            .ok_or_else(|| no_version(arn, id))
    }

    /// Whether there is a managed policy with this ARN.
    pub(super) fn is_managed_policy(&self, arn: &str) -> bool {
        managed::find(arn).is_some() || self.customer_policy(arn).is_ok()
    }

    /// The documents that are in effect for a role or user, inline and attached.
    pub fn documents(&self, policies: &PrincipalPolicies) -> Vec<Arc<Document>> {
        let inline = policies.inline.values().map(|policy| policy.document());
        let attached = policies
            .attached
            .iter()
            .filter_map(|arn| self.document(arn));
        inline.chain(attached).map(Arc::clone).collect()
    }

    fn document(&self, arn: &str) -> Option<&Arc<Document>> {
        if let Some(policy) = managed::find(arn) {
            return Some(policy.parsed());
        }
        let policy = self.customer_policy(arn).ok()?;
        Some(policy.in_effect()?.policy.document())
    }

    fn of_aws(&self, policy: &ManagedPolicy) -> PolicySummary {
        let arn = policy.arn();
        PolicySummary {
            name: policy.name.to_owned(),
            path: policy.path.to_owned(),
            id: policy.id.to_owned(),
            description: Some(policy.description.to_owned()),
            created: policy.created.to_owned(),
            updated: policy.created.to_owned(),
            default_version: policy.version.to_owned(),
            attachments: self.attachment_count(&arn),
            tags: BTreeMap::new(),
            arn,
        }
    }

    fn of_customer(&self, policy: &CustomerPolicy) -> PolicySummary {
        PolicySummary {
            name: policy.name.clone(),
            path: policy.path.clone(),
            arn: policy.arn.clone(),
            id: policy.id.clone(),
            description: policy.description.clone(),
            created: time::iso(policy.created),
            updated: time::iso(policy.updated),
            default_version: format!("v{}", policy.default_version),
            attachments: self.attachment_count(&policy.arn),
            tags: policy.tags.clone(),
        }
    }
}
