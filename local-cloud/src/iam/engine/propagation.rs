//! Changes to roles and users on their way. The services that ask about a role, a user or an access
//! key see them later than IAM, which answers with what was written; but even IAM is kept on many
//! machines, and for a moment some of these do not know of a new role, or take an emptied one for
//! full.

use std::collections::HashMap;

use super::account::Iam;
use super::keys::AccessKey;
use super::principal_policies::PrincipalPolicies;
use super::roles::{self, ROLES, Role};
use super::users::{USERS, User};
use crate::clock::LabMs;
use crate::error::AwsError;
use crate::storage::Change;

/// Roles and users that not everybody sees as they are, by their names in lower case. Kept in
/// memory alone: a restart finds everybody up to date.
#[derive(Debug, Default)]
pub struct Stale {
    roles: HashMap<String, Old<Role>>,
    users: HashMap<String, Old<User>>,
}

#[derive(Debug)]
struct Old<T> {
    until: LabMs,
    /// `None` for what is new.
    was: Option<T>,
}

impl Stale {
    /// The roles and users among the changes are seen as they were `before`, until then.
    pub fn note(&mut self, before: &Iam, changes: &[Change], until: LabMs, now: LabMs) {
        self.roles.retain(|_, old| now < old.until);
        self.users.retain(|_, old| now < old.until);
        for change in changes {
            let name = String::from_utf8_lossy(&change.key).into_owned();
            if change.collection == ROLES {
                let was = before.roles.get(&name);
                keep(&mut self.roles, name, was, until);
            } else if change.collection == USERS {
                let was = before.users.get(&name);
                keep(&mut self.users, name, was, until);
            }
        }
    }

    /// The role as services see it: as it is, as it was, or not yet.
    pub fn seen<'a>(&'a self, role: &'a Role, now: LabMs) -> Option<&'a Role> {
        match self.roles.get(&role.name.to_ascii_lowercase()) {
            Some(old) if now < old.until => {
                // Where another role had the name, nobody takes one for the other.
                old.was.as_ref().filter(|old| old.id == role.id)
            }
            _ => Some(role),
        }
    }

    /// The user with this name, in lower case, as services see it.
    pub fn user<'a>(&'a self, iam: &'a Iam, name: &str, now: LabMs) -> Option<&'a User> {
        match self.users.get(name) {
            Some(old) if now < old.until => old.was.as_ref(),
            _ => iam.users.get(name),
        }
    }

    /// The active access key with this id and its user, as services see them: one that was just
    /// made is not known yet, and one that was just deleted still is.
    pub fn key<'a>(
        &'a self,
        iam: &'a Iam,
        id: &str,
        now: LabMs,
    ) -> Option<(&'a User, &'a AccessKey)> {
        let had = |(_, old): &(&String, &Old<User>)| {
            now < old.until && old.was.as_ref().is_some_and(|was| was.key(id).is_some())
        };
        let before = self.users.iter().find(had).map(|(name, _)| name.as_str());
        let user = self.user(iam, before.or_else(|| iam.key_holder(id))?, now)?;
        let key = user.key(id).filter(|key| key.active)?;
        Some((user, key))
    }
}

/// What IAM itself has not heard everywhere, by roles' names in lower case. Kept in memory alone.
#[derive(Debug, Default)]
pub struct Unheard {
    /// New roles.
    made: HashMap<String, LabMs>,
    /// The policies of roles that had some and may be rid of them.
    full: HashMap<String, (LabMs, PrincipalPolicies)>,
}

impl Unheard {
    /// The roles among the changes that are new, or had policies `before`.
    pub fn note(&mut self, before: &Iam, changes: &[Change], until: LabMs, now: LabMs) {
        self.made.retain(|_, until| now < *until);
        self.full.retain(|_, (until, _)| now < *until);
        for change in changes.iter().filter(|change| change.collection == ROLES) {
            let name = String::from_utf8_lossy(&change.key).into_owned();
            match (before.roles.get(&name), &change.value) {
                // Who has not heard of a role's making will not hear of it any more.
                (_, None) => {
                    self.made.remove(&name);
                    self.full.remove(&name);
                }
                (None, Some(_)) => {
                    self.made.insert(name, until);
                }
                (Some(was), Some(_)) if was.principal_policies.check_free().is_err() => {
                    let first = (until, was.principal_policies.clone());
                    let full = self.full.entry(name).or_insert(first);
                    full.0 = full.0.max(until);
                }
                (Some(_), Some(_)) => {}
            }
        }
    }

    /// How a request about a role is refused that comes to a machine which has not heard of its
    /// last changes; `None` where that makes no difference. That a role is there to be deleted,
    /// or in the way of another, is known at once.
    pub fn refusal(&self, operation: &str, name: &str, now: LabMs) -> Option<AwsError> {
        let key = name.to_ascii_lowercase();
        match operation {
            "CreateRole" => None,
            "DeleteRole" => {
                let (until, principal_policies) = self.full.get(&key)?;
                principal_policies
                    .check_free()
                    .err()
                    .filter(|_| now < *until)
            }
            _ => {
                let until = self.made.get(&key)?;
                (now < *until).then(|| roles::no_role(name))
            }
        }
    }
}

fn keep<T: Clone>(olds: &mut HashMap<String, Old<T>>, name: String, was: Option<&T>, until: LabMs) {
    let old = olds.entry(name).or_insert_with(|| Old {
        until,
        was: was.cloned(),
    });
    old.until = old.until.max(until);
}

#[cfg(test)]
mod tests;
