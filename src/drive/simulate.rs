//! Sending a run's orders through the simulator function, range by range.
//!
//! An Invoke is never repeated blindly: the SDK makes one attempt (`aws::for_invoke`), for it cannot
//! know what a second one would do. This module does. A range names its orders exactly, by run and
//! index, and the processor stores each once, however often it comes. So a range whose fate is not
//! known, because an answer was lost, the function crashed or ran out of time, is asked for again,
//! and what was sent twice makes no difference to the account. It is said each time. A failure that
//! will not pass ends the run, with what was sent on record.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use order::wire::{ORDERS_PER_REQUEST, SIMULATOR_TIMEOUT_SECONDS, SimulateReport, SimulateRequest};
use serde::Deserialize;

use super::record::{Header, Range, Recorder, Step};
use crate::aws::{Answer as _, AwsFailure, Class, for_invoke};
use crate::context::Context;
use crate::error::{CommandError, ErrorKind};

/// How often one range is asked for. The pauses in between come to 11.3 s, and where it is the queue
/// that fails, the function has tried for 3 s each time: long enough for a crash, a lost answer or
/// the restart of a local cloud. What lasts longer is for the user to look at.
const TRIES: u32 = 8;
/// How often one range is asked for while Lambda asks us to go slower, as it does where the
/// processor takes up all the concurrency of a new account: the pauses come to a minute, the time
/// that the SDK gives every other throttled call.
const TRIES_THROTTLED: u32 = 18;
/// The pause after a first failure, which is most often over at once; it doubles with each further
/// one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The longest pause.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Why a range was not confirmed.
enum Unsent {
    /// The call failed.
    Call(AwsFailure),
    /// The function failed.
    Function(FunctionError),
}

/// What a failed function answers.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FunctionError {
    #[serde(default)]
    error_type: String,
    #[serde(default)]
    error_message: String,
}

/// Sends all orders of a run, telling `progress` how many are confirmed. Stops early, without an
/// error, when the user interrupts. Returns how many were confirmed.
///
/// # Errors
/// When a range cannot be sent however often it is tried, or its failure will not pass.
pub async fn send(
    context: &mut Context<'_>,
    recorder: &mut Recorder,
    header: &Header,
    mut progress: impl FnMut(u64),
) -> Result<u64, CommandError> {
    let mut first = 0;
    while first < header.count && !context.cancel().is_cancelled() {
        let range = Range {
            first,
            count: ORDERS_PER_REQUEST.min(header.count - first),
        };
        recorder.append(Step::Began(range))?;
        send_range(context, header, range).await?;
        recorder.append(Step::Sent(range))?;
        first += range.count;
        progress(first);
    }
    Ok(first)
}

async fn send_range(
    context: &mut Context<'_>,
    header: &Header,
    range: Range,
) -> Result<(), CommandError> {
    for attempt in 1.. {
        let unsent = match invoke(context, header, range).await {
            Ok(()) => return Ok(()),
            Err(unsent) => unsent,
        };
        if attempt >= unsent.tries() {
            return Err(unsent.into_error(range, context));
        }
        context.events().note(format!(
            "Sending orders {}: {}; asking for them again, which stores none twice.",
            range.name(),
            unsent.reason()
        ));
        if unsent.is_unreachable() && context.target.is_local() {
            *context = context.reconnect().await?;
        }
        tokio::select! {
            () = tokio::time::sleep(pause(attempt)) => {}
            () = context.cancel().cancelled() => {
                let interrupted = CommandError::interrupted(format!(
                    "interrupted before orders {} were asked for again", range.name()
                ));
                return Err(interrupted.hint(what_was_sent(context)));
            }
        }
    }
    Ok(())
}

async fn invoke(context: &Context<'_>, header: &Header, range: Range) -> Result<(), Unsent> {
    let request = SimulateRequest {
        run: header.run.clone(),
        plan: header.plan.clone(),
        first: range.first,
        count: range.count,
    };
    let timeout = Duration::from_secs(SIMULATOR_TIMEOUT_SECONDS.into());
    let payload = serde_json::to_vec(&request).expect("a request has only text keys");
    let call = context
        .clients
        .lambda
        .invoke()
        .function_name(context.names.simulator());
    let call = call
        .payload(Blob::new(payload))
        .customize()
        .config_override(for_invoke(timeout));
    let reply = call.send().await.of_call("lambda:Invoke");
    let reply = reply.map_err(Unsent::Call)?;
    let payload = reply.payload.map(Blob::into_inner).unwrap_or_default();
    if reply.function_error.is_some() {
        let problem = serde_json::from_slice(&payload);
        return Err(Unsent::Function(
            problem.unwrap_or_else(|_| FunctionError::unreadable(&payload)),
        ));
    }
    match serde_json::from_slice::<SimulateReport>(&payload) {
        Ok(report) if report.sent == range.count => Ok(()),
        _ => Err(Unsent::Function(FunctionError::unreadable(&payload))),
    }
}

/// The pause after so many attempts.
fn pause(attempts: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(attempts.saturating_sub(1));
    FIRST_PAUSE.saturating_mul(doubled).min(LONGEST_PAUSE)
}

/// What to do where a run ended early.
fn what_was_sent(context: &Context<'_>) -> String {
    let audit = context.command("audit");
    format!("{audit} tells where the orders sent so far are.")
}

impl Range {
    /// The range as people count: from one.
    fn name(self) -> String {
        format!("{} to {}", self.first + 1, self.first + self.count)
    }
}

impl FunctionError {
    fn unreadable(payload: &[u8]) -> Self {
        Self {
            error_type: "UnreadableAnswer".to_owned(),
            error_message: String::from_utf8_lossy(payload).into_owned(),
        }
    }
}

impl Unsent {
    /// How often the range is asked for in all when it fails like this.
    fn tries(&self) -> u32 {
        match self {
            Self::Call(failure) if failure.class == Class::Throttled => TRIES_THROTTLED,
            Self::Call(failure) if failure.may_pass() => TRIES,
            Self::Call(_) => 1,
            // A crash, a timeout, or a queue that would not take all of them just now.
            Self::Function(problem) => {
                let passes = ["Runtime.ExitError", "Sandbox.Timedout", "OrdersNotSent"];
                if passes.contains(&problem.error_type.as_str()) {
                    TRIES
                } else {
                    1
                }
            }
        }
    }

    fn is_unreachable(&self) -> bool {
        matches!(self, Self::Call(failure) if failure.class == Class::Unreachable)
    }

    fn reason(&self) -> String {
        match self {
            Self::Call(failure) => failure.to_string(),
            Self::Function(problem) => {
                format!(
                    "the simulator failed with {}: {}",
                    problem.error_type, problem.error_message
                )
            }
        }
    }

    fn into_error(self, range: Range, context: &Context<'_>) -> CommandError {
        let error = match self {
            Self::Call(failure) => CommandError::from(failure),
            Self::Function(_) => {
                let message = format!(
                    "orders {} were not confirmed as sent: {}",
                    range.name(),
                    self.reason()
                );
                let logs = context.command("logs simulator");
                CommandError::new(ErrorKind::Refused, message)
                    .hint(format!("{logs} shows what the function printed."))
            }
        };
        error.hint(what_was_sent(context))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::propagation_delay;

    fn call(class: Class) -> Unsent {
        Unsent::Call(AwsFailure {
            operation: "lambda:Invoke",
            class,
            code: None,
            message: String::new(),
            request_id: None,
        })
    }

    fn function(error_type: &str) -> Unsent {
        Unsent::Function(FunctionError {
            error_type: error_type.to_owned(),
            error_message: String::new(),
        })
    }

    /// How long the pauses are in all.
    fn patience(unsent: &Unsent) -> Duration {
        (1..unsent.tries()).map(pause).sum()
    }

    #[test]
    fn a_range_is_asked_for_again_only_where_that_may_help() {
        let arriving =
            propagation_delay("ResourceConflictException", "").expect("it is on its way");
        for class in [Class::Unreachable, Class::Propagating(arriving)] {
            assert_eq!(patience(&call(class)), Duration::from_millis(11_300));
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
    fn throttling_is_waited_for_as_long_as_everywhere() {
        assert!(patience(&call(Class::Throttled)) > Duration::from_secs(60));
    }
}
