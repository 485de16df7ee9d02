//! CloudWatch Logs: log groups, their streams and events.

mod api;
mod driver;
pub mod engine;

pub(crate) use api::LogsService;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use api::fuzzing;
pub use driver::Logs;

use crate::error::AwsError;
use crate::protocol::Protocol;
use crate::protocol::json::Dialect;
use crate::service::Descriptor;

/// How CloudWatch Logs is addressed and how it words its errors.
pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    signing_name: "logs",
    action_prefix: "logs",
    protocol: Protocol::Json(DIALECT),
    is_global: false,
    is_internal: false,
    outlives_client: true,
    signature_error_status: 403,
    query_error_names: false,
    signature_minutes: 5,
    access_denied: |sentence| AwsError::new("AccessDeniedException", 400, sentence),
    throttled: || AwsError::new("ThrottlingException", 400, "Rate exceeded"),
    failed: || {
        AwsError::new(
            "ServiceUnavailableException",
            503,
            "The service cannot complete the request.",
        )
    },
};

const DIALECT: Dialect = Dialect {
    content_type: "application/x-amz-json-1.1",
    target_prefixes: &["Logs_20140328"],
    error_namespace: "",
    query_compatible: false,
    message_member: "message",
};
