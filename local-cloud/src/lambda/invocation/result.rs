//! How invocations end.

use bytes::Bytes;
use serde_json::json;

use super::platform_log::Status;
use crate::lambda::environment::{MAX_RESPONSE, Response};

/// How an invocation ended, for the caller and for the log.
#[derive(Debug)]
pub(super) struct InvocationResult {
    pub(super) payload: Bytes,
    /// Whether the payload is an error.
    pub(super) failed: bool,
    pub(super) status: Status,
}

impl InvocationResult {
    /// The handler's response.
    pub(super) fn of(response: Response) -> Self {
        let (payload, failed) = match response {
            Response::Success(payload) => (payload, false),
            Response::Error(payload) => (payload, true),
            Response::TooLarge => {
                let message = format!(
                    "Response payload size exceeded maximum allowed payload size ({MAX_RESPONSE} \
                     bytes)."
                );
                return Self::error("Function.ResponseSizeTooLarge", &message);
            }
        };
        Self {
            payload,
            failed,
            status: Status::Success,
        }
    }

    /// An error that Lambda itself reports.
    pub(super) fn error(error_type: &str, message: &str) -> Self {
        let body = json!({"errorType": error_type, "errorMessage": message});
        Self {
            payload: body.to_string().into(),
            failed: true,
            status: Status::Error(error_type.to_owned()),
        }
    }
}
