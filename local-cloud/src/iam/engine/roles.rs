//! Roles. Error texts are AWS's.

use serde::{Deserialize, Serialize};

use super::account::{Iam, Outcome, missing, put};
use super::policy::Policy;
use super::principal_policies::{PrincipalPolicies, size};
use super::trust;
use super::validate::{self, limit};
use crate::clock::{Now, WallMs};
use crate::error::AwsError;
use crate::ids::Ids;
use crate::storage::{Change, Collection};

/// Where roles are stored, by their names in lower case.
pub const ROLES: Collection = "iam_role";

/// The most roles of an account, and characters (without white space) of a role's trust policy.
const MAX_ROLES: usize = 1000;
const MAX_TRUST_CHARS: usize = 2048;

/// A role.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Role {
    /// Its name as it was given.
    pub name: String,
    /// Its path, `/` or `/x/y/`.
    pub path: String,
    /// `arn:aws:iam::ACCOUNT:role/PATH/NAME`
    pub arn: String,
    /// `AROA…`, never used again.
    pub id: String,
    /// When it was made.
    pub created: WallMs,
    /// Who may assume it.
    pub trust: Policy,
    /// What it is for.
    pub description: Option<String>,
    /// How long its sessions may be.
    pub max_session_seconds: u32,
    /// Its policies and tags.
    #[serde(flatten)]
    pub principal_policies: PrincipalPolicies,
}

impl Role {
    /// Whether its trust policy lets a service (for example `lambda.amazonaws.com`) of this account
    /// assume it.
    pub fn trusts(&self, service: &str, account: &str) -> bool {
        let name = service;
        let applicant = trust::Applicant::Service { name, account };
        trust::trusts(self.trust.document(), applicant)
    }
}

/// What a new role is made of.
#[derive(Debug, Clone, Copy)]
pub struct NewRole<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its path; `/` where there is none.
    pub path: Option<&'a str>,
    /// Its trust policy.
    pub trust: &'a str,
    /// What it is for.
    pub description: Option<&'a str>,
    /// How long its sessions may be, 3600 to 43200; 3600 where it is not given.
    pub max_session_seconds: Option<u32>,
    /// Tags.
    pub tags: &'a [(String, String)],
}

/// What changes in a role; `None` leaves things as they are.
#[derive(Debug, Clone, Copy, Default)]
pub struct RoleUpdate<'a> {
    /// What it is for.
    pub description: Option<&'a str>,
    /// How long its sessions may be.
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
    pub fn by_arn(&self, arn: &str) -> Option<&Role> {
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

    /// Makes a role.
    ///
    /// # Errors
    /// `EntityAlreadyExists`, `LimitExceeded`, `MalformedPolicyDocument`, `ValidationError`.
    pub fn create_role(&mut self, new: NewRole<'_>, now: Now, ids: &mut dyn Ids) -> Outcome<Role> {
        validate::name("roleName", new.name, 64)?;
        let path = new.path.unwrap_or("/");
        validate::path(path)?;
        validate::description(new.description.unwrap_or_default())?;
        let trust = trust_policy(new.trust)?;
        let principal_policies = PrincipalPolicies::new(new.tags)?;
        let key = new.name.to_ascii_lowercase();
        if self.roles.contains_key(&key) {
            let message = format!("Role with name {} already exists.", new.name);
            return Err(AwsError::new("EntityAlreadyExists", 409, message));
        }
        if self.roles.len() >= MAX_ROLES {
            return Err(limit(format!(
                "Cannot exceed quota for RolesPerAccount: {MAX_ROLES}"
            )));
        }
        let role = Role {
            name: new.name.to_owned(),
            path: path.to_owned(),
            arn: format!("arn:aws:iam::{}:role{path}{}", self.account(), new.name),
            id: format!("AROA{}", ids.base32(17)),
            created: now.wall,
            trust,
            description: new.description.map(str::to_owned),
            max_session_seconds: new.max_session_seconds.unwrap_or(3600),
            principal_policies,
        };
        let change = put(ROLES, &key, &role)?;
        self.roles.insert(key, role.clone());
        Ok((role, vec![change]))
    }

    /// Removes a role that has no policies any more.
    ///
    /// # Errors
    /// `NoSuchEntity`, `DeleteConflict`.
    pub fn delete_role(&mut self, name: &str) -> Outcome<()> {
        self.role(name)?.principal_policies.check_free()?;
        let key = name.to_ascii_lowercase();
        self.roles.remove(&key);
        Ok(((), vec![Change::delete(ROLES, key)]))
    }

    /// Changes a role's description and longest session.
    ///
    /// # Errors
    /// `NoSuchEntity`, `ValidationError`.
    pub fn update_role(&mut self, name: &str, update: RoleUpdate<'_>) -> Outcome<()> {
        validate::description(update.description.unwrap_or_default())?;
        self.alter_role(name, |role| {
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
        let trust = trust_policy(document)?;
        self.alter_role(name, |role| {
            role.trust = trust;
            Ok(())
        })
    }

    /// Alters a copy of a role and keeps it when nothing went wrong.
    pub(super) fn alter_role(
        &mut self,
        name: &str,
        alter: impl FnOnce(&mut Role) -> Result<(), AwsError>,
    ) -> Outcome<()> {
        let mut role = self.role(name)?.clone();
        alter(&mut role)?;
        let key = name.to_ascii_lowercase();
        let change = put(ROLES, &key, &role)?;
        self.roles.insert(key, role);
        Ok(((), vec![change]))
    }
}

/// The error for a role that is not there.
pub(super) fn no_role(name: &str) -> AwsError {
    missing("The role", name)
}

fn trust_policy(document: &str) -> Result<Policy, AwsError> {
    let policy = Policy::trust(document)?;
    if size(document) > MAX_TRUST_CHARS {
        let message = format!("Cannot exceed quota for ACLSizePerRole: {MAX_TRUST_CHARS}");
        return Err(limit(message));
    }
    Ok(policy)
}

#[cfg(test)]
mod tests;
