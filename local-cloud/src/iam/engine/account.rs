//! The account: its roles, users and alias, as they are loaded.

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::roles::Role;
use super::users::User;
use crate::clock::WallMs;
use crate::error::AwsError;
use crate::storage::{Change, Collection, Entry};

/// Where what is known of the account itself is stored, under one key.
pub const ACCOUNT: Collection = "iam_account";
const ACCOUNT_KEY: &str = "account";

/// What a command answers: its result and what must become durable.
pub(super) type Outcome<T> = Result<(T, Vec<Change>), AwsError>;

/// All roles and users of the account.
#[derive(Debug, Clone)]
pub struct Iam {
    account: String,
    facts: Facts,
    pub(super) roles: BTreeMap<String, Role>,
    pub(super) users: BTreeMap<String, User>,
    /// Which user has an access key.
    pub(super) keys: HashMap<String, String>,
}

/// The stored entries of the three collections.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Of [`ROLES`](super::ROLES).
    pub roles: Vec<Entry>,
    /// Of [`USERS`](super::USERS).
    pub users: Vec<Entry>,
    /// Of [`ACCOUNT`].
    pub account: Vec<Entry>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Facts {
    /// `None` until the account is founded.
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
        let of_user = |(name, user): (&String, &User)| {
            let ids: Vec<_> = user.keys.iter().map(|key| key.id.clone()).collect();
            let name = name.clone();
            ids.into_iter().map(move |id| (id, name.clone()))
        };
        let mut facts: BTreeMap<String, Facts> = read("account", loaded.account)?;
        Ok(Self {
            account: account.to_owned(),
            facts: facts.remove(ACCOUNT_KEY).unwrap_or_default(),
            roles: read("role", loaded.roles)?,
            keys: users.iter().flat_map(of_user).collect(),
            users,
        })
    }

    /// Notes when the account was made, where that is not known yet.
    ///
    /// # Errors
    /// When it cannot be written down.
    pub fn found(&mut self, now: WallMs) -> Outcome<()> {
        if self.facts.created.is_some() {
            return Ok(((), Vec::new()));
        }
        self.facts.created = Some(now);
        Ok(((), vec![put(ACCOUNT, ACCOUNT_KEY, &self.facts)?]))
    }

    /// The account id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// When the account was made.
    pub fn created(&self) -> WallMs {
        self.facts.created.unwrap_or_default()
    }

    /// The account's alias; an account has one at most.
    pub fn alias(&self) -> Option<&str> {
        self.facts.alias.as_deref()
    }

    /// Gives the account an alias, in place of the one that it has.
    ///
    /// # Errors
    /// `EntityAlreadyExists` for the one that it has, `ValidationError`.
    pub fn create_alias(&mut self, alias: &str) -> Outcome<()> {
        check_alias(alias)?;
        if self.alias() == Some(alias) {
            let message = format!("The account alias {alias} already exists.");
            return Err(AwsError::new("EntityAlreadyExists", 409, message));
        }
        self.set_alias(Some(alias))
    }

    /// Takes the account's alias away.
    ///
    /// # Errors
    /// `NoSuchEntity` for another than it has, `ValidationError`.
    pub fn delete_alias(&mut self, alias: &str) -> Outcome<()> {
        check_alias(alias)?;
        if self.alias() != Some(alias) {
            return Err(missing("The account alias", alias));
        }
        self.set_alias(None)
    }

    fn set_alias(&mut self, alias: Option<&str>) -> Outcome<()> {
        let facts = Facts {
            alias: alias.map(str::to_owned),
            ..self.facts.clone()
        };
        let change = put(ACCOUNT, ACCOUNT_KEY, &facts)?;
        self.facts = facts;
        Ok(((), vec![change]))
    }
}

/// An alias is 3 to 63 small letters, digits and single dashes within.
fn check_alias(alias: &str) -> Result<(), AwsError> {
    let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let at_edge = alias.starts_with('-') || alias.ends_with('-');
    let is_alias = (3..=63).contains(&alias.len()) && alias.bytes().all(fits);
    if is_alias && !at_edge && !alias.contains("--") {
        return Ok(());
    }
    Err(crate::protocol::query::constraint(
        "AccountAlias",
        Some(alias),
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
        let value = serde_json::from_slice(&value);
        let value = value.map_err(|problem| format!("{what} {key}: {problem}"))?;
        Ok((key, value))
    };
    entries.into_iter().map(parse).collect()
}

/// The change that stores a value.
pub(super) fn put(
    collection: Collection,
    key: &str,
    value: &impl Serialize,
) -> Result<Change, AwsError> {
    let value =
        serde_json::to_vec(value).map_err(|problem| AwsError::internal(problem.to_string()))?;
    Ok(Change::put(collection, key, value))
}

/// `what` (with its article) is not there under this name.
pub(super) fn missing(what: &str, name: &str) -> AwsError {
    let message = format!("{what} with name {name} cannot be found.");
    AwsError::new("NoSuchEntity", 404, message)
}
