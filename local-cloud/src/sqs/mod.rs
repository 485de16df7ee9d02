//! SQS: standard queues with visibility timeouts, dead-letter queues and move tasks.
//!
//! Clients speak AWS JSON 1.0; errors carry their Query names beside (`x-amzn-query-error`).

pub(crate) mod api;
mod driver;
pub mod engine;
mod stale_counts;

pub(crate) use api::SqsService;
pub(crate) use driver::ReceiveRequest;
pub use driver::{Leased, LeasedAttribute, QueueInfo, Queues, Settlement};

use crate::error::AwsError;
use crate::protocol::Protocol;
use crate::protocol::json::Dialect;
use crate::service::Descriptor;

/// How SQS is addressed and how it words its errors.
pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    signing_name: "sqs",
    action_prefix: "sqs",
    protocol: Protocol::Json(DIALECT),
    is_global: false,
    is_internal: false,
    // Its commands are whole in themselves, and a long poll ends with its client.
    outlives_client: false,
    signature_error_status: 403,
    query_error_names: true,
    signature_minutes: 15,
    access_denied: |sentence| {
        AwsError::new("AccessDeniedException", 403, sentence).with_query_code("AccessDenied")
    },
    throttled: || AwsError::new("RequestThrottled", 400, "Rate exceeded"),
    failed: || {
        AwsError::new(
            "InternalError",
            500,
            "We encountered an internal error. Please try again.",
        )
    },
};

const DIALECT: Dialect = Dialect {
    content_type: "application/x-amz-json-1.0",
    target_prefixes: &["AmazonSQS"],
    error_namespace: "com.amazonaws.sqs",
    query_compatible: true,
    message_member: "message",
};
