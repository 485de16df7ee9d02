//! The Runtime API as an execution environment sees it, version 2018-06-01.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>; the bodies of errors are those
//! of AWS's runtime interface emulator.

use bytes::Bytes;
use hyper::HeaderMap;
use serde_json::json;

use super::conversation::{Event, MAX_RESPONSE, Response, RuntimeApiError};
use super::process::Environment;
use crate::protocol::http::Reply;

const JSON: &str = "application/json";

/// Replies to one call; `path` follows the environment's token.
pub(crate) async fn handle(
    environment: &Environment,
    method: &str,
    path: &str,
    headers: &HeaderMap,
    body: Bytes,
) -> Reply {
    let Some(path) = path.strip_prefix("2018-06-01/runtime/") else {
        return not_found();
    };
    match (method, path) {
        ("GET", "invocation/next") => match environment.conversation.next().await {
            Ok(event) => next_reply(environment, event),
            Err(error) => refuse(error),
        },
        ("POST", "init/error") => {
            if body.len() > MAX_RESPONSE {
                return too_large();
            }
            let error_type = error_type(headers, &body);
            reply(environment.conversation.init_error(body, error_type))
        }
        ("POST", path) => match path
            .strip_prefix("invocation/")
            .and_then(|path| path.split_once('/'))
        {
            Some((id, "response")) => respond(environment, id, body, Response::Success),
            Some((id, "error")) => respond(environment, id, body, Response::Error),
            _ => not_found(),
        },
        _ => not_found(),
    }
}

/// The reply to a call with a token that no environment has.
pub(crate) fn unknown_environment() -> Reply {
    let message = "There is no such execution environment.";
    error(403, "InvalidEnvironment", message)
}

/// The gateway truncates a body that is far too large; the rest of it is still too large.
fn respond(
    environment: &Environment,
    id: &str,
    body: Bytes,
    response: impl FnOnce(Bytes) -> Response,
) -> Reply {
    let conversation = &environment.conversation;
    if body.len() <= MAX_RESPONSE {
        return reply(conversation.respond(id, response(body)));
    }
    match conversation.respond(id, Response::TooLarge) {
        Err(error) => refuse(error),
        Ok(()) => too_large(),
    }
}

fn too_large() -> Reply {
    let message = format!("Exceeded maximum allowed payload size ({MAX_RESPONSE} bytes).");
    error(413, "RequestEntityTooLarge", &message)
}

fn next_reply(environment: &Environment, event: Event) -> Reply {
    Reply::new(200, JSON, event.payload)
        .with_header("lambda-runtime-aws-request-id", &event.request_id)
        .with_header("lambda-runtime-invocation-id", &event.request_id)
        .with_header("lambda-runtime-deadline-ms", &event.deadline.0.to_string())
        .with_header(
            "lambda-runtime-invoked-function-arn",
            &environment.function.arn,
        )
        .with_header("lambda-runtime-trace-id", &event.trace_id)
}

/// The type that a runtime gives to an error: in a header, or in the body.
pub(super) fn error_type(headers: &HeaderMap, body: &[u8]) -> String {
    let header = headers
        .get("lambda-runtime-function-error-type")
        .and_then(|value| value.to_str().ok())
        .map(ToOwned::to_owned);
    header
        .or_else(|| {
            let body: serde_json::Value = serde_json::from_slice(body).ok()?;
            Some(body.get("errorType")?.as_str()?.to_owned())
        })
        .unwrap_or_else(|| "Runtime.Unknown".to_owned())
}

fn reply(result: Result<(), RuntimeApiError>) -> Reply {
    match result {
        Ok(()) => Reply::new(202, JSON, r#"{"status":"OK"}"#),
        Err(error) => refuse(error),
    }
}

fn refuse(refused: RuntimeApiError) -> Reply {
    match refused {
        RuntimeApiError::UnknownRequest => error(400, "InvalidRequestID", "Invalid request ID"),
        RuntimeApiError::InvalidState => error(
            403,
            "InvalidStateTransition",
            "State transition is not allowed",
        ),
    }
}

fn not_found() -> Reply {
    error(404, "NotFound", "The Runtime API has no such call.")
}

fn error(status: u16, error_type: &str, message: &str) -> Reply {
    let body = json!({"errorMessage": message, "errorType": error_type});
    Reply::new(status, JSON, body.to_string())
}
