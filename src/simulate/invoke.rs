//! One call of the simulator function.
//!
//! The SDK makes one attempt (`aws::for_invoke`), because it cannot know what a second one would
//! do; [`Sender`](super::Sender) repeats it.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use order::wire::{SIMULATOR_TIMEOUT_SECONDS, SimulateReport, SimulateRequest};
use serde::Deserialize;

use crate::aws::{Answer as _, AwsFailure, Class, for_invoke};
use crate::backoff::Backoff;
use crate::context::Context;
use crate::runs::{Header, Range};

/// How often one range is sent. The pauses between come to 11.4 s, and where the queue fails, the
/// function has tried for 3 s each time: long enough for a crash, a lost answer or the restart of a
/// local cloud. What lasts longer is for the user to look at.
const TRIES: u32 = 8;
/// How often one range is sent while Lambda throttles, as it does where the processor takes up all
/// the concurrency of a new account. The pauses come to a minute, the time that the SDK gives every
/// other throttled call.
const TRIES_THROTTLED: u32 = 18;

/// The pauses before a range is sent again. The cause of a first failure is usually over at once.
pub(super) const RETRY_BACKOFF: Backoff =
    Backoff::doubling(Duration::from_millis(200), Duration::from_secs(5));

/// Why a range was not confirmed as sent.
#[derive(Debug)]
pub(super) enum SendFailure {
    /// The call failed.
    Call(AwsFailure),
    /// The function failed.
    Function(FunctionError),
}

/// The answer of a failed function.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FunctionError {
    #[serde(default)]
    error_type: String,
    #[serde(default)]
    error_message: String,
}

/// Asks the simulator to send a range of the run's orders.
pub(super) async fn invoke(
    context: &Context<'_>,
    header: &Header,
    range: Range,
) -> Result<(), SendFailure> {
    let request = SimulateRequest {
        run: header.run.clone(),
        plan: header.plan.clone(),
        first: range.first,
        count: range.count,
    };
    let body = serde_json::to_vec(&request).expect("a request has only text keys");
    let timeout = Duration::from_secs(SIMULATOR_TIMEOUT_SECONDS.into());
    let reply = context
        .clients
        .lambda
        .invoke()
        .function_name(context.names.simulator())
        .payload(Blob::new(body))
        .customize()
        .config_override(for_invoke(timeout))
        .send()
        .await
        .of_call("lambda:Invoke")
        .map_err(SendFailure::Call)?;
    let answer = reply.payload.map(Blob::into_inner).unwrap_or_default();
    if reply.function_error.is_some() {
        let error = serde_json::from_slice(&answer);
        return Err(SendFailure::Function(
            error.unwrap_or_else(|_| FunctionError::unreadable(&answer)),
        ));
    }
    match serde_json::from_slice::<SimulateReport>(&answer) {
        Ok(report) if report.sent == range.count => Ok(()),
        _ => Err(SendFailure::Function(FunctionError::unreadable(&answer))),
    }
}

impl FunctionError {
    fn unreadable(answer: &[u8]) -> Self {
        Self {
            error_type: "UnreadableAnswer".to_owned(),
            error_message: String::from_utf8_lossy(answer).into_owned(),
        }
    }

    /// Whether it may succeed when it is called again: a crash, a timeout, or a queue that did not
    /// take all orders.
    fn may_pass(&self) -> bool {
        ["Runtime.ExitError", "Sandbox.Timedout", "OrdersNotSent"]
            .contains(&self.error_type.as_str())
    }
}

impl SendFailure {
    /// How often a range that fails like this is sent in all.
    pub(super) fn tries(&self) -> u32 {
        match self {
            Self::Call(failure) if failure.class == Class::Throttled => TRIES_THROTTLED,
            Self::Call(failure) if failure.may_pass() => TRIES,
            Self::Function(error) if error.may_pass() => TRIES,
            Self::Call(_) | Self::Function(_) => 1,
        }
    }

    pub(super) fn is_unreachable(&self) -> bool {
        matches!(self, Self::Call(failure) if failure.is_unreachable())
    }

    /// What failed, in a word or two that are the same each time.
    pub(super) fn kind(&self) -> &str {
        match self {
            Self::Call(failure) => failure.code.as_deref().unwrap_or("Lambda did not respond"),
            Self::Function(error) => &error.error_type,
        }
    }

    pub(super) fn reason(&self) -> String {
        match self {
            Self::Call(failure) => failure.to_string(),
            Self::Function(error) => format!(
                "the simulator failed with {}: {}",
                error.error_type, error.error_message
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::propagation_delay;

    fn call(class: Class) -> SendFailure {
        SendFailure::Call(AwsFailure {
            operation: "lambda:Invoke",
            class,
            code: None,
            message: String::new(),
            request_id: None,
        })
    }

    fn function(error_type: &str) -> SendFailure {
        SendFailure::Function(FunctionError {
            error_type: error_type.to_owned(),
            error_message: String::new(),
        })
    }

    /// All pauses between the tries together.
    fn pauses(failure: &SendFailure) -> Duration {
        (1..failure.tries()).fold(Duration::ZERO, |waited, _| {
            waited + RETRY_BACKOFF.pause(waited)
        })
    }

    #[test]
    fn only_passing_failures_are_retried() {
        let arriving =
            propagation_delay("ResourceConflictException", "").expect("it is on its way");
        for class in [Class::Unreachable, Class::Propagating(arriving)] {
            assert_eq!(pauses(&call(class)), Duration::from_millis(11_400));
        }
        for error_type in ["Runtime.ExitError", "Sandbox.Timedout", "OrdersNotSent"] {
            assert_eq!(function(error_type).tries(), TRIES, "{error_type}");
        }
        for class in [
            Class::Credentials,
            Class::Denied,
            Class::NotFound,
            Class::Other,
        ] {
            assert_eq!(call(class).tries(), 1, "{class:?}");
        }
        assert_eq!(function("InvalidRequest").tries(), 1);
    }

    #[test]
    fn throttling_is_retried_for_a_minute() {
        assert!(pauses(&call(Class::Throttled)) > Duration::from_secs(60));
    }
}
