//! DynamoDB: dynoxide in process, with what AWS adds around it.

mod api;
mod arns;
mod driver;
mod paging;
mod schemas;
mod shard_iterators;
mod stale_tags;
mod statement_parser;
mod transitions;

pub(crate) use api::DynamoDbService;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use api::fuzzing;
pub use driver::Tables;

use crate::error::AwsError;
use crate::protocol::Protocol;
use crate::protocol::json::Dialect;
use crate::service::Descriptor;

/// How DynamoDB is addressed and how it words its errors.
pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    signing_name: "dynamodb",
    action_prefix: "dynamodb",
    protocol: Protocol::Json(DIALECT),
    is_global: false,
    is_internal: false,
    outlives_client: false,
    signature_error_status: 400,
    query_error_names: false,
    signature_minutes: 15,
    access_denied: |sentence| AwsError::new("AccessDeniedException", 400, sentence),
    throttled: || {
        AwsError::new(
            "ThrottlingException",
            400,
            "Rate of requests exceeds the allowed throughput.",
        )
    },
    failed: || {
        AwsError::new(
            "InternalServerError",
            500,
            "The request could not be processed because of an internal server error",
        )
    },
};

const DIALECT: Dialect = Dialect {
    content_type: "application/x-amz-json-1.0",
    target_prefixes: &["DynamoDB_20120810", "DynamoDBStreams_20120810"],
    error_namespace: "com.amazon.coral.service",
    query_compatible: false,
    message_member: "message",
};
