//! Users' access keys. Error texts are AWS's.

use serde::{Deserialize, Serialize};

use super::account::{Iam, Outcome};
use super::secret::Secret;
use super::users::User;
use super::validate::limit;
use crate::clock::{Now, WallMs};
use crate::error::AwsError;
use crate::ids::Ids;

/// The most access keys of a user.
const MAX_KEYS: usize = 2;

/// An access key. Its secret is shown once, when it is made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AccessKey {
    /// `AKIA…`
    pub id: String,
    /// What its user signs with.
    pub secret: Secret,
    /// Whether it may be used.
    pub active: bool,
    /// When it was made.
    pub created: WallMs,
}

impl AccessKey {
    /// Its status as IAM writes it.
    pub fn status(&self) -> &'static str {
        match self.active {
            true => "Active",
            false => "Inactive",
        }
    }
}

impl User {
    /// Its access key with this id.
    pub fn key(&self, id: &str) -> Option<&AccessKey> {
        self.keys.iter().find(|key| key.id == id)
    }
}

impl Iam {
    /// The name, in lower case, of the user who has this access key.
    pub fn key_holder(&self, id: &str) -> Option<&str> {
        self.keys.get(id).map(String::as_str)
    }

    /// Makes an access key for a user.
    ///
    /// # Errors
    /// `NoSuchEntity`, `LimitExceeded`.
    pub fn create_access_key(
        &mut self,
        name: &str,
        now: Now,
        ids: &mut dyn Ids,
    ) -> Outcome<AccessKey> {
        let (key, changes) = self.alter_user(name, |user| {
            if user.keys.len() >= MAX_KEYS {
                let message = format!("Cannot exceed quota for AccessKeysPerUser: {MAX_KEYS}");
                return Err(limit(message));
            }
            let key = AccessKey {
                id: format!("AKIA{}", ids.base32(16)),
                secret: Secret::draw(ids, 30),
                active: true,
                created: now.wall,
            };
            user.keys.push(key.clone());
            Ok(key)
        })?;
        self.keys.insert(key.id.clone(), name.to_ascii_lowercase());
        Ok((key, changes))
    }

    /// Makes an access key usable, or not.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn update_access_key(&mut self, name: &str, id: &str, active: bool) -> Outcome<()> {
        self.alter_user(name, |user| {
            let key = user.keys.iter_mut().find(|key| key.id == id);
            key.ok_or_else(|| no_key(id))?.active = active;
            Ok(())
        })
    }

    /// Removes an access key.
    ///
    /// # Errors
    /// `NoSuchEntity`.
    pub fn delete_access_key(&mut self, name: &str, id: &str) -> Outcome<()> {
        let deleted = self.alter_user(name, |user| {
            user.key(id).ok_or_else(|| no_key(id))?;
            user.keys.retain(|key| key.id != id);
            Ok(())
        })?;
        self.keys.remove(id);
        Ok(deleted)
    }
}

fn no_key(id: &str) -> AwsError {
    let message = format!("The Access Key with id {id} cannot be found.");
    AwsError::new("NoSuchEntity", 404, message)
}
