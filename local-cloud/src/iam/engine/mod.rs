//! IAM's roles and users and STS's sessions, pure.
//!
//! [`Iam`] holds the roles, the users with their access keys, and the account's alias;
//! [`policy`] is the language of their documents, [`trust`] decides who may assume a role,
//! [`evaluate`] what somebody may do, [`sessions`] keeps the temporary credentials that came of
//! assuming a role.

mod account;
pub mod condition;
pub mod evaluate;
mod keys;
pub mod managed;
pub mod policy;
mod principal_policies;
pub mod propagation;
mod roles;
mod secret;
pub mod sessions;
pub mod trust;
mod users;
mod validate;

pub use account::{ACCOUNT, Iam, Loaded};
pub use keys::AccessKey;
pub use principal_policies::{Entity, PrincipalPolicies};
pub use roles::{NewRole, ROLES, Role, RoleUpdate};
pub use secret::Secret;
pub use users::{USERS, User};
