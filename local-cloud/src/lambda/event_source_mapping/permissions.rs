//! What mappings do in the name of their function's role.

use crate::iam::{Identities, RequiredPermission};
use crate::lambda::engine::Function;
use crate::lambda::role::role_of;

/// The action that removes a batch from the queue.
const DELETE: &str = "DeleteMessage";

/// The first of SQS's actions that a mapping needs and that the function's role is not allowed.
pub(crate) fn missing_permission(
    identities: &Identities,
    function: &Function,
    queue_arn: &str,
) -> Option<&'static str> {
    let needed = ["ReceiveMessage", DELETE, "GetQueueAttributes"];
    needed
        .into_iter()
        .find(|action| !is_allowed(identities, function, action, queue_arn))
}

/// Whether the function's role may read the queue. Without the permission to delete, AWS delivers all
/// the same, again and again.
pub(crate) fn may_read(identities: &Identities, function: &Function, queue_arn: &str) -> bool {
    missing_permission(identities, function, queue_arn).is_none_or(|action| action == DELETE)
}

/// Whether the function's role may delete messages.
pub(super) fn may_delete(identities: &Identities, function: &Function, queue_arn: &str) -> bool {
    is_allowed(identities, function, DELETE, queue_arn)
}

fn is_allowed(identities: &Identities, function: &Function, action: &str, queue_arn: &str) -> bool {
    let permission = RequiredPermission::new(format!("sqs:{action}"), queue_arn);
    identities.role_may(role_of(function), &permission)
}
