//! The service: what its operations work with.

use std::sync::Arc;

use serde::Serialize;
use tokio::sync::{Mutex, watch};

use super::timeline::Timeline;
use crate::clock::WallMs;
use crate::error::AwsError;
use crate::runtime_context::RuntimeContext;
use crate::supervisor::Confinement;

/// What does not change while the cloud runs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CloudInfo {
    pub(crate) version: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) endpoint: String,
    /// The directory of the cloud's state.
    pub(crate) home: String,
    /// Milliseconds of real time since the Unix epoch.
    pub(crate) started_at: WallMs,
    /// What functions are kept from.
    pub(crate) confinement: Confinement,
}

/// The service.
#[derive(Debug)]
pub(crate) struct ControlService {
    pub(super) info: CloudInfo,
    pub(super) context: RuntimeContext,
    pub(super) timeline: Arc<dyn Timeline>,
    pub(super) stop: watch::Sender<bool>,
    /// Held while time is skipped, so that the last anchor written includes every skip.
    pub(super) skipping: Mutex<()>,
}

impl ControlService {
    /// The service; `stop` is set when a request asks the cloud to stop.
    pub(crate) fn new(
        info: CloudInfo,
        context: RuntimeContext,
        timeline: Arc<dyn Timeline>,
        stop: watch::Sender<bool>,
    ) -> Self {
        Self {
            info,
            context,
            timeline,
            stop,
            skipping: Mutex::new(()),
        }
    }
}

/// The error of an invalid input.
pub(super) fn invalid(message: String) -> AwsError {
    AwsError::new("ValidationException", 400, message)
}
