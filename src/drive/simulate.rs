//! Sending a run's orders through the simulator function, range by range.
//!
//! A range may be sent again whenever it is not known whether it arrived: the processor stores
//! an order once, however often it comes. So every failure that may pass is answered by sending
//! the range again; the others end the run, with what was sent on record.

use std::time::Duration;

use aws_sdk_lambda::primitives::Blob;
use order::wire::{SimulateReport, SimulateRequest};
use serde::Deserialize;

use super::record::{Header, Range, Recorder, Step};
use crate::aws::{AwsFailure, Class, failure, for_invoke};
use crate::context::Context;
use crate::error::{CommandError, ErrorKind};

/// How many orders one invocation sends.
const RANGE: u64 = 1000;
/// How often one range is tried.
const TRIES: u32 = 8;
/// The pause after a first failure; it doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// The simulator function's timeout, for how long to wait for an answer.
const FUNCTION_TIMEOUT: Duration = Duration::from_secs(60);

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
            count: RANGE.min(header.count - first),
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
    let mut pause = FIRST_PAUSE;
    for attempt in 1.. {
        let unsent = match invoke(context, header, range).await {
            Ok(()) => return Ok(()),
            Err(unsent) => unsent,
        };
        if attempt == TRIES || !unsent.may_pass() {
            return Err(unsent.into_error(range));
        }
        context.events().note(format!(
            "Sending orders {}: {}; trying again.",
            range.name(),
            unsent.reason()
        ));
        if unsent.is_unreachable() && context.target.is_local() {
            *context = context.reconnect().await?;
        }
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = context.cancel().cancelled() => {
                return Err(CommandError::interrupted(format!(
                    "interrupted while sending orders {} was tried again", range.name()
                )));
            }
        }
        pause = (pause * 2).min(Duration::from_secs(5));
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
    let payload = serde_json::to_vec(&request).expect("a request has only text keys");
    let call = context
        .clients
        .lambda
        .invoke()
        .function_name(context.names.simulator());
    let call = call
        .payload(Blob::new(payload))
        .customize()
        .config_override(for_invoke(FUNCTION_TIMEOUT));
    let reply = call
        .send()
        .await
        .map_err(|error| Unsent::Call(failure("lambda:Invoke", error)))?;
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
    fn may_pass(&self) -> bool {
        match self {
            Self::Call(failure) => failure.may_pass(),
            // A crash, a timeout, or a queue that would not take all of them just now.
            Self::Function(problem) => ["Runtime.ExitError", "Sandbox.Timedout", "OrdersNotSent"]
                .contains(&problem.error_type.as_str()),
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

    fn into_error(self, range: Range) -> CommandError {
        let sending = format!("orders {} were not confirmed as sent", range.name());
        match self {
            Self::Call(failure) => CommandError::from(failure),
            Self::Function(_) => {
                CommandError::new(ErrorKind::Refused, format!("{sending}: {}", self.reason()))
                    .hint("`orders-lab logs simulator` shows what the function printed.")
            }
        }
        .hint("`orders-lab audit` tells where the orders sent so far are.")
    }
}
