//! The cloud's own service, by which the command-line tool manages it: its status, its chaos
//! profile, its time, and its end. It speaks AWS JSON 1.0 under the signing name `orders-lab`, for
//! the owner alone.

mod api;
mod fast_forward;
mod service;
mod timeline;

pub(crate) use service::{CloudInfo, ControlService};
pub(crate) use timeline::{Deliveries, Timeline};

use crate::error::AwsError;
use crate::protocol::Protocol;
use crate::protocol::json::Dialect;
use crate::service::Descriptor;

/// How the control service is addressed and how it words its errors.
pub(crate) static DESCRIPTOR: Descriptor = Descriptor {
    signing_name: "orders-lab",
    action_prefix: "orders-lab",
    protocol: Protocol::Json(DIALECT),
    is_global: false,
    is_internal: true,
    outlives_client: true,
    signature_error_status: 403,
    query_error_names: false,
    signature_minutes: 5,
    access_denied: |sentence| AwsError::new("AccessDeniedException", 403, sentence),
    throttled: || AwsError::new("ThrottlingException", 400, "Rate exceeded"),
    failed: || AwsError::internal("The local cloud failed."),
};

const DIALECT: Dialect = Dialect {
    content_type: "application/x-amz-json-1.0",
    target_prefixes: &["OrdersLab"],
    error_namespace: "",
    query_compatible: false,
    message_member: "message",
};
