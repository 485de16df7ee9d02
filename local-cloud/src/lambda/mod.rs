//! Lambda: functions, their execution environments, and SQS event source mappings.
//!
//! [`driver`] puts the parts together: the registry of functions and mappings, the code store, the
//! execution environments, the invoker that runs functions in them, and the event source mappings
//! that poll queues for the invoker.

mod activity;
pub(crate) mod api;
pub mod code;
mod driver;
pub mod engine;
pub(crate) mod environment;
mod event_source_mapping;
mod invocation;
mod logs;
mod role;
mod shared_registry;
mod shutdown;

pub(crate) use api::LambdaService;
pub use driver::{Dependencies, Functions, FunctionsConfig};
pub(crate) use environment::unknown_environment;
pub use invocation::InvokeOutput;

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
    signature_minutes: 5,
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
