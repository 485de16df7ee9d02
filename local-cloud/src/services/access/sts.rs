//! STS. Everybody may ask who they are; whether a role may be assumed is for its trust policy to
//! say first, see [`Identities::assume_role`](crate::runtime::identities::Identities).

use crate::engines::iam::evaluate::Right;
use crate::protocol::query::Params;

/// The rights that a request needs.
pub(super) fn rights(params: &Params) -> Vec<Right> {
    match params.text("Action") {
        Some("GetCallerIdentity" | "AssumeRole") | None => Vec::new(),
        Some(other) => vec![Right::new(format!("sts:{other}"), "*")],
    }
}
