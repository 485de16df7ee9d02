//! The Runtime API as an execution environment sees it, version 2018-06-01.
//!
//! <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html>; the failures' bodies are
//! those of AWS's runtime interface emulator.

use bytes::Bytes;
use hyper::HeaderMap;
use serde_json::json;

use super::process::{Answer, Environment, Event, Refusal};
use crate::protocol::http::Reply;

/// The largest answer that Lambda hands on: 6 MiB and 100 bytes.
pub(crate) const MAX_ANSWER: usize = 6_291_556;

const JSON: &str = "application/json";

/// Answers one call; `path` is what follows the environment's token.
pub(crate) async fn answer(
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
        ("GET", "invocation/next") => match environment.next().await {
            Ok(event) => next_reply(environment, event),
            Err(refusal) => refuse(refusal),
        },
        ("POST", "init/error") => {
            if body.len() > MAX_ANSWER {
                return too_large();
            }
            let kind = error_type(headers, &body);
            accept(environment.init_error(body, kind))
        }
        ("POST", path) => match path
            .strip_prefix("invocation/")
            .and_then(|path| path.split_once('/'))
        {
            Some((id, "response")) => respond(environment, id, body, Answer::Response),
            Some((id, "error")) => respond(environment, id, body, Answer::Error),
            _ => not_found(),
        },
        _ => not_found(),
    }
}

/// The answer to a token that no environment has.
pub(crate) fn unknown_environment() -> Reply {
    let message = "There is no such execution environment.";
    failure(403, "InvalidEnvironment", message)
}

/// The gateway has cut a body that is far too large; what is left of it is too large still.
fn respond(
    environment: &Environment,
    id: &str,
    body: Bytes,
    answer: impl FnOnce(Bytes) -> Answer,
) -> Reply {
    if body.len() <= MAX_ANSWER {
        return accept(environment.answer(id, answer(body)));
    }
    match environment.answer(id, Answer::TooLarge) {
        Err(refusal) => refuse(refusal),
        Ok(()) => too_large(),
    }
}

fn too_large() -> Reply {
    let message = format!("Exceeded maximum allowed payload size ({MAX_ANSWER} bytes).");
    failure(413, "RequestEntityTooLarge", &message)
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
pub(in crate::lambda) fn error_type(headers: &HeaderMap, body: &[u8]) -> String {
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

fn accept(outcome: Result<(), Refusal>) -> Reply {
    match outcome {
        Ok(()) => Reply::new(202, JSON, r#"{"status":"OK"}"#),
        Err(refusal) => refuse(refusal),
    }
}

fn refuse(refusal: Refusal) -> Reply {
    match refusal {
        Refusal::UnknownRequest => failure(400, "InvalidRequestID", "Invalid request ID"),
        Refusal::State => failure(
            403,
            "InvalidStateTransition",
            "State transition is not allowed",
        ),
    }
}

fn not_found() -> Reply {
    failure(404, "NotFound", "The Runtime API has no such call.")
}

fn failure(status: u16, kind: &str, message: &str) -> Reply {
    let body = json!({"errorMessage": message, "errorType": kind});
    Reply::new(status, JSON, body.to_string())
}
