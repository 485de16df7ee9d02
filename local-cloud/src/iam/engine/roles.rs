//! Operations on roles. Error texts are AWS's.

use super::account::{Iam, ROLES, put};
use super::changes::{Changes, Outcome, Update};
use super::entity::Entity;
use super::error::{already_exists, limit_exceeded, no_role};
use super::policy::Policy;
use super::principal_policies::PrincipalPolicies;
use super::role::Role;
use super::validate;
use crate::clock::Now;
use crate::error::AwsError;
use crate::ids::Ids;
use crate::storage::Change;

/// The most roles of an account.
const MAX_ROLES: usize = 1000;

/// The most characters (without white space) of a trust policy.
const MAX_TRUST_CHARS: usize = 2048;

/// The longest session of a role for which none is set, in seconds.
const DEFAULT_MAX_SESSION_SECONDS: u32 = 3600;

/// A role to be created.
#[derive(Debug, Clone, Copy)]
pub struct NewRole<'a> {
    /// Its name.
    pub name: &'a str,
    /// `/` or `/x/y/`; `None` for `/`.
    pub path: Option<&'a str>,
    /// Its trust policy.
    pub trust: &'a str,
    /// What it is for, in its owner's words.
    pub description: Option<&'a str>,
    /// The longest session, in seconds: 3600 to 43200; `None` for 3600.
    pub max_session_seconds: Option<u32>,
    /// Tags.
    pub tags: &'a [(String, String)],
}

/// What changes in a role; `None` leaves a member as it is.
#[derive(Debug, Clone, Copy, Default)]
pub struct RoleUpdate<'a> {
    /// What it is for, in its owner's words.
    pub description: Option<&'a str>,
    /// The longest session, in seconds: 3600 to 43200.
    pub max_session_seconds: Option<u32>,
}

impl Iam {
    /// The role with this name, whatever its case.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn role(&self, name: &str) -> Result<&Role, AwsError> {
        validate::name("roleName", name, 64)?;
        self.roles
            .get(&name.to_ascii_lowercase())
            .ok_or_else(|| no_role(name))
    }

    /// The role with this ARN.
    pub fn role_by_arn(&self, arn: &str) -> Option<&Role> {
        let (_, name) = arn.rsplit_once('/')?;
        let role = self.roles.get(&name.to_ascii_lowercase())?;
        (role.arn == arn).then_some(role)
    }

    /// All roles whose path begins with `prefix`, by name.
    pub fn roles<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a Role> {
        self.roles
            .values()
            .filter(move |role| role.path.starts_with(prefix))
    }

    /// Creates a role.
    ///
    /// # Errors
    /// `EntityAlreadyExists`, `LimitExceeded`, `MalformedPolicyDocument`, `ValidationError`.
    pub fn create_role(&mut self, new: NewRole<'_>, now: Now, ids: &mut dyn Ids) -> Outcome<Role> {
        validate::name("roleName", new.name, 64)?;
        let path = new.path.unwrap_or("/");
        validate::path(path)?;
        validate::description(new.description.unwrap_or_default())?;
        let trust = self.trust_policy(new.trust)?;
        let principal_policies = PrincipalPolicies::new(new.tags)?;
        let key = new.name.to_ascii_lowercase();
        if self.roles.contains_key(&key) {
            let message = format!("Role with name {} already exists.", new.name);
            return Err(already_exists(message));
        }
        if self.roles.len() >= MAX_ROLES {
            return Err(limit_exceeded(format!(
                "Cannot exceed quota for RolesPerAccount: {MAX_ROLES}"
            )));
        }
        let role = Role {
            name: new.name.to_owned(),
            path: path.to_owned(),
            arn: self.arn_at(Entity::Role(new.name), path),
            id: format!("AROA{}", ids.base32(17)),
            created: now.wall,
            trust,
            description: new.description.map(str::to_owned),
            max_session_seconds: new
                .max_session_seconds
                .unwrap_or(DEFAULT_MAX_SESSION_SECONDS),
            principal_policies,
        };
        let entry = put(ROLES, &key, &role)?;
        let before = self.roles.insert(key.clone(), role.clone());
        Ok((role, Changes::of_update(entry, updated(key, before))))
    }

    /// Deletes a role that has no policies.
    ///
    /// # Errors
    /// `NoSuchEntity`, `DeleteConflict`.
    pub fn delete_role(&mut self, name: &str) -> Outcome<()> {
        let role = self.role(name)?;
        role.principal_policies.check_empty()?;
        let (arn, id) = (role.arn.clone(), role.id.clone());
        let sessions = format!(
            "arn:aws:sts::{}:assumed-role/{}/",
            self.account(),
            role.name
        );
        let key = name.to_ascii_lowercase();
        let update = Update::Role {
            before: self.roles.remove(&key).map(Box::new),
            name: key.clone(),
            is_deleted: true,
        };
        let entry = Change::delete(ROLES, key);
        let untrusted = self.replace_principals(|named| match named.strip_prefix(&sessions) {
            Some(session) => Some(format!("{id}:{session}")),
            None => (named == arn).then(|| id.clone()),
        })?;
        Ok(((), Changes::of_update(entry, update).and(untrusted)))
    }

    /// Changes a role's description and longest session.
    ///
    /// # Errors
    /// `NoSuchEntity`, `ValidationError`.
    pub fn update_role(&mut self, name: &str, update: RoleUpdate<'_>) -> Outcome<()> {
        validate::description(update.description.unwrap_or_default())?;
        self.change_role(name, |role| {
            if let Some(description) = update.description {
                role.description = Some(description.to_owned());
            }
            if let Some(seconds) = update.max_session_seconds {
                role.max_session_seconds = seconds;
            }
            Ok(())
        })
    }

    /// Replaces a role's trust policy.
    ///
    /// # Errors
    /// `NoSuchEntity`, `MalformedPolicyDocument`, `LimitExceeded`.
    pub fn update_assume_role_policy(&mut self, name: &str, document: &str) -> Outcome<()> {
        let trust = self.trust_policy(document)?;
        self.change_role(name, |role| {
            role.trust = trust;
            Ok(())
        })
    }

    /// A trust policy that may be put.
    fn trust_policy(&self, document: &str) -> Result<Policy, AwsError> {
        let policy = Policy::trust(document)?;
        self.check_principals(&policy)?;
        if policy.size() > MAX_TRUST_CHARS {
            let message = format!("Cannot exceed quota for ACLSizePerRole: {MAX_TRUST_CHARS}");
            return Err(limit_exceeded(message));
        }
        Ok(policy)
    }

    /// Changes a copy of a role and keeps it when that succeeds.
    pub(super) fn change_role(
        &mut self,
        name: &str,
        change: impl FnOnce(&mut Role) -> Result<(), AwsError>,
    ) -> Outcome<()> {
        let mut role = self.role(name)?.clone();
        change(&mut role)?;
        let key = name.to_ascii_lowercase();
        let entry = put(ROLES, &key, &role)?;
        let before = self.roles.insert(key.clone(), role);
        Ok(((), Changes::of_update(entry, updated(key, before))))
    }
}

fn updated(name: String, before: Option<Role>) -> Update {
    Update::Role {
        name,
        before: before.map(Box::new),
        is_deleted: false,
    }
}

#[cfg(test)]
mod tests;
