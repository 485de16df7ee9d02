//! The role or user that a request names, for the operations that exist for both.

use std::fmt;
use std::marker::PhantomData;

use super::input::optional;
use super::service::IamService;
use crate::error::AwsError;
use crate::iam::RequiredPermission;
use crate::iam::engine::Entity;
use crate::protocol::http::Caller;
use crate::protocol::query::{Params, constraint};

/// Whether an operation is about roles or about users.
#[derive(Debug, Clone, Copy)]
pub(super) enum EntityKind {
    Role,
    User,
}

impl EntityKind {
    /// The first text for roles, the second for users.
    pub(super) const fn pick(self, role: &'static str, user: &'static str) -> &'static str {
        match self {
            Self::Role => role,
            Self::User => user,
        }
    }

    /// The member that holds the name.
    pub(super) const fn name_member(self) -> &'static str {
        self.pick("RoleName", "UserName")
    }

    fn entity(self, name: &str) -> Entity<'_> {
        match self {
            Self::Role => Entity::Role(name),
            Self::User => Entity::User(name),
        }
    }
}

/// What makes an operation one on roles or one on users.
pub(super) trait Kind: fmt::Debug + Send + Sync + 'static {
    /// Which of the two.
    const KIND: EntityKind;
}

/// For operations on roles.
#[derive(Debug)]
pub(super) struct ForRoles;

/// For operations on users.
#[derive(Debug)]
pub(super) struct ForUsers;

impl Kind for ForRoles {
    const KIND: EntityKind = EntityKind::Role;
}

impl Kind for ForUsers {
    const KIND: EntityKind = EntityKind::User;
}

/// The role or user that a request names.
#[derive(Debug)]
pub(super) struct Named<K> {
    name: Option<String>,
    kind: PhantomData<K>,
}

impl<K: Kind> Named<K> {
    /// The role or user that the request names.
    pub(super) fn read(params: &Params) -> Self {
        Self {
            name: optional(params, K::KIND.name_member()),
            kind: PhantomData,
        }
    }

    /// Its name; `None` where the request has none.
    pub(super) fn given_name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// Its name.
    ///
    /// # Errors
    /// `ValidationError` where the request has none.
    pub(super) fn name(&self) -> Result<&str, AwsError> {
        let name = self.given_name();
        name.ok_or_else(|| constraint(K::KIND.name_member(), None, "Member must not be null"))
    }

    /// Its name, where the request comes to a machine of IAM's that knows the role. While a new role
    /// is on its way, that is by chance.
    ///
    /// # Errors
    /// `ValidationError` where the request has none, `NoSuchEntity` for a role that is not known.
    pub(super) fn known_name(&self, service: &IamService) -> Result<&str, AwsError> {
        let name = self.name()?;
        if let EntityKind::Role = K::KIND {
            service.identities.check_role_found(name)?;
        }
        Ok(name)
    }

    /// The role or user with its [`known_name`](Self::known_name).
    ///
    /// # Errors
    /// As for the name.
    pub(super) fn known(&self, service: &IamService) -> Result<Entity<'_>, AwsError> {
        Ok(K::KIND.entity(self.known_name(service)?))
    }

    /// The ARN of the role or user, which would have this path if it does not exist.
    ///
    /// # Errors
    /// `ValidationError` where the request has no name.
    pub(super) fn arn(&self, service: &IamService, path: &str) -> Result<String, AwsError> {
        Ok(service.arn_of(K::KIND.entity(self.name()?), path))
    }

    /// The permission for an operation on the role or user.
    ///
    /// # Errors
    /// As for the ARN.
    pub(super) fn permission(
        &self,
        service: &IamService,
        operation: &str,
    ) -> Result<RequiredPermission, AwsError> {
        Ok(permission(operation, self.arn(service, "/")?))
    }
}

impl Named<ForUsers> {
    /// The user's name, or the caller's where the request has none.
    ///
    /// # Errors
    /// `ValidationError` where the caller is no user either.
    pub(super) fn name_or_own<'a>(&'a self, caller: &'a Caller) -> Result<&'a str, AwsError> {
        let name = self.given_name().or_else(|| caller.user_name());
        name.ok_or_else(|| {
            AwsError::new(
                "ValidationError",
                400,
                "Must specify userName when calling with non-User credentials",
            )
        })
    }

    /// The permission for an operation on the user, or on the caller where the request has no name.
    ///
    /// # Errors
    /// `ValidationError` where the caller is no user either.
    pub(super) fn permission_or_own(
        &self,
        service: &IamService,
        caller: &Caller,
        operation: &str,
    ) -> Result<RequiredPermission, AwsError> {
        let name = self.name_or_own(caller)?;
        let arn = service.arn_of(Entity::User(name), "/");
        Ok(permission(operation, arn))
    }
}

/// The permission for an operation on the resource with this ARN.
pub(super) fn permission(operation: &str, arn: impl Into<String>) -> RequiredPermission {
    RequiredPermission::new(format!("iam:{operation}"), arn)
}

/// The same permission of a request that sets these tags.
pub(super) fn with_tags(
    permission: RequiredPermission,
    tags: &[(String, String)],
) -> RequiredPermission {
    permission.with_tags(tags.iter().map(|(key, value)| (&**key, &**value)))
}
