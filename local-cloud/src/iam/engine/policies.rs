//! Operations that exist for roles and users alike: on their inline policies, their attached managed
//! policies, and their tags. Error texts are AWS's.

use super::account::Iam;
use super::changes::Outcome;
use super::entity::Entity;
use super::error::{limit_exceeded, no_such_entity, not_found};
use super::policy::Policy;
use super::principal_policies::PrincipalPolicies;
use super::role::Role;
use super::user::User;
use super::validate;
use crate::error::AwsError;

/// The most managed policies of one role or user.
const MAX_ATTACHED: usize = 10;

impl Entity<'_> {
    /// The most characters (without white space) of its inline policies in sum.
    fn max_inline(self) -> usize {
        match self {
            Self::Role(_) => 10_240,
            Self::User(_) => 2048,
        }
    }

    /// The name of the quota of attached policies.
    fn attached_quota(self) -> &'static str {
        match self {
            Self::Role(_) => "PoliciesPerRole",
            Self::User(_) => "PoliciesPerUser",
        }
    }

    fn no_policy(self, policy: &str) -> AwsError {
        not_found(&format!("The {} policy", self.kind()), policy)
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

    /// An inline policy, and the name of the role or user that has it.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn inline_policy(
        &self,
        entity: Entity<'_>,
        policy: &str,
    ) -> Result<(&str, &Policy), AwsError> {
        let (name, policies) = self.principal_policies(entity)?;
        let found = policies.inline.get(policy);
        Ok((name, found.ok_or_else(|| entity.no_policy(policy))?))
    }

    /// The number of roles and users that a managed policy is attached to.
    pub fn attachment_count(&self, policy_arn: &str) -> usize {
        let roles = self.roles.values().map(|role| &role.principal_policies);
        let users = self.users.values().map(|user| &user.principal_policies);
        roles
            .chain(users)
            .filter(|policies| policies.attached.contains(policy_arn))
            .count()
    }

    /// The roles that a managed policy is attached to.
    pub fn attached_roles(&self, policy_arn: &str) -> impl Iterator<Item = &Role> {
        let roles = self.roles.values();
        roles.filter(move |role| role.principal_policies.attached.contains(policy_arn))
    }

    /// The users that a managed policy is attached to.
    pub fn attached_users(&self, policy_arn: &str) -> impl Iterator<Item = &User> {
        let users = self.users.values();
        users.filter(move |user| user.principal_policies.attached.contains(policy_arn))
    }

    /// Adds or replaces an inline policy.
    ///
    /// # Errors
    /// `NoSuchEntity`, `MalformedPolicyDocument`, `LimitExceeded`.
    pub fn put_policy(&mut self, entity: Entity<'_>, policy: &str, document: &str) -> Outcome<()> {
        validate::name("policyName", policy, 128)?;
        let parsed = Policy::identity(document)?;
        let max = entity.max_inline();
        let name = self.principal_policies(entity)?.0.to_owned();
        self.change_policies(entity, |policies| {
            let others = policies.inline.iter().filter(|(other, _)| *other != policy);
            let sum: usize = others.map(|(_, other)| other.size()).sum();
            if sum + parsed.size() > max {
                let kind = entity.kind();
                return Err(limit_exceeded(format!(
                    "Maximum policy size of {max} bytes exceeded for {kind} {name}"
                )));
            }
            policies.inline.insert(policy.to_owned(), parsed);
            Ok(())
        })
    }

    /// Deletes an inline policy.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn delete_policy(&mut self, entity: Entity<'_>, policy: &str) -> Outcome<()> {
        self.change_policies(entity, |policies| match policies.inline.remove(policy) {
            Some(_) => Ok(()),
            None => Err(entity.no_policy(policy)),
        })
    }

    /// Attaches a managed policy; attaching it again changes nothing.
    ///
    /// # Errors
    /// `NoSuchEntity`, `LimitExceeded`.
    pub fn attach_policy(&mut self, entity: Entity<'_>, policy_arn: &str) -> Outcome<()> {
        if !self.is_managed_policy(policy_arn) {
            let message = format!("Policy {policy_arn} does not exist or is not attachable.");
            return Err(no_such_entity(message));
        }
        self.change_policies(entity, |policies| {
            policies.attached.insert(policy_arn.to_owned());
            if policies.attached.len() > MAX_ATTACHED {
                let quota = entity.attached_quota();
                return Err(limit_exceeded(format!(
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
        self.change_policies(entity, |policies| {
            if policies.attached.remove(policy_arn) {
                return Ok(());
            }
            Err(no_such_entity(format!(
                "Policy {policy_arn} was not found."
            )))
        })
    }

    /// Adds tags, replacing those with the same keys.
    ///
    /// # Errors
    /// `NoSuchEntity`, `InvalidInput`, `LimitExceeded`, `ValidationError`.
    pub fn tag(&mut self, entity: Entity<'_>, tags: &[(String, String)]) -> Outcome<()> {
        self.change_policies(entity, |policies| {
            policies.tags = validate::merge_tags(&policies.tags, tags)?;
            Ok(())
        })
    }

    /// Removes tags; keys that are not set are ignored.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn untag<K: AsRef<str>>(&mut self, entity: Entity<'_>, keys: &[K]) -> Outcome<()> {
        self.change_policies(entity, |policies| {
            let is_listed = |tag: &str| {
                keys.iter()
                    .any(|key| tag.eq_ignore_ascii_case(key.as_ref()))
            };
            policies.tags.retain(|tag, _| !is_listed(tag));
            Ok(())
        })
    }

    fn change_policies(
        &mut self,
        entity: Entity<'_>,
        change: impl FnOnce(&mut PrincipalPolicies) -> Result<(), AwsError>,
    ) -> Outcome<()> {
        match entity {
            Entity::Role(name) => {
                self.change_role(name, |role| change(&mut role.principal_policies))
            }
            Entity::User(name) => {
                self.change_user(name, |user| change(&mut user.principal_policies))
            }
        }
    }
}

#[cfg(test)]
mod tests;
