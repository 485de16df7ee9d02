//! How invocations and processes end, in AWS's words.

use std::os::unix::process::ExitStatusExt as _;
use std::process::ExitStatus;

use bytes::Bytes;
use serde_json::json;

use super::process::Answer;
use super::report::Status;
use super::runtime_api::MAX_ANSWER;

/// How an invocation ended, for the caller and for the report.
#[derive(Debug)]
pub(in crate::lambda) struct InvocationResult {
    pub(in crate::lambda) payload: Bytes,
    pub(in crate::lambda) failed: bool,
    pub(in crate::lambda) status: Status,
}

/// What the handler answered.
pub(in crate::lambda) fn answered(answer: Answer) -> InvocationResult {
    let (payload, failed) = match answer {
        Answer::Response(payload) => (payload, false),
        Answer::Error(payload) => (payload, true),
        Answer::TooLarge => {
            let message = format!(
                "Response payload size exceeded maximum allowed payload size ({MAX_ANSWER} bytes)."
            );
            return error("Function.ResponseSizeTooLarge", &message);
        }
    };
    InvocationResult {
        payload,
        failed,
        status: Status::Success,
    }
}

/// A failure of this kind, as Lambda itself reports it.
pub(in crate::lambda) fn error(kind: &str, message: &str) -> InvocationResult {
    let body = json!({"errorType": kind, "errorMessage": message});
    InvocationResult {
        payload: body.to_string().into(),
        failed: true,
        status: Status::Error(kind.to_owned()),
    }
}

/// How a process ended, in the words of AWS's (Go's) supervisor; `None` for success.
pub(in crate::lambda) fn describe(status: ExitStatus) -> Option<String> {
    if let Some(signal) = status.signal() {
        let name = match signal {
            1 => "hangup".to_owned(),
            2 => "interrupt".to_owned(),
            4 => "illegal instruction".to_owned(),
            6 => "aborted".to_owned(),
            8 => "floating point exception".to_owned(),
            9 => "killed".to_owned(),
            11 => "segmentation fault".to_owned(),
            13 => "broken pipe".to_owned(),
            15 => "terminated".to_owned(),
            other => format!("signal {other}"),
        };
        return Some(format!("signal: {name}"));
    }
    match status.code() {
        Some(0) | None => None,
        Some(code) => Some(format!("exit status {code}")),
    }
}
