//! IAM's roles and STS's sessions, pure.
//!
//! [`Iam`] holds the roles; [`policy`] is the language of their documents, [`trust`] decides who
//! may assume one, [`evaluate`] what somebody may do, [`sessions`] keeps the temporary
//! credentials that came of assuming a role.

pub mod condition;
pub mod evaluate;
pub mod managed;
pub mod policy;
pub mod propagation;
mod roles;
pub mod sessions;
pub mod trust;
mod validate;

pub use roles::{Iam, NewRole, ROLES, Role, RoleUpdate};
