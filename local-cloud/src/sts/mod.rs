//! STS: who a caller is, and temporary credentials of a role. IAM's driver keeps the sessions.

mod api;

pub(crate) use api::StsService;

use crate::error::AwsError;
use crate::protocol::Protocol;
use crate::protocol::query::Dialect;
use crate::service::Descriptor;

/// How STS is addressed and how it words its errors.
pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    signing_name: "sts",
    action_prefix: "sts",
    protocol: Protocol::Query(DIALECT),
    is_global: true,
    is_internal: false,
    outlives_client: true,
    signature_error_status: 403,
    query_error_names: true,
    signature_minutes: 15,
    access_denied: |sentence| AwsError::new("AccessDenied", 403, sentence),
    throttled: || AwsError::new("Throttling", 400, "Rate exceeded"),
    failed: || {
        AwsError::new(
            "ServiceUnavailable",
            503,
            "The request has failed due to a temporary failure of the server.",
        )
    },
};

const DIALECT: Dialect = Dialect {
    version: "2011-06-15",
    namespace: "https://sts.amazonaws.com/doc/2011-06-15/",
};
