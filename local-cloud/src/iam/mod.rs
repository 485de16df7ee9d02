//! IAM: roles, users, their policies and access keys, and who may do what. STS's sessions are kept
//! here too.

pub(crate) mod api;
mod driver;
pub mod engine;
pub(crate) mod permissions;

pub(crate) use api::IamService;
pub(crate) use driver::Assumption;
pub use driver::{Identities, Identity, RoleRef, SessionCredentials};
