//! Operations on customer managed policies. Error texts are AWS's; the limits are from the IAM User
//! Guide, "IAM and AWS STS quotas".

use std::collections::BTreeMap;

use super::account::{Iam, POLICIES, put};
use super::changes::{Changes, Outcome};
use super::customer_policy::{CustomerPolicy, PolicyVersion};
use super::error::{already_exists, conflict, limit_exceeded, no_such_entity};
use super::policy::Policy;
use super::validate;
use crate::clock::Now;
use crate::error::AwsError;
use crate::ids::Ids;
use crate::storage::Change;

/// The most customer managed policies of an account.
const MAX_POLICIES: usize = 1500;

/// The most versions of a policy.
const MAX_VERSIONS: usize = 5;

/// The most characters (without white space) of a managed policy.
const MAX_CHARS: usize = 6144;

/// A policy to be created.
#[derive(Debug, Clone, Copy)]
pub struct NewPolicy<'a> {
    /// Its name.
    pub name: &'a str,
    /// `/` or `/x/y/`; `None` for `/`.
    pub path: Option<&'a str>,
    /// The document of its first version.
    pub document: &'a str,
    /// What it is for, in its owner's words.
    pub description: Option<&'a str>,
    /// Tags.
    pub tags: &'a [(String, String)],
}

impl Iam {
    /// The customer managed policy with this ARN.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn customer_policy(&self, arn: &str) -> Result<&CustomerPolicy, AwsError> {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let policy = self.policies.get(&name.to_ascii_lowercase());
        policy
            .filter(|policy| policy.arn == arn)
            .ok_or_else(|| not_found(arn))
    }

    /// All customer managed policies, by name.
    pub fn customer_policies(&self) -> impl Iterator<Item = &CustomerPolicy> {
        self.policies.values()
    }

    /// The ARN of a policy that has, or would have, this name and path.
    pub fn policy_arn(&self, name: &str, path: &str) -> String {
        format!("arn:aws:iam::{}:policy{path}{name}", self.account())
    }

    /// Creates a policy with one version, `v1`.
    ///
    /// # Errors
    /// `EntityAlreadyExists`, `LimitExceeded`, `MalformedPolicyDocument`, `InvalidInput`,
    /// `ValidationError`.
    pub fn create_policy(
        &mut self,
        new: NewPolicy<'_>,
        now: Now,
        ids: &mut dyn Ids,
    ) -> Outcome<CustomerPolicy> {
        validate::name("policyName", new.name, 128)?;
        let path = new.path.unwrap_or("/");
        validate::path(path)?;
        validate::description(new.description.unwrap_or_default())?;
        let version = version(new.document, now)?;
        let tags = validate::merge_tags(&BTreeMap::new(), new.tags)?;
        let key = new.name.to_ascii_lowercase();
        if self.policies.contains_key(&key) {
            return Err(already_exists(format!(
                "A policy called {} already exists. Duplicate names are not allowed.",
                new.name
            )));
        }
        if self.policies.len() >= MAX_POLICIES {
            return Err(limit_exceeded(format!(
                "Cannot exceed quota for PoliciesPerAccount: {MAX_POLICIES}"
            )));
        }
        let policy = CustomerPolicy {
            name: new.name.to_owned(),
            path: path.to_owned(),
            arn: self.policy_arn(new.name, path),
            id: format!("ANPA{}", ids.base32(17)),
            description: new.description.map(str::to_owned),
            created: now.wall,
            updated: now.wall,
            default_version: 1,
            last_version: 1,
            versions: BTreeMap::from([(1, version)]),
            tags,
        };
        let entry = put(POLICIES, &key, &policy)?;
        self.policies.insert(key, policy.clone());
        Ok((policy, Changes::of_entry(entry)))
    }

    /// Deletes a policy that has one version and is attached to nothing.
    ///
    /// # Errors
    /// `NoSuchEntity`, `DeleteConflict`.
    pub fn delete_customer_policy(&mut self, arn: &str) -> Outcome<()> {
        let policy = self.customer_policy(arn)?;
        if self.attachment_count(arn) > 0 {
            return Err(conflict("Cannot delete a policy attached to entities."));
        }
        if policy.versions.len() > 1 {
            return Err(conflict(
                "This policy has more than one version. Before you delete a policy, you must \
                 delete the policy's versions. The default version is deleted with the policy.",
            ));
        }
        let key = policy.name.to_ascii_lowercase();
        self.policies.remove(&key);
        Ok(((), Changes::of_entry(Change::delete(POLICIES, key))))
    }

    /// Adds a version to a policy, and puts it into effect if `is_default`. Returns its number.
    ///
    /// # Errors
    /// `NoSuchEntity`, `LimitExceeded`, `MalformedPolicyDocument`.
    pub fn create_policy_version(
        &mut self,
        arn: &str,
        document: &str,
        is_default: bool,
        now: Now,
    ) -> Outcome<u32> {
        let version = version(document, now)?;
        self.change_policy(arn, |policy| {
            if policy.versions.len() >= MAX_VERSIONS {
                return Err(limit_exceeded(format!(
                    "A managed policy can have up to {MAX_VERSIONS} versions. Before you create a \
                     new version, you must delete an existing version."
                )));
            }
            policy.last_version += 1;
            policy.versions.insert(policy.last_version, version);
            policy.updated = now.wall;
            if is_default {
                policy.default_version = policy.last_version;
            }
            Ok(policy.last_version)
        })
    }

    /// Deletes a version that is not in effect.
    ///
    /// # Errors
    /// `NoSuchEntity`, `DeleteConflict`.
    pub fn delete_policy_version(&mut self, arn: &str, version: &str) -> Outcome<()> {
        self.change_policy(arn, |policy| {
            let number = numbered(policy, version)?;
            if number == policy.default_version {
                return Err(conflict("Cannot delete the default version of a policy."));
            }
            policy.versions.remove(&number);
            Ok(())
        })
    }

    /// Puts a version into effect.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn set_default_version(&mut self, arn: &str, version: &str, now: Now) -> Outcome<()> {
        self.change_policy(arn, |policy| {
            policy.default_version = numbered(policy, version)?;
            policy.updated = now.wall;
            Ok(())
        })
    }

    /// Adds tags to a policy, replacing those with the same keys.
    ///
    /// # Errors
    /// `NoSuchEntity`, `InvalidInput`, `LimitExceeded`, `ValidationError`.
    pub fn tag_policy(&mut self, arn: &str, tags: &[(String, String)]) -> Outcome<()> {
        self.change_policy(arn, |policy| {
            policy.tags = validate::merge_tags(&policy.tags, tags)?;
            Ok(())
        })
    }

    /// Removes tags from a policy; keys that are not set are ignored.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn untag_policy(&mut self, arn: &str, keys: &[String]) -> Outcome<()> {
        self.change_policy(arn, |policy| {
            let is_listed = |tag: &str| keys.iter().any(|key| tag.eq_ignore_ascii_case(key));
            policy.tags.retain(|tag, _| !is_listed(tag));
            Ok(())
        })
    }

    fn change_policy<T>(
        &mut self,
        arn: &str,
        change: impl FnOnce(&mut CustomerPolicy) -> Result<T, AwsError>,
    ) -> Outcome<T> {
        let mut policy = self.customer_policy(arn)?.clone();
        let result = change(&mut policy)?;
        let key = policy.name.to_ascii_lowercase();
        let entry = put(POLICIES, &key, &policy)?;
        self.policies.insert(key, policy);
        Ok((result, Changes::of_entry(entry)))
    }
}

fn version(document: &str, now: Now) -> Result<PolicyVersion, AwsError> {
    let policy = Policy::identity(document)?;
    if policy.size() > MAX_CHARS {
        return Err(limit_exceeded(format!(
            "Cannot exceed quota for PolicySize: {MAX_CHARS}"
        )));
    }
    Ok(PolicyVersion {
        policy,
        created: now.wall,
    })
}

fn numbered(policy: &CustomerPolicy, version: &str) -> Result<u32, AwsError> {
    let number = policy.version_number(version);
    number.ok_or_else(|| no_version(&policy.arn, version))
}

/// The error for a policy that does not exist.
pub(super) fn not_found(arn: &str) -> AwsError {
    no_such_entity(format!("Policy {arn} was not found."))
}

/// The error for a version that a policy does not have.
pub(super) fn no_version(arn: &str, version: &str) -> AwsError {
    no_such_entity(format!(
        "Policy {arn} version {version} does not exist or is not attachable."
    ))
}

#[cfg(test)]
mod tests;
