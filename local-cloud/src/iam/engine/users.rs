//! Users. Error texts are AWS's.

use serde::{Deserialize, Serialize};

use super::account::{Iam, Outcome, missing, put};
use super::keys::AccessKey;
use super::principal_policies::{PrincipalPolicies, conflict};
use super::validate::{self, limit};
use crate::clock::{Now, WallMs};
use crate::error::AwsError;
use crate::ids::Ids;
use crate::storage::{Change, Collection};

/// Where users are stored, by their names in lower case.
pub const USERS: Collection = "iam_user";

/// The most users of an account.
const MAX_USERS: usize = 5000;

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Its name as it was given.
    pub name: String,
    /// Its path, `/` or `/x/y/`.
    pub path: String,
    /// `arn:aws:iam::ACCOUNT:user/PATH/NAME`
    pub arn: String,
    /// `AIDA…`, never used again.
    pub id: String,
    /// When it was made.
    pub created: WallMs,
    /// Its policies and tags.
    #[serde(flatten)]
    pub principal_policies: PrincipalPolicies,
    /// Its access keys, the oldest first.
    pub keys: Vec<AccessKey>,
}

impl Iam {
    /// The user with this name, whatever its case.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn user(&self, name: &str) -> Result<&User, AwsError> {
        validate::name("userName", name, 128)?;
        self.users
            .get(&name.to_ascii_lowercase())
            .ok_or_else(|| missing("The user", name))
    }

    /// All users whose path begins with `prefix`, by name.
    pub fn users<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a User> {
        self.users
            .values()
            .filter(move |user| user.path.starts_with(prefix))
    }

    /// Makes a user, who has no required_permissions and no access key.
    ///
    /// # Errors
    /// `EntityAlreadyExists`, `LimitExceeded`, `InvalidInput`, `ValidationError`.
    pub fn create_user(
        &mut self,
        name: &str,
        path: Option<&str>,
        tags: &[(String, String)],
        (now, ids): (Now, &mut dyn Ids),
    ) -> Outcome<User> {
        let path = path.unwrap_or("/");
        self.check_new(name, path)?;
        let principal_policies = PrincipalPolicies::new(tags)?;
        if self.users.len() >= MAX_USERS {
            return Err(limit(format!(
                "Cannot exceed quota for UsersPerAccount: {MAX_USERS}"
            )));
        }
        let user = User {
            name: name.to_owned(),
            path: path.to_owned(),
            arn: self.user_arn(path, name),
            id: format!("AIDA{}", ids.base32(17)),
            created: now.wall,
            principal_policies,
            keys: Vec::new(),
        };
        let key = name.to_ascii_lowercase();
        let change = put(USERS, &key, &user)?;
        self.users.insert(key, user.clone());
        Ok((user, vec![change]))
    }

    /// Gives a user another name, another path, or both; its id, policies and access keys stay.
    ///
    /// # Errors
    /// `NoSuchEntity`, `EntityAlreadyExists`, `ValidationError`.
    pub fn update_user(
        &mut self,
        name: &str,
        new_name: Option<&str>,
        new_path: Option<&str>,
    ) -> Outcome<()> {
        let mut user = self.user(name)?.clone();
        let (old, key) = (
            name.to_ascii_lowercase(),
            new_name.unwrap_or(&user.name).to_ascii_lowercase(),
        );
        let path = new_path.unwrap_or(&user.path).to_owned();
        match new_name {
            Some(new_name) if old != key => self.check_new(new_name, &path)?,
            _ => validate::path(&path)?,
        }
        user.name = new_name.unwrap_or(&user.name).to_owned();
        user.arn = self.user_arn(&path, &user.name);
        user.path = path;
        let mut changes = Vec::new();
        if old != key {
            self.users.remove(&old);
            changes.push(Change::delete(USERS, old));
        }
        changes.push(put(USERS, &key, &user)?);
        for held in &user.keys {
            self.keys.insert(held.id.clone(), key.clone());
        }
        self.users.insert(key, user);
        Ok(((), changes))
    }

    /// Removes a user who has no policies and no access keys any more.
    ///
    /// # Errors
    /// `NoSuchEntity`, `DeleteConflict`.
    pub fn delete_user(&mut self, name: &str) -> Outcome<()> {
        let user = self.user(name)?;
        if !user.keys.is_empty() {
            return Err(conflict("delete access keys"));
        }
        user.principal_policies.check_free()?;
        let key = name.to_ascii_lowercase();
        self.users.remove(&key);
        Ok(((), vec![Change::delete(USERS, key)]))
    }

    /// Alters a copy of a user and keeps it when nothing went wrong.
    pub(super) fn alter_user<T>(
        &mut self,
        name: &str,
        alter: impl FnOnce(&mut User) -> Result<T, AwsError>,
    ) -> Outcome<T> {
        let mut user = self.user(name)?.clone();
        let result = alter(&mut user)?;
        let key = name.to_ascii_lowercase();
        let change = put(USERS, &key, &user)?;
        self.users.insert(key, user);
        Ok((result, vec![change]))
    }

    fn check_new(&self, name: &str, path: &str) -> Result<(), AwsError> {
        validate::name("userName", name, 64)?;
        validate::path(path)?;
        if self.users.contains_key(&name.to_ascii_lowercase()) {
            let message = format!("User with name {name} already exists.");
            return Err(AwsError::new("EntityAlreadyExists", 409, message));
        }
        Ok(())
    }

    fn user_arn(&self, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:user{path}{name}", self.account())
    }
}

#[cfg(test)]
mod tests;
