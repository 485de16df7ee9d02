//! Invocations: synchronous, asynchronous, and dry runs.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::de::IgnoredAny;

use super::parameters::{invalid, label};
use super::permissions::on_function;
use super::service::LambdaService;
use crate::error::AwsError;
use crate::protocol::http::{Caller, Reply, Request};
use crate::protocol::rest_json::empty;
use crate::service::rest_json::FromRequest;
use crate::service::{CallContext, Operation, Required};

/// The largest payload, in bytes.
const MAX_PAYLOAD: usize = 6_291_556;

/// The largest payload of an asynchronous invocation, in bytes.
const MAX_ASYNC_PAYLOAD: usize = 1 << 20;

/// How an invocation is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum InvocationType {
    RequestResponse,
    Event,
    DryRun,
}

#[derive(Debug)]
pub(super) struct Invoke {
    name: String,
    invocation_type: InvocationType,
    /// Whether the reply has the end of the log.
    with_log: bool,
    payload: Bytes,
}

impl FromRequest for Invoke {
    fn from_request(labels: Vec<String>, request: &Request) -> Result<Self, AwsError> {
        let invocation_type = invocation_type(request.header("x-amz-invocation-type"))?;
        let with_log = with_log(request.header("x-amz-log-type"))?;
        if request.header("x-amz-client-context").is_some() {
            return Err(invalid("This local cloud passes on no ClientContext."));
        }
        Ok(Self {
            name: label(labels),
            invocation_type,
            with_log,
            payload: payload(invocation_type, &request.body)?,
        })
    }
}

impl Operation<LambdaService> for Invoke {
    // The API's operation is `Invoke`, its action in policies is this.
    const NAME: &'static str = "InvokeFunction";
    type Output = Reply;

    fn required_permissions(&self, service: &LambdaService, _: &Caller) -> Required {
        on_function(service, Self::NAME, &self.name)
    }

    async fn run(self, service: &LambdaService, _: &CallContext) -> Result<Reply, AwsError> {
        let functions = &service.functions;
        functions.read(|registry| registry.invocable(&self.name).map(drop))?;
        match self.invocation_type {
            InvocationType::DryRun => return Ok(empty(204)),
            InvocationType::Event => {
                functions.invoke_later(&self.name, &self.payload).await?;
                return Ok(empty(202));
            }
            InvocationType::RequestResponse => {}
        }
        let outcome = functions.invoke(&self.name, self.payload).await?;
        let mut reply = Reply::new(200, "application/json", outcome.payload)
            .with_header("x-amz-executed-version", "$LATEST");
        if outcome.failed {
            reply = reply.with_header("x-amz-function-error", "Unhandled");
        }
        if self.with_log {
            reply = reply.with_header("x-amz-log-result", &BASE64.encode(outcome.log_tail));
        }
        Ok(reply)
    }
}

pub(super) fn invocation_type(header: Option<&str>) -> Result<InvocationType, AwsError> {
    match header {
        None | Some("" | "RequestResponse") => Ok(InvocationType::RequestResponse),
        Some("Event") => Ok(InvocationType::Event),
        Some("DryRun") => Ok(InvocationType::DryRun),
        Some(other) => Err(unknown_value(
            other,
            "invocationType",
            "[RequestResponse, Event, DryRun]",
        )),
    }
}

pub(super) fn with_log(header: Option<&str>) -> Result<bool, AwsError> {
    match header {
        None | Some("" | "None") => Ok(false),
        Some("Tail") => Ok(true),
        Some(other) => Err(unknown_value(other, "logType", "[None, Tail]")),
    }
}

fn unknown_value(value: &str, member: &str, set: &str) -> AwsError {
    let message = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
         Member must satisfy enum value set: {set}"
    );
    AwsError::new("ValidationException", 400, message)
}

/// The payload that the function receives: JSON within the limits; an empty body counts as `{}`.
pub(super) fn payload(invocation_type: InvocationType, body: &Bytes) -> Result<Bytes, AwsError> {
    let most = match invocation_type {
        InvocationType::Event => MAX_ASYNC_PAYLOAD,
        _ => MAX_PAYLOAD,
    };
    if body.len() > most {
        let message =
            format!("Request must be smaller than {most} bytes for the InvokeFunction operation");
        return Err(AwsError::new("RequestTooLargeException", 413, message));
    }
    if body.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    match serde_json::from_slice::<IgnoredAny>(body) {
        Ok(_) => Ok(body.clone()),
        Err(problem) => {
            let message = format!("Could not parse request body into json: {problem}");
            Err(AwsError::new(
                "InvalidRequestContentException",
                400,
                message,
            ))
        }
    }
}
