//! What a command has changed.

use super::role::Role;
use super::user::User;
use crate::error::AwsError;
use crate::storage::Change;

/// The result of a command and what it has changed.
pub type Outcome<T> = Result<(T, Changes), AwsError>;

/// What a command has changed.
#[derive(Debug, Default)]
pub struct Changes {
    /// What must become durable.
    pub entries: Vec<Change>,
    /// The roles and users that changed, with what they were before.
    pub updates: Vec<Update>,
}

/// A change of a role or user. Names are in lower case; `before` is `None` for a new one.
#[derive(Debug, Clone)]
pub enum Update {
    /// A role was created, changed or deleted.
    Role {
        /// Its name.
        name: String,
        /// What it was.
        before: Option<Box<Role>>,
        /// Whether it was deleted.
        is_deleted: bool,
    },
    /// A user was created, changed, renamed or deleted. Renaming is two updates: of the name that
    /// the user had and of the one that it has.
    User {
        /// Its name.
        name: String,
        /// What it was.
        before: Option<Box<User>>,
    },
}

impl Changes {
    /// One entry to store, of no role or user.
    pub(super) fn of_entry(entry: Change) -> Self {
        Self {
            entries: vec![entry],
            updates: Vec::new(),
        }
    }

    /// One entry to store, and the role or user that it is of.
    pub(super) fn of_update(entry: Change, update: Update) -> Self {
        Self {
            entries: vec![entry],
            updates: vec![update],
        }
    }

    /// These changes and then others.
    pub(super) fn and(mut self, others: Self) -> Self {
        self.entries.extend(others.entries);
        self.updates.extend(others.updates);
        self
    }
}
