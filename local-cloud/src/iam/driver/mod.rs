//! The IAM and STS driver: roles, users and sessions with a clock and durable state.
//!
//! [`identities`] holds them and says who signs with an access key, [`authorization`] what callers and
//! roles may do ([`request_context`] has the condition keys of their requests), [`service_roles`] what services do with roles, and [`assume_role`] who may assume one.

mod assume_role;
mod authorization;
mod identities;
mod request_context;
mod resource_tags;
mod service_roles;
#[cfg(test)]
mod tests;

pub(crate) use assume_role::AssumeRoleRequest;
pub use identities::Identities;
pub(crate) use request_context::RequestFacts;
