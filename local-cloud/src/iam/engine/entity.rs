//! Roles and users, which IAM calls its entities.

use super::account::Iam;

/// A role or a user, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entity<'a> {
    /// A role.
    Role(&'a str),
    /// A user.
    User(&'a str),
}

impl Entity<'_> {
    /// `role` or `user`.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Role(_) => "role",
            Self::User(_) => "user",
        }
    }
}

impl Iam {
    /// The ARN of a role or user; `None` where it does not exist.
    pub fn arn_of(&self, entity: Entity<'_>) -> Option<&str> {
        Some(match entity {
            Entity::Role(name) => &self.role(name).ok()?.arn,
            Entity::User(name) => &self.user(name).ok()?.arn,
        })
    }

    /// The ARN that a role or user has, or would have, at this path.
    pub fn arn_at(&self, entity: Entity<'_>, path: &str) -> String {
        let (Entity::Role(name) | Entity::User(name)) = entity;
        let (account, kind) = (self.account(), entity.kind());
        format!("arn:aws:iam::{account}:{kind}{path}{name}")
    }
}
