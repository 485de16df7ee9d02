//! What roles and users have alike: inline policies, attached managed policies, and tags. Error
//! texts are AWS's.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::account::{Iam, Outcome, missing};
use super::managed;
use super::policy::{Document, Policy};
use super::validate::{self, limit};
use crate::error::AwsError;

/// The most managed policies of one role or user.
const MAX_ATTACHED: usize = 10;

/// A role or a user, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entity<'a> {
    /// A role.
    Role(&'a str),
    /// A user.
    User(&'a str),
}

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
    /// Those of something new, with these tags.
    pub(super) fn new(tags: &[(String, String)]) -> Result<Self, AwsError> {
        Ok(Self {
            tags: validate::merge_tags(&BTreeMap::new(), tags)?,
            ..Self::default()
        })
    }

    /// All policies, inline and attached.
    pub fn documents(&self) -> impl Iterator<Item = &Document> {
        let attached = self.attached.iter().filter_map(|arn| managed::find(arn));
        let inline = self.inline.values().map(Policy::document);
        inline.chain(attached.map(|policy| policy.parsed()))
    }

    /// That there are no policies any more.
    ///
    /// # Errors
    /// `DeleteConflict`.
    pub(super) fn check_free(&self) -> Result<(), AwsError> {
        if !self.attached.is_empty() {
            return Err(conflict("detach all policies"));
        }
        if !self.inline.is_empty() {
            return Err(conflict("delete policies"));
        }
        Ok(())
    }
}

/// The error for an entity that something is still left of.
pub(super) fn conflict(what: &str) -> AwsError {
    let message = format!("Cannot delete entity, must {what} first.");
    AwsError::new("DeleteConflict", 409, message)
}

impl Entity<'_> {
    /// `role` or `user`.
    fn kind(self) -> &'static str {
        match self {
            Self::Role(_) => "role",
            Self::User(_) => "user",
        }
    }

    /// The most characters (without white space) of its inline policies in sum.
    fn max_inline(self) -> usize {
        match self {
            Self::Role(_) => 10_240,
            Self::User(_) => 2048,
        }
    }

    fn no_policy(self, policy: &str) -> AwsError {
        missing(&format!("The {} policy", self.kind()), policy)
    }
}

impl Iam {
    /// Policies and tags of a role or user, and its name as it was given.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn principal_policies(
        &self,
        entity: Entity<'_>,
    ) -> Result<(&str, &PrincipalPolicies), AwsError> {
        Ok(match entity {
            Entity::Role(name) => {
                let role = self.role(name)?;
                (&role.name, &role.principal_policies)
            }
            Entity::User(name) => {
                let user = self.user(name)?;
                (&user.name, &user.principal_policies)
            }
        })
    }

    /// An inline policy, and the name of whose it is.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn inline_policy(
        &self,
        entity: Entity<'_>,
        policy: &str,
    ) -> Result<(&str, &Policy), AwsError> {
        let (name, principal_policies) = self.principal_policies(entity)?;
        let found = principal_policies.inline.get(policy);
        Ok((name, found.ok_or_else(|| entity.no_policy(policy))?))
    }

    /// How many roles and users a managed policy is attached to.
    pub fn attachments(&self, policy_arn: &str) -> usize {
        let roles = self.roles.values().map(|role| &role.principal_policies);
        let users = self.users.values().map(|user| &user.principal_policies);
        roles
            .chain(users)
            .filter(|principal_policies| principal_policies.attached.contains(policy_arn))
            .count()
    }

    /// Adds or replaces an inline policy.
    ///
    /// # Errors
    /// `NoSuchEntity`, `MalformedPolicyDocument`, `LimitExceeded`.
    pub fn put_policy(&mut self, entity: Entity<'_>, policy: &str, document: &str) -> Outcome<()> {
        validate::name("policyName", policy, 128)?;
        let parsed = Policy::identity(document)?;
        let too_large = |name: &str| {
            let (most, kind) = (entity.max_inline(), entity.kind());
            let message = format!("Maximum policy size of {most} bytes exceeded for {kind} {name}");
            limit(message)
        };
        let name = self.principal_policies(entity)?.0.to_owned();
        self.alter_principal_policies(entity, |principal_policies| {
            let others = principal_policies
                .inline
                .iter()
                .filter(|(other, _)| *other != policy);
            let sum: usize = others.map(|(_, other)| size(other.text())).sum();
            if sum + size(document) > entity.max_inline() {
                return Err(too_large(&name));
            }
            principal_policies.inline.insert(policy.to_owned(), parsed);
            Ok(())
        })
    }

    /// Removes an inline policy.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn delete_policy(&mut self, entity: Entity<'_>, policy: &str) -> Outcome<()> {
        self.alter_principal_policies(entity, |principal_policies| {
            match principal_policies.inline.remove(policy) {
                Some(_) => Ok(()),
                None => Err(entity.no_policy(policy)),
            }
        })
    }

    /// Attaches a managed policy; one that is attached stays so.
    ///
    /// # Errors
    /// `NoSuchEntity`, `LimitExceeded`.
    pub fn attach_policy(&mut self, entity: Entity<'_>, policy_arn: &str) -> Outcome<()> {
        if managed::find(policy_arn).is_none() {
            let message = format!("Policy {policy_arn} does not exist or is not attachable.");
            return Err(AwsError::new("NoSuchEntity", 404, message));
        }
        self.alter_principal_policies(entity, |principal_policies| {
            principal_policies.attached.insert(policy_arn.to_owned());
            if principal_policies.attached.len() > MAX_ATTACHED {
                let quota = match entity {
                    Entity::Role(_) => "PoliciesPerRole",
                    Entity::User(_) => "PoliciesPerUser",
                };
                return Err(limit(format!(
                    "Cannot exceed quota for {quota}: {MAX_ATTACHED}"
                )));
            }
            Ok(())
        })
    }

    /// Detaches a managed policy.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn detach_policy(&mut self, entity: Entity<'_>, policy_arn: &str) -> Outcome<()> {
        self.alter_principal_policies(entity, |principal_policies| {
            if principal_policies.attached.remove(policy_arn) {
                return Ok(());
            }
            let message = format!("Policy {policy_arn} was not found.");
            Err(AwsError::new("NoSuchEntity", 404, message))
        })
    }

    /// Adds tags, replacing those with the same keys.
    ///
    /// # Errors
    /// `NoSuchEntity`, `InvalidInput`, `LimitExceeded`, `ValidationError`.
    pub fn tag(&mut self, entity: Entity<'_>, tags: &[(String, String)]) -> Outcome<()> {
        self.alter_principal_policies(entity, |principal_policies| {
            principal_policies.tags = validate::merge_tags(&principal_policies.tags, tags)?;
            Ok(())
        })
    }

    /// Removes tags; keys that are not there are passed over.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn untag(&mut self, entity: Entity<'_>, keys: &[&str]) -> Outcome<()> {
        self.alter_principal_policies(entity, |principal_policies| {
            let named = |tag: &str| keys.iter().any(|key| tag.eq_ignore_ascii_case(key));
            principal_policies.tags.retain(|tag, _| !named(tag));
            Ok(())
        })
    }

    fn alter_principal_policies(
        &mut self,
        entity: Entity<'_>,
        alter: impl FnOnce(&mut PrincipalPolicies) -> Result<(), AwsError>,
    ) -> Outcome<()> {
        match entity {
            Entity::Role(name) => self.alter_role(name, |role| alter(&mut role.principal_policies)),
            Entity::User(name) => self.alter_user(name, |user| alter(&mut user.principal_policies)),
        }
    }
}

/// A policy's size as IAM counts it: white space is free.
pub(super) fn size(document: &str) -> usize {
    document
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .count()
}

#[cfg(test)]
mod tests;
