//! IAM: roles, users, their policies and access keys, and what callers may do. STS's sessions are kept
//! here too.

pub(crate) mod api;
mod driver;
pub mod engine;

pub(crate) use api::IamService;
pub use driver::Identities;
pub(crate) use driver::{AssumeRoleRequest, RequestFacts};
pub use engine::RoleRef;
pub use engine::sessions::{Identity, SessionCredentials};

use crate::error::AwsError;
use crate::protocol::Protocol;
use crate::protocol::query::Dialect;
use crate::service::Descriptor;
pub use crate::service::{ContextKeyName, ContextValue, RequiredPermission};

/// How IAM is addressed and how it words its errors.
pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    signing_name: "iam",
    action_prefix: "iam",
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
            "ServiceFailure",
            500,
            "The request processing has failed because of an unknown error, exception or failure.",
        )
    },
};

const DIALECT: Dialect = Dialect {
    version: "2010-05-08",
    namespace: "https://iam.amazonaws.com/doc/2010-05-08/",
};
