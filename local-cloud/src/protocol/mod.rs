//! AWS's wire protocols: bytes to typed values and back. Pure.

pub mod http;
pub mod json;
pub mod page_token;
pub mod query;
pub mod rest_json;
pub mod time;

use hyper::HeaderMap;

use crate::error::AwsError;
use http::Reply;

/// The namespace of the errors that AWS's front end gives for its JSON services.
const FRONT_END: &str = "com.amazon.coral.service";

/// The protocol that a service's clients speak.
#[derive(Debug, Clone, Copy)]
pub enum Protocol {
    /// AWS JSON 1.0 or 1.1: the operation stands in `X-Amz-Target`.
    Json(json::Dialect),
    /// REST-JSON: the operation stands in method and path. The path starts with a date.
    RestJson,
    /// Query: a form in, XML out.
    Query(query::Dialect),
}

impl Protocol {
    /// Whether a request with this path and these headers addresses a service of this protocol and
    /// target. A form says only in its body what it is for.
    pub fn is_addressed(&self, path: &str, headers: &HeaderMap) -> bool {
        let target = headers
            .get("x-amz-target")
            .and_then(|target| target.to_str().ok());
        match (self, target) {
            (Self::Json(dialect), Some(target)) => dialect.operation_of(target).is_some(),
            (Self::RestJson, None) => is_dated(path),
            _ => false,
        }
    }

    /// The reply for a service's own error.
    pub fn error(&self, error: &AwsError, request_id: &str) -> Reply {
        match self {
            Self::Json(dialect) => dialect.error(error),
            Self::RestJson => rest_json::error(error),
            Self::Query(dialect) => dialect.error(request_id, error),
        }
    }

    /// The reply for an error of AWS's front end: about the signature, the permission, or the state
    /// of the service. A client can only read an error in its own protocol.
    pub fn front_end_error(&self, error: &AwsError, request_id: &str) -> Reply {
        match self {
            Self::Json(dialect) => json::Dialect {
                error_namespace: FRONT_END,
                ..*dialect
            }
            .error(error),
            Self::RestJson | Self::Query(_) => self.error(error, request_id),
        }
    }
}

/// The reply for an error where it is not known what the client speaks.
pub fn error_in_any_protocol(error: &AwsError) -> Reply {
    json::Dialect {
        content_type: "application/x-amz-json-1.0",
        target_prefixes: &[],
        error_namespace: FRONT_END,
        query_compatible: false,
        message_member: "message",
    }
    .error(error)
}

/// Lambda's paths start with the date of the operation's version.
fn is_dated(path: &str) -> bool {
    let mut bytes = path.trim_start_matches('/').bytes();
    bytes.by_ref().take(4).all(|byte| byte.is_ascii_digit()) && bytes.next() == Some(b'-')
}
