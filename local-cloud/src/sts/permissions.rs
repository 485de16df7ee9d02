//! STS. Everybody may ask who they are; whether a role may be assumed is for its trust policy to
//! say first, see [`Identities::assume_role`](crate::iam::Identities).

use crate::iam::engine::evaluate::RequiredPermission;
use crate::protocol::query::Params;

/// The required_permissions that a request needs.
pub(crate) fn required_permissions(params: &Params) -> Vec<RequiredPermission> {
    match params.text("Action") {
        Some("GetCallerIdentity" | "AssumeRole") | None => Vec::new(),
        Some(other) => vec![RequiredPermission::new(format!("sts:{other}"), "*")],
    }
}
