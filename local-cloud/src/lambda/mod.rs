//! Lambda: functions, their execution environments, and SQS event source mappings.

pub(crate) mod api;
pub mod code;
pub(crate) mod driver;
pub mod engine;
mod environment;
mod event_source_mapping;
mod logs;
pub(crate) mod permissions;

pub(crate) use api::LambdaService;
pub use driver::{Dependencies, Functions, Outcome, Place};

use crate::error::AwsError;
use crate::protocol::Protocol;
use crate::service::Descriptor;

/// How Lambda is addressed and how it words its errors.
pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    signing_name: "lambda",
    action_prefix: "lambda",
    protocol: Protocol::RestJson,
    is_global: false,
    is_internal: false,
    outlives_client: true,
    signature_error_status: 403,
    query_error_names: false,
    signature_minutes: 15,
    access_denied: |sentence| AwsError::new("AccessDeniedException", 403, sentence),
    throttled: || {
        AwsError::new("TooManyRequestsException", 429, "Rate Exceeded.")
            .with_member("Reason", "CallerRateLimitExceeded".into())
    },
    failed: || {
        AwsError::new(
            "ServiceException",
            500,
            "An error occurred and the request cannot be processed.",
        )
    },
};
