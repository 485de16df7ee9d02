//! IAM's roles and users and STS's sessions, pure.
//!
//! [`Iam`] holds the roles, the users with their access keys, the customer managed policies and the
//! account's alias. [`policy`] parses the documents that [`evaluate`] and [`trust`] decide by: what a
//! principal may do, and who may assume a role. Their conditions are on the keys in [`context_keys`].
//! [`sessions`] keeps the temporary credentials of assumed roles.

mod access_key;
mod access_keys;
mod account;
mod changes;
pub mod condition;
pub mod context_key;
mod context_key_table;
pub mod context_keys;
mod customer_policies;
mod customer_policy;
mod entity;
mod error;
pub mod evaluate;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
pub mod managed;
mod managed_policies;
#[cfg(any(test, feature = "fuzzing"))]
mod naive;
mod policies;
pub mod policy;
mod policy_checks;
mod principal_policies;
pub mod propagation;
pub mod request_context;
mod role;
mod roles;
mod secret;
pub mod sessions;
pub mod trust;
mod trusted_principals;
pub mod truth;
mod user;
mod users;
mod validate;

pub use access_key::AccessKey;
pub use account::{ACCOUNT, Iam, Loaded, POLICIES, ROLES, USERS};
pub use changes::{Changes, Outcome, Update};
pub use customer_policies::NewPolicy;
pub use entity::Entity;
pub use managed_policies::{PolicySummary, VersionView};
pub use principal_policies::PrincipalPolicies;
pub use role::{Role, RoleRef};
pub use roles::{NewRole, RoleUpdate};
pub use secret::Secret;
pub use user::User;
