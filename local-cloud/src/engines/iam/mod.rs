//! IAM's roles and STS's sessions, pure.
//!
//! [`Iam`] holds the roles; [`policy`] is the language of their documents, [`trust`] decides who
//! may assume one, [`sessions`] keeps the temporary credentials that came of it. Identity
//! policies are stored parsed and are not evaluated here.

pub mod managed;
pub mod policy;
mod roles;
pub mod sessions;
pub mod trust;
mod validate;
pub mod wildcard;

pub use roles::{Iam, NewRole, ROLES, Role, RoleUpdate};
