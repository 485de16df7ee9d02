//! Roles and users, which IAM calls its entities.

use std::collections::BTreeMap;

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

    /// The tags of the role, user or policy with this ARN; none where it does not exist.
    pub fn tags_of(&self, arn: &str) -> BTreeMap<String, String> {
        let name = arn.rsplit('/').next().unwrap_or_default();
        let role = self.role(name).ok().filter(|role| role.arn == arn);
        let user = self.user(name).ok().filter(|user| user.arn == arn);
        let of_role = role.map(|role| &role.principal_policies.tags);
        let of_user = user.map(|user| &user.principal_policies.tags);
        let of_policy = || Some(&self.customer_policy(arn).ok()?.tags);
        let tags = of_role.or(of_user).or_else(of_policy);
        tags.cloned().unwrap_or_default()
    }
}
