//! Operations on users. Error texts are AWS's.

use super::account::{Iam, USERS, put};
use super::changes::{Changes, Outcome, Update};
use super::entity::Entity;
use super::error::{already_exists, delete_conflict, limit_exceeded, not_found};
use super::principal_policies::PrincipalPolicies;
use super::user::User;
use super::validate;
use crate::clock::Now;
use crate::error::AwsError;
use crate::ids::Ids;
use crate::storage::Change;

/// The most users of an account.
const MAX_USERS: usize = 5000;

impl Iam {
    /// The user with this name, whatever its case.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn user(&self, name: &str) -> Result<&User, AwsError> {
        validate::name("userName", name, 128)?;
        self.users
            .get(&name.to_ascii_lowercase())
            .ok_or_else(|| not_found("The user", name))
    }

    /// All users whose path begins with `prefix`, by name.
    pub fn users<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a User> {
        self.users
            .values()
            .filter(move |user| user.path.starts_with(prefix))
    }

    /// Creates a user without policies and access keys.
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
            return Err(limit_exceeded(format!(
                "Cannot exceed quota for UsersPerAccount: {MAX_USERS}"
            )));
        }
        let user = User {
            name: name.to_owned(),
            path: path.to_owned(),
            arn: self.arn_at(Entity::User(name), path),
            id: format!("AIDA{}", ids.base32(17)),
            created: now.wall,
            principal_policies,
            keys: Vec::new(),
        };
        let key = name.to_ascii_lowercase();
        let entry = put(USERS, &key, &user)?;
        let before = self.users.insert(key.clone(), user.clone());
        Ok((user, Changes::of_update(entry, updated(key, before))))
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
        let before = self.user(name)?;
        let old_key = name.to_ascii_lowercase();
        let name = new_name.unwrap_or(&before.name);
        let path = new_path.unwrap_or(&before.path);
        let key = name.to_ascii_lowercase();
        if key == old_key {
            validate::path(path)?;
        } else {
            self.check_new(name, path)?;
        }
        let (old_arn, arn) = (before.arn.clone(), self.arn_at(Entity::User(name), path));
        let user = User {
            name: name.to_owned(),
            path: path.to_owned(),
            arn: arn.clone(),
            ..before.clone()
        };
        let entry = put(USERS, &key, &user)?;
        let mut changes = Changes::default();
        if key != old_key {
            let before = self.users.remove(&old_key);
            let delete = Change::delete(USERS, old_key.clone());
            changes.entries.push(delete);
            changes.updates.push(updated(old_key, before));
        }
        for held in &user.keys {
            self.key_owners.insert(held.id.clone(), key.clone());
        }
        let before = self.users.insert(key.clone(), user);
        changes.entries.push(entry);
        changes.updates.push(updated(key, before));
        let renamed = self.replace_principals(|named| (named == old_arn).then(|| arn.clone()))?;
        Ok(((), changes.and(renamed)))
    }

    /// Deletes a user without policies and access keys.
    ///
    /// # Errors
    /// `NoSuchEntity`, `DeleteConflict`.
    pub fn delete_user(&mut self, name: &str) -> Outcome<()> {
        let user = self.user(name)?;
        if !user.keys.is_empty() {
            return Err(delete_conflict("delete access keys"));
        }
        user.principal_policies.check_empty()?;
        let key = name.to_ascii_lowercase();
        let (arn, id) = (user.arn.clone(), user.id.clone());
        let before = self.users.remove(&key);
        let entry = Change::delete(USERS, key.clone());
        let untrusted = self.replace_principals(|named| (named == arn).then(|| id.clone()))?;
        let deleted = Changes::of_update(entry, updated(key, before));
        Ok(((), deleted.and(untrusted)))
    }

    /// Changes a copy of a user and keeps it when that succeeds.
    pub(super) fn change_user<T>(
        &mut self,
        name: &str,
        change: impl FnOnce(&mut User) -> Result<T, AwsError>,
    ) -> Outcome<T> {
        let mut user = self.user(name)?.clone();
        let result = change(&mut user)?;
        let key = name.to_ascii_lowercase();
        let entry = put(USERS, &key, &user)?;
        let before = self.users.insert(key.clone(), user);
        let changes = Changes::of_update(entry, updated(key, before));
        Ok((result, changes))
    }

    fn check_new(&self, name: &str, path: &str) -> Result<(), AwsError> {
        validate::name("userName", name, 64)?;
        validate::path(path)?;
        if self.users.contains_key(&name.to_ascii_lowercase()) {
            let message = format!("User with name {name} already exists.");
            return Err(already_exists(message));
        }
        Ok(())
    }
}

fn updated(name: String, before: Option<User>) -> Update {
    Update::User {
        name,
        before: before.map(Box::new),
    }
}

#[cfg(test)]
mod tests;
