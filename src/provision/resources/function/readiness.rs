//! Whether a function is ready, and when it was last changed. Pure.

use aws_sdk_lambda::types::{FunctionConfiguration, LastUpdateStatus, State};
use jiff::Timestamp;

/// Whether a function can be invoked and updated.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Readiness {
    Ready,
    Changing,
    Failed(String),
}

impl Readiness {
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Ready => "active",
            Self::Changing => "changing",
            Self::Failed(reason) => reason,
        }
    }
}

pub(super) fn readiness(found: &FunctionConfiguration) -> Readiness {
    let reason = |reason: Option<&str>| Readiness::Failed(reason.unwrap_or("failed").to_owned());
    match (found.state(), found.last_update_status()) {
        (Some(State::Failed), _) => reason(found.state_reason()),
        (_, Some(LastUpdateStatus::Failed)) => reason(found.last_update_status_reason()),
        // A function becomes inactive after weeks without use; the next invocation activates it.
        (Some(State::Active | State::Inactive), Some(LastUpdateStatus::Successful) | None) => {
            Readiness::Ready
        }
        _ => Readiness::Changing,
    }
}

/// When a function was last changed. Lambda's format is `2026-11-24T08:15:30.123+0000`.
pub(super) fn last_modified(found: &FunctionConfiguration) -> Option<Timestamp> {
    Timestamp::strptime("%Y-%m-%dT%H:%M:%S%.f%z", found.last_modified()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_change_is_read_in_lambdas_format() {
        let found = FunctionConfiguration::builder()
            .last_modified("2026-11-24T08:15:30.123+0000")
            .build();
        let expected: Timestamp = "2026-11-24T08:15:30.123Z".parse().expect("a time");
        assert_eq!(last_modified(&found), Some(expected));
    }

    #[test]
    fn inactive_is_ready_and_failed_is_not() {
        let found = |state, update| {
            let builder = FunctionConfiguration::builder().state(state);
            readiness(&builder.last_update_status(update).build())
        };
        assert_eq!(
            found(State::Inactive, LastUpdateStatus::Successful),
            Readiness::Ready
        );
        assert_eq!(
            found(State::Pending, LastUpdateStatus::InProgress),
            Readiness::Changing
        );
        assert_eq!(
            found(State::Active, LastUpdateStatus::InProgress),
            Readiness::Changing
        );
        let failed = Readiness::Failed("failed".to_owned());
        assert_eq!(found(State::Failed, LastUpdateStatus::Failed), failed);
        assert_eq!(found(State::Active, LastUpdateStatus::Failed), failed);
    }
}
