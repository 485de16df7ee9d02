//! Invocations: at once, later, or only in play.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde::de::IgnoredAny;

use super::{LambdaService, invalid};
use crate::error::AwsError;
use crate::protocol::http::{Reply, Request};
use crate::protocol::rest_json::empty;

/// What a payload may have, in bytes.
const PAYLOAD_BYTES: usize = 6_291_556;

/// What an asynchronous one may have.
const ASYNC_PAYLOAD_BYTES: usize = 1 << 20;

/// How an invocation is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    RequestResponse,
    Event,
    DryRun,
}

impl LambdaService {
    pub(super) async fn invoke(&self, name: &str, request: &Request) -> Result<Reply, AwsError> {
        let kind = kind(request.header("x-amz-invocation-type"))?;
        let with_log = with_log(request.header("x-amz-log-type"))?;
        if request.header("x-amz-client-context").is_some() {
            return Err(invalid("This local cloud passes on no ClientContext."));
        }
        let payload = payload(kind, &request.body)?;
        self.functions
            .read(|registry| registry.invocable(name).map(drop))?;
        let reply = match kind {
            Kind::DryRun => return Ok(empty(204)),
            Kind::Event => {
                self.functions.invoke_later(name, &payload).await?;
                return Ok(empty(202));
            }
            Kind::RequestResponse => {
                let outcome = self.functions.invoke(name, payload).await?;
                let reply = Reply::new(200, "application/json", outcome.payload)
                    .with_header("x-amz-executed-version", "$LATEST");
                let reply = if outcome.failed {
                    reply.with_header("x-amz-function-error", "Unhandled")
                } else {
                    reply
                };
                if with_log {
                    reply.with_header("x-amz-log-result", &BASE64.encode(outcome.log_tail))
                } else {
                    reply
                }
            }
        };
        Ok(reply)
    }
}

pub(super) fn kind(header: Option<&str>) -> Result<Kind, AwsError> {
    match header {
        None | Some("" | "RequestResponse") => Ok(Kind::RequestResponse),
        Some("Event") => Ok(Kind::Event),
        Some("DryRun") => Ok(Kind::DryRun),
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

/// What the function gets: JSON within the limits; nothing counts as `{}`.
pub(super) fn payload(kind: Kind, body: &Bytes) -> Result<Bytes, AwsError> {
    let most = if kind == Kind::Event {
        ASYNC_PAYLOAD_BYTES
    } else {
        PAYLOAD_BYTES
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
