//! Operations on users' access keys. Error texts are AWS's.

use super::access_key::AccessKey;
use super::account::Iam;
use super::changes::Outcome;
use super::error::{limit_exceeded, no_such_entity};
use super::secret::Secret;
use crate::clock::Now;
use crate::error::AwsError;
use crate::ids::Ids;

/// The most access keys of a user.
const MAX_KEYS: usize = 2;

impl Iam {
    /// The name, in lower case, of the user who has this access key.
    pub fn key_owner(&self, id: &str) -> Option<&str> {
        self.key_owners.get(id).map(String::as_str)
    }

    /// Creates an access key for a user.
    ///
    /// # Errors
    /// `NoSuchEntity`, `LimitExceeded`.
    pub fn create_access_key(
        &mut self,
        name: &str,
        now: Now,
        ids: &mut dyn Ids,
    ) -> Outcome<AccessKey> {
        let (key, changes) = self.change_user(name, |user| {
            if user.keys.len() >= MAX_KEYS {
                let message = format!("Cannot exceed quota for AccessKeysPerUser: {MAX_KEYS}");
                return Err(limit_exceeded(message));
            }
            let key = AccessKey {
                id: format!("AKIA{}", ids.base32(16)),
                secret: Secret::random(ids, 30),
                active: true,
                created: now.wall,
            };
            user.keys.push(key.clone());
            Ok(key)
        })?;
        let owner = name.to_ascii_lowercase();
        self.key_owners.insert(key.id.clone(), owner);
        Ok((key, changes))
    }

    /// Makes an access key active or inactive.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn update_access_key(&mut self, name: &str, id: &str, active: bool) -> Outcome<()> {
        self.change_user(name, |user| {
            let key = user.keys.iter_mut().find(|key| key.id == id);
            key.ok_or_else(|| no_key(id))?.active = active;
            Ok(())
        })
    }

    /// Deletes an access key.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn delete_access_key(&mut self, name: &str, id: &str) -> Outcome<()> {
        let deleted = self.change_user(name, |user| {
            user.key(id).ok_or_else(|| no_key(id))?;
            user.keys.retain(|key| key.id != id);
            Ok(())
        })?;
        self.key_owners.remove(id);
        Ok(deleted)
    }
}

fn no_key(id: &str) -> AwsError {
    no_such_entity(format!("The Access Key with id {id} cannot be found."))
}
