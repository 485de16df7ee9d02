//! Changes of roles, users and access keys that have not arrived everywhere.
//!
//! The services that authorize requests see a change later than IAM, which answers with what was
//! written: [`ServicePropagation`]. IAM itself is kept on many machines too, and for a while some of
//! them do not know a new role, or see policies of a role that has none left: [`IamPropagation`].

use super::access_key::AccessKey;
use super::account::Iam;
use super::changes::Update;
use super::error;
use super::principal_policies::PrincipalPolicies;
use super::role::Role;
use super::user::User;
use crate::clock::LabMs;
use crate::error::AwsError;
use crate::faults::Lagging;

/// What services still see of roles, users and access keys.
#[derive(Debug, Default)]
pub struct ServicePropagation {
    /// Roles by their names in lower case; `None` for a new one.
    roles: Lagging<String, Option<Role>>,
    /// Users by their names in lower case; `None` for a new one.
    users: Lagging<String, Option<User>>,
    /// The users, by their names in lower case, who had the access keys with these ids.
    key_owners: Lagging<String, String>,
}

impl ServicePropagation {
    /// Records an update that takes `delay_ms` milliseconds of lab time to arrive.
    pub fn record(&mut self, update: Update, delay_ms: u64, now: LabMs) {
        match update {
            Update::Role { name, before, .. } => {
                let before = before.map(|role| *role);
                self.roles.record(name, before, delay_ms, now);
            }
            Update::User { name, before } => {
                let before = before.map(|user| *user);
                for key in before.iter().flat_map(|user| &user.keys) {
                    let (id, owner) = (key.id.clone(), name.clone());
                    self.key_owners.record(id, owner, delay_ms, now);
                }
                self.users.record(name, before, delay_ms, now);
            }
        }
    }

    /// The role as services see it; `None` where they do not know it yet.
    pub fn role<'a>(&'a self, role: &'a Role, now: LabMs) -> Option<&'a Role> {
        match self.roles.get(&role.name.to_ascii_lowercase(), now) {
            // An earlier role of this name is another role.
            Some(earlier) => earlier.as_ref().filter(|earlier| earlier.id == role.id),
            None => Some(role),
        }
    }

    /// The user with this name, in any case, as services see it.
    pub fn user<'a>(&'a self, iam: &'a Iam, name: &str, now: LabMs) -> Option<&'a User> {
        let name = name.to_ascii_lowercase();
        match self.users.get(&name, now) {
            Some(earlier) => earlier.as_ref(),
            None => iam.users.get(&name),
        }
    }

    /// The active access key with this id and its user, as services see them: a new key is not known
    /// yet, and one that was deleted or deactivated still works.
    pub fn key<'a>(
        &'a self,
        iam: &'a Iam,
        id: &str,
        now: LabMs,
    ) -> Option<(&'a User, &'a AccessKey)> {
        let earlier_owner = self.key_owners.get(&id.to_owned(), now);
        let owner = earlier_owner.map(String::as_str).or(iam.key_owner(id))?;
        let user = self.user(iam, owner, now)?;
        let key = user.key(id).filter(|key| key.active)?;
        Some((user, key))
    }
}

/// What some of IAM's own machines still see of roles, by their names in lower case.
#[derive(Debug, Default)]
pub struct IamPropagation {
    created: Lagging<String, ()>,
    /// The policies of roles that had some.
    policies: Lagging<String, PrincipalPolicies>,
}

impl IamPropagation {
    /// Records an update that takes `delay_ms` milliseconds of lab time to arrive.
    pub fn record(&mut self, update: &Update, delay_ms: u64, now: LabMs) {
        let Update::Role {
            name,
            before,
            is_deleted,
        } = update
        else {
            return;
        };
        match before {
            // A machine that does not know the role yet will not hear of it any more.
            _ if *is_deleted => {
                self.created.forget(name);
                self.policies.forget(name);
            }
            None => self.created.record(name.clone(), (), delay_ms, now),
            Some(role) if role.principal_policies.check_empty().is_err() => {
                let policies = role.principal_policies.clone();
                self.policies.record(name.clone(), policies, delay_ms, now);
            }
            Some(_) => {}
        }
    }

    /// How a machine that is behind answers a request about a role that it does not know; `None`
    /// where every machine knows it.
    pub fn not_found(&self, name: &str, now: LabMs) -> Option<AwsError> {
        let created = self.created.get(&name.to_ascii_lowercase(), now);
        created.map(|()| error::no_role(name))
    }

    /// How a machine that is behind answers a request to delete a role that still had policies;
    /// `None` where every machine sees its present policies. Each machine knows the role itself.
    pub fn delete_conflict(&self, name: &str, now: LabMs) -> Option<AwsError> {
        let policies = self.policies.get(&name.to_ascii_lowercase(), now)?;
        policies.check_empty().err()
    }
}

#[cfg(test)]
mod tests;
