//! How long a call may take and how often it is attempted, for each kind of call. The limits are
//! the same on every target, so that the local cloud tests what AWS will get.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_sdk_lambda::operation::create_function::CreateFunctionInput;
use aws_sdk_lambda::operation::update_function_code::UpdateFunctionCodeInput;
use aws_smithy_runtime_api::client::interceptors::context::Input;

/// How often a call is attempted at most when the service returns an internal error or does not
/// respond. Twice the SDK's three: the pauses then add up to about 15 s, which outlasts a short
/// disturbance, and an unreachable server is reported within that time.
pub(super) const ATTEMPTS: u32 = 6;
/// How often a call is attempted at most while the service is throttling. With the SDK's pauses (a
/// random part of 1 s, 2 s, 4 s, ... 20 s) this outlasts a minute of throttling.
pub(super) const THROTTLED_ATTEMPTS: u32 = 12;
/// The longest wait for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// The longest wait for the response of one attempt; SQS holds a receive for at most 20 s.
const ATTEMPT: Duration = Duration::from_secs(40);
/// The longest time for a call including all attempts.
const CALL: Duration = Duration::from_secs(240);
/// The longest time for one attempt to upload code: 50 MiB at 1 Mbit/s.
const UPLOAD: Duration = Duration::from_secs(450);
/// The longest wait for an instance's metadata service, as in the AWS CLI: where there is none,
/// packets to its address are often dropped silently.
pub(super) const METADATA: Duration = Duration::from_secs(1);
/// The longest wait for credentials: a `credential_process` may ask the user for a second factor.
pub const CREDENTIALS: Duration = Duration::from_secs(120);
/// The longest wait for the account's alias, which is shown but not needed.
pub const ALIAS: Duration = Duration::from_secs(2);

/// The timeouts of all calls but uploads and Invoke.
pub(super) fn timeouts() -> TimeoutConfig {
    within(ATTEMPT).operation_timeout(CALL).build()
}

/// The retries of all calls but Invoke.
pub(super) fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS)
}

/// The timeouts of calls that upload code.
pub(super) fn of_input(input: &Input) -> Option<TimeoutConfig> {
    let uploads = input.downcast_ref::<CreateFunctionInput>().is_some()
        || input.downcast_ref::<UpdateFunctionCodeInput>().is_some();
    uploads.then(|| within(UPLOAD).operation_timeout(UPLOAD + CALL).build())
}

/// The overrides for a call of Invoke: one attempt, because a second one runs the function twice,
/// and time for the function to run.
pub fn for_invoke(function_timeout: Duration) -> aws_sdk_lambda::config::Builder {
    let attempt = function_timeout + ATTEMPT;
    aws_sdk_lambda::config::Builder::new()
        .retry_config(RetryConfig::disabled())
        .timeout_config(within(attempt).operation_timeout(attempt + CONNECT).build())
}

/// The overrides for a call of SQS of which there must be one attempt, because a second one would send
/// the same messages again.
pub fn one_attempt() -> aws_sdk_sqs::config::Builder {
    aws_sdk_sqs::config::Builder::new().retry_config(RetryConfig::disabled())
}

fn within(attempt: Duration) -> aws_smithy_types::timeout::TimeoutConfigBuilder {
    TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(attempt)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uploads_have_longer_timeouts() {
        let upload = CreateFunctionInput::builder().build().expect("an input");
        let timeouts = of_input(&Input::erase(upload)).expect("its own timeouts");
        assert_eq!(timeouts.operation_attempt_timeout(), Some(UPLOAD));
        assert!(of_input(&Input::erase("another")).is_none());
        assert!(!RetryConfig::disabled().has_retry());
    }

    #[test]
    fn a_call_has_time_for_several_attempts() {
        let limits = timeouts();
        assert!(limits.operation_timeout() > limits.operation_attempt_timeout());
        assert!(
            ATTEMPT > Duration::from_secs(20),
            "a receive is held for 20 s"
        );
    }
}
