//! The account: its roles, users and alias.

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::changes::{Changes, Outcome};
use super::customer_policy::CustomerPolicy;
use super::error::{already_exists, constraint, not_found};
use super::role::Role;
use super::user::User;
use crate::clock::WallMs;
use crate::error::AwsError;
use crate::storage::{Change, Collection, Entry};

/// Where roles are stored, by their names in lower case.
pub const ROLES: Collection = "iam_role";

/// Where users are stored, by their names in lower case.
pub const USERS: Collection = "iam_user";

/// Where customer managed policies are stored, by their names in lower case.
pub const POLICIES: Collection = "iam_policy";

/// Where the account's own attributes are stored, under one key.
pub const ACCOUNT: Collection = "iam_account";
const ACCOUNT_KEY: &str = "account";

/// All roles and users of the account.
#[derive(Debug)]
pub struct Iam {
    account: String,
    attributes: AccountAttributes,
    /// Roles by their names in lower case.
    pub(super) roles: BTreeMap<String, Role>,
    /// Users by their names in lower case.
    pub(super) users: BTreeMap<String, User>,
    /// Customer managed policies by their names in lower case.
    pub(super) policies: BTreeMap<String, CustomerPolicy>,
    /// The names, in lower case, of the users who have the access keys with these ids.
    pub(super) key_owners: HashMap<String, String>,
}

/// The stored entries of the collections.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Of [`ROLES`].
    pub roles: Vec<Entry>,
    /// Of [`USERS`].
    pub users: Vec<Entry>,
    /// Of [`POLICIES`].
    pub policies: Vec<Entry>,
    /// Of [`ACCOUNT`].
    pub account: Vec<Entry>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct AccountAttributes {
    /// `None` before the cloud's first start.
    created: Option<WallMs>,
    alias: Option<String>,
}

impl Iam {
    /// The account as it was stored.
    ///
    /// # Errors
    /// What is wrong with the entry that cannot be read.
    pub fn load(account: &str, loaded: Loaded) -> Result<Self, String> {
        let users: BTreeMap<String, User> = read("user", loaded.users)?;
        let mut attributes: BTreeMap<String, AccountAttributes> = read("account", loaded.account)?;
        let key_owners = users.iter().flat_map(|(name, user)| {
            let keys = user.keys.iter();
            keys.map(|key| (key.id.clone(), name.clone()))
        });
        Ok(Self {
            account: account.to_owned(),
            attributes: attributes.remove(ACCOUNT_KEY).unwrap_or_default(),
            roles: read("role", loaded.roles)?,
            policies: read("policy", loaded.policies)?,
            key_owners: key_owners.collect(),
            users,
        })
    }

    /// Records the account's creation, unless an earlier start has.
    ///
    /// # Errors
    /// When it cannot be serialized.
    pub fn record_creation(&mut self, now: WallMs) -> Outcome<()> {
        if self.attributes.created.is_some() {
            return Ok(((), Changes::default()));
        }
        self.attributes.created = Some(now);
        let entry = put(ACCOUNT, ACCOUNT_KEY, &self.attributes)?;
        Ok(((), Changes::of_entry(entry)))
    }

    /// The account id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// When the account was created.
    pub fn created(&self) -> WallMs {
        self.attributes.created.unwrap_or_default()
    }

    /// The account's alias; an account has one at most.
    pub fn alias(&self) -> Option<&str> {
        self.attributes.alias.as_deref()
    }

    /// Gives the account an alias, in place of the one that it has.
    ///
    /// # Errors
    /// `EntityAlreadyExists` for the one that it has, `ValidationError`.
    pub fn create_alias(&mut self, alias: &str) -> Outcome<()> {
        check_alias(alias)?;
        if self.alias() == Some(alias) {
            let message = format!("The account alias {alias} already exists.");
            return Err(already_exists(message));
        }
        self.set_alias(Some(alias))
    }

    /// Removes the account's alias.
    ///
    /// # Errors
    /// `NoSuchEntity` for another than it has, `ValidationError`.
    pub fn delete_alias(&mut self, alias: &str) -> Outcome<()> {
        check_alias(alias)?;
        if self.alias() != Some(alias) {
            return Err(not_found("The account alias", alias));
        }
        self.set_alias(None)
    }

    fn set_alias(&mut self, alias: Option<&str>) -> Outcome<()> {
        let attributes = AccountAttributes {
            alias: alias.map(str::to_owned),
            ..self.attributes.clone()
        };
        let entry = put(ACCOUNT, ACCOUNT_KEY, &attributes)?;
        self.attributes = attributes;
        Ok(((), Changes::of_entry(entry)))
    }
}

/// An alias is 3 to 63 small letters, digits and single dashes within.
fn check_alias(alias: &str) -> Result<(), AwsError> {
    let is_allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let at_edge = alias.starts_with('-') || alias.ends_with('-');
    let is_alias = (3..=63).contains(&alias.len()) && alias.bytes().all(is_allowed);
    if is_alias && !at_edge && !alias.contains("--") {
        return Ok(());
    }
    Err(constraint(
        "AccountAlias",
        alias,
        "Member must satisfy regular expression pattern: \
         ^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$",
    ))
}

fn read<T: DeserializeOwned>(
    what: &str,
    entries: Vec<Entry>,
) -> Result<BTreeMap<String, T>, String> {
    let parse = |(key, value): Entry| {
        let key = String::from_utf8(key).map_err(|problem| problem.to_string())?;
        match serde_json::from_slice(&value) {
            Ok(value) => Ok((key, value)),
            Err(problem) => Err(format!("{what} {key}: {problem}")),
        }
    };
    entries.into_iter().map(parse).collect()
}

/// The change that stores a value.
pub(super) fn put(
    collection: Collection,
    key: &str,
    value: &impl Serialize,
) -> Result<Change, AwsError> {
    match serde_json::to_vec(value) {
        Ok(value) => Ok(Change::put(collection, key, value)),
        Err(problem) => Err(AwsError::internal(problem.to_string())),
    }
}
