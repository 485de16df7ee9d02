//! The role that a function runs as.

use super::engine::Function;
use crate::iam::RoleRef;

/// A function's role.
pub(crate) fn role_of(function: &Function) -> RoleRef<'_> {
    RoleRef {
        arn: &function.role_arn,
        id: &function.role_id,
    }
}
