//! IAM's roles and users and STS's sessions, pure.
//!
//! [`Iam`] holds the roles, the users with their access keys, and the account's alias. [`policy`] parses
//! the documents that [`evaluate`] and [`trust`] decide by: what a principal may do, and who may assume
//! a role. [`sessions`] keeps the temporary credentials of assumed roles.

mod access_key;
mod access_keys;
mod account;
mod changes;
pub mod condition;
mod entity;
mod error;
pub mod evaluate;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
pub mod managed;
mod policies;
pub mod policy;
mod principal_policies;
pub mod propagation;
mod role;
mod roles;
mod secret;
pub mod sessions;
pub mod trust;
mod user;
mod users;
mod validate;

pub use access_key::AccessKey;
pub use account::{ACCOUNT, Iam, Loaded, ROLES, USERS};
pub use changes::{Changes, Outcome, Update};
pub use entity::Entity;
pub use principal_policies::PrincipalPolicies;
pub use role::{Role, RoleRef};
pub use roles::{NewRole, RoleUpdate};
pub use secret::Secret;
pub use user::User;
