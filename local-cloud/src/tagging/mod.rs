//! The Resource Groups Tagging API over the tags of queues, tables, functions, event source mappings
//! and log groups. As on AWS, it lists neither resources without tags nor roles and users.

mod api;
pub mod engine;
mod sources;

pub(crate) use api::TaggingService;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) use api::fuzzing;
pub(crate) use sources::Sources;

use crate::error::AwsError;
use crate::protocol::Protocol;
use crate::protocol::json::Dialect;
use crate::service::Descriptor;

/// How the tagging API is addressed and how it words its errors.
pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    signing_name: "tagging",
    action_prefix: "tag",
    protocol: Protocol::Json(DIALECT),
    is_global: false,
    is_internal: false,
    outlives_client: true,
    signature_error_status: 403,
    query_error_names: false,
    signature_minutes: 5,
    access_denied: |sentence| AwsError::new("AccessDeniedException", 400, sentence),
    throttled: || AwsError::new("ThrottledException", 400, "Rate exceeded"),
    failed: || {
        AwsError::new(
            "InternalServiceException",
            500,
            "The request processing failed because of an unknown error, exception, or failure.",
        )
    },
};

const DIALECT: Dialect = Dialect {
    content_type: "application/x-amz-json-1.1",
    target_prefixes: &["ResourceGroupsTaggingAPI_20170126"],
    error_namespace: "",
    query_compatible: false,
    message_member: "Message",
};
