//! Roles, their policies and tags. Error texts are AWS's.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::policy::Policy;
use super::validate::{self, limit};
use super::{managed, trust};
use crate::clock::{Now, WallMs};
use crate::error::AwsError;
use crate::ids::Ids;
use crate::storage::{Change, Collection, Entry};

/// Where roles are stored, by their names in lower case.
pub const ROLES: Collection = "iam_role";

/// The most roles of an account, managed policies of a role, and characters (without white
/// space) of a role's trust policy and of its inline policies in sum.
const MAX_ROLES: usize = 1000;
const MAX_ATTACHED: usize = 10;
const MAX_TRUST_CHARS: usize = 2048;
const MAX_INLINE_CHARS: usize = 10_240;

/// What a command answers: its result and what must become durable.
type Outcome<T> = Result<(T, Vec<Change>), AwsError>;

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
    /// Inline policies by name.
    pub inline: BTreeMap<String, Policy>,
    /// ARNs of attached managed policies.
    pub attached: BTreeSet<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
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

/// All roles of the account.
#[derive(Debug, Clone)]
pub struct Iam {
    account: String,
    roles: BTreeMap<String, Role>,
}

impl Iam {
    /// The roles as they were stored.
    ///
    /// # Errors
    /// What is wrong with the entry that cannot be read.
    pub fn load(account: &str, entries: Vec<Entry>) -> Result<Self, String> {
        let mut roles = BTreeMap::new();
        for (key, value) in entries {
            let key = String::from_utf8(key).map_err(|problem| problem.to_string())?;
            let role = serde_json::from_slice(&value)
                .map_err(|problem| format!("role {key}: {problem}"))?;
            roles.insert(key, role);
        }
        Ok(Self {
            account: account.to_owned(),
            roles,
        })
    }

    /// The account id.
    pub fn account(&self) -> &str {
        &self.account
    }

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

    /// How many roles a managed policy is attached to.
    pub fn attachments(&self, policy_arn: &str) -> usize {
        self.roles
            .values()
            .filter(|role| role.attached.contains(policy_arn))
            .count()
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
        let tags = validate::merge_tags(&BTreeMap::new(), new.tags)?;
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
            arn: format!("arn:aws:iam::{}:role{path}{}", self.account, new.name),
            id: format!("AROA{}", ids.base32(17)),
            created: now.wall,
            trust,
            description: new.description.map(str::to_owned),
            max_session_seconds: new.max_session_seconds.unwrap_or(3600),
            inline: BTreeMap::new(),
            attached: BTreeSet::new(),
            tags,
        };
        let change = put(&key, &role)?;
        self.roles.insert(key, role.clone());
        Ok((role, vec![change]))
    }

    /// Removes a role that has no policies any more.
    ///
    /// # Errors
    /// `NoSuchEntity`, `DeleteConflict`.
    pub fn delete_role(&mut self, name: &str) -> Outcome<()> {
        let role = self.role(name)?;
        let conflict = |what: &str| {
            let message = format!("Cannot delete entity, must {what} first.");
            Err(AwsError::new("DeleteConflict", 409, message))
        };
        if !role.attached.is_empty() {
            return conflict("detach all policies");
        }
        if !role.inline.is_empty() {
            return conflict("delete policies");
        }
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
        self.alter(name, |role| {
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
        self.alter(name, |role| {
            role.trust = trust;
            Ok(())
        })
    }

    /// Adds or replaces an inline policy.
    ///
    /// # Errors
    /// `NoSuchEntity`, `MalformedPolicyDocument`, `LimitExceeded`.
    pub fn put_role_policy(&mut self, name: &str, policy: &str, document: &str) -> Outcome<()> {
        validate::name("policyName", policy, 128)?;
        let parsed = Policy::identity(document)?;
        self.alter(name, |role| {
            let others = role.inline.iter().filter(|(other, _)| *other != policy);
            let sum: usize = others.map(|(_, other)| size(other.text())).sum();
            if sum + size(document) > MAX_INLINE_CHARS {
                return Err(limit(format!(
                    "Maximum policy size of {MAX_INLINE_CHARS} bytes exceeded for role {}",
                    role.name
                )));
            }
            role.inline.insert(policy.to_owned(), parsed);
            Ok(())
        })
    }

    /// Removes an inline policy.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn delete_role_policy(&mut self, name: &str, policy: &str) -> Outcome<()> {
        self.alter(name, |role| match role.inline.remove(policy) {
            Some(_) => Ok(()),
            None => Err(no_role_policy(policy)),
        })
    }

    /// Attaches a managed policy; one that is attached stays so.
    ///
    /// # Errors
    /// `NoSuchEntity`, `LimitExceeded`.
    pub fn attach_role_policy(&mut self, name: &str, policy_arn: &str) -> Outcome<()> {
        if managed::find(policy_arn).is_none() {
            let message = format!("Policy {policy_arn} does not exist or is not attachable.");
            return Err(AwsError::new("NoSuchEntity", 404, message));
        }
        self.alter(name, |role| {
            role.attached.insert(policy_arn.to_owned());
            if role.attached.len() > MAX_ATTACHED {
                let message = format!("Cannot exceed quota for PoliciesPerRole: {MAX_ATTACHED}");
                return Err(limit(message));
            }
            Ok(())
        })
    }

    /// Detaches a managed policy.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn detach_role_policy(&mut self, name: &str, policy_arn: &str) -> Outcome<()> {
        self.alter(name, |role| {
            if role.attached.remove(policy_arn) {
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
    pub fn tag_role(&mut self, name: &str, tags: &[(String, String)]) -> Outcome<()> {
        self.alter(name, |role| {
            role.tags = validate::merge_tags(&role.tags, tags)?;
            Ok(())
        })
    }

    /// Removes tags; keys that are not there are passed over.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn untag_role(&mut self, name: &str, keys: &[&str]) -> Outcome<()> {
        self.alter(name, |role| {
            role.tags
                .retain(|tag, _| !keys.iter().any(|key| tag.eq_ignore_ascii_case(key)));
            Ok(())
        })
    }

    /// Alters a copy of a role and keeps it when nothing went wrong.
    fn alter(
        &mut self,
        name: &str,
        alter: impl FnOnce(&mut Role) -> Result<(), AwsError>,
    ) -> Outcome<()> {
        let mut role = self.role(name)?.clone();
        alter(&mut role)?;
        let key = name.to_ascii_lowercase();
        let change = put(&key, &role)?;
        self.roles.insert(key, role);
        Ok(((), vec![change]))
    }
}

impl Role {
    /// An inline policy.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn inline_policy(&self, policy: &str) -> Result<&Policy, AwsError> {
        self.inline
            .get(policy)
            .ok_or_else(|| no_role_policy(policy))
    }
}

fn put(key: &str, role: &Role) -> Result<Change, AwsError> {
    let value =
        serde_json::to_vec(role).map_err(|problem| AwsError::internal(problem.to_string()))?;
    Ok(Change::put(ROLES, key, value))
}

fn trust_policy(document: &str) -> Result<Policy, AwsError> {
    let policy = Policy::trust(document)?;
    if size(document) > MAX_TRUST_CHARS {
        let message = format!("Cannot exceed quota for ACLSizePerRole: {MAX_TRUST_CHARS}");
        return Err(limit(message));
    }
    Ok(policy)
}

/// A policy's size as IAM counts it: white space is free.
fn size(document: &str) -> usize {
    document
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .count()
}

fn no_role(name: &str) -> AwsError {
    let message = format!("The role with name {name} cannot be found.");
    AwsError::new("NoSuchEntity", 404, message)
}

fn no_role_policy(policy: &str) -> AwsError {
    let message = format!("The role policy with name {policy} cannot be found.");
    AwsError::new("NoSuchEntity", 404, message)
}

#[cfg(test)]
mod tests;
