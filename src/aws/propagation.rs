//! Errors by which AWS says that an earlier change is not finished or not visible everywhere yet:
//! why to wait, and for how long. Pure.
//!
//! The bounds leave room above what is known of AWS: a role is usable after 5 to 15 s and
//! Terraform waits two minutes for it, the name of a deleted queue is free after 60 s, and Lambda's
//! own waiters wait 300 s for a function.

/// A change that takes effect later.
#[derive(Debug, PartialEq, Eq)]
pub struct PropagationDelay {
    /// What is waited for, a clause without its full stop.
    pub reason: &'static str,
    /// The longest wait, in seconds.
    pub at_most: u64,
}

const fn delay(reason: &'static str, at_most: u64) -> PropagationDelay {
    PropagationDelay { reason, at_most }
}

const ROLE_UNKNOWN_TO_KMS: PropagationDelay =
    delay("IAM has not propagated the role to KMS yet", 120);
const PERMISSIONS: PropagationDelay = delay("IAM has not applied the role's permissions yet", 120);
const QUEUE: PropagationDelay = delay("SQS has not propagated the new queue everywhere yet", 60);
const ROLE_BUSY: PropagationDelay = delay("IAM is busy with another change of the role", 60);
const CHANGING: PropagationDelay = delay("AWS is still changing it", 300);

/// By a part of the message.
static BY_TEXT: [(&str, PropagationDelay); 11] = [
    (
        "cannot be assumed by Lambda",
        delay("IAM has not made the role assumable yet", 120),
    ),
    // Lambda encrypts a function's variables as its role.
    ("KMS key is invalid for CreateGrant", ROLE_UNKNOWN_TO_KMS),
    ("does not refer to a valid principal", ROLE_UNKNOWN_TO_KMS),
    ("does not have permissions to call", PERMISSIONS),
    ("The provided execution role", PERMISSIONS),
    (
        "An update is in progress",
        delay("Lambda is still changing the function", 300),
    ),
    (
        "in the following state: Pending",
        delay("Lambda is still creating the function", 300),
    ),
    (
        "because it is in use",
        delay("Lambda is still changing the event source mapping", 300),
    ),
    ("Dead letter target does not exist", QUEUE),
    (
        "SQS Error Code: AWS.SimpleQueueService.NonExistentQueue",
        QUEUE,
    ),
    // `up` has checked that the timeouts fit before it changed anything.
    (
        "is less than Function timeout",
        delay(
            "SQS has not propagated the new visibility timeout everywhere yet",
            75,
        ),
    ),
];

/// By the error code, without its namespace.
static BY_CODE: [(&str, PropagationDelay); 8] = [
    (
        "QueueDeletedRecently",
        delay("SQS keeps the name of a deleted queue for 60 s", 75),
    ),
    ("ConcurrentModification", ROLE_BUSY),
    ("ConcurrentModificationException", ROLE_BUSY),
    ("KMSAccessDeniedException", ROLE_UNKNOWN_TO_KMS),
    (
        "DeleteConflict",
        delay("IAM has not removed the role's policies everywhere yet", 60),
    ),
    (
        "OperationAbortedException",
        delay("CloudWatch Logs is busy with the log group", 60),
    ),
    ("ResourceInUseException", CHANGING),
    ("ResourceConflictException", CHANGING),
];

/// The change that an error with this code and message waits for; `None` for other errors.
pub fn propagation_delay(code: &str, message: &str) -> Option<&'static PropagationDelay> {
    let code = code.rsplit(['#', '.']).next().unwrap_or(code);
    let by_text = BY_TEXT.iter().find(|(text, _)| message.contains(text));
    let by_code = || BY_CODE.iter().find(|(known, _)| *known == code);
    by_text.or_else(by_code).map(|(_, delay)| delay)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(code: &str, message: &str) -> Option<&'static str> {
        propagation_delay(code, message).map(|found| found.reason)
    }

    #[test]
    fn a_delay_has_a_reason_and_a_bound() {
        let refused = "InvalidParameterValueException";
        let text = "The role defined for the function cannot be assumed by Lambda.";
        let expected = delay("IAM has not made the role assumable yet", 120);
        assert_eq!(propagation_delay(refused, text), Some(&expected));
        let key = "Lambda was unable to configure access to your environment variables because \
                   the KMS key is invalid for CreateGrant. Please check your KMS key settings. \
                   KMS Exception: InvalidArnException KMS Message: ARN does not refer to a valid principal";
        assert_eq!(
            reason(refused, key),
            Some("IAM has not propagated the role to KMS yet")
        );
        assert_eq!(
            reason(
                "AWS.SimpleQueueService.QueueDeletedRecently",
                "You must wait 60 seconds"
            ),
            Some("SQS keeps the name of a deleted queue for 60 s")
        );
        assert_eq!(
            reason(
                "DeleteConflict",
                "Cannot delete entity, must delete policies first."
            ),
            Some("IAM has not removed the role's policies everywhere yet")
        );
    }

    #[test]
    fn other_errors_are_final() {
        assert_eq!(
            reason("InvalidParameterValueException", "Timeout too long"),
            None
        );
        assert_eq!(reason("AccessDenied", "no"), None);
    }
}
