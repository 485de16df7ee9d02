//! What the operations work on.

use std::sync::Arc;

use crate::location::Location;
use crate::logs::Logs;
use crate::runtime_context::RuntimeContext;

/// The service.
#[derive(Debug)]
pub(crate) struct LogsService {
    pub(super) logs: Arc<Logs>,
    pub(super) location: Location,
}

impl LogsService {
    /// The service around these log groups.
    pub(crate) fn new(logs: Arc<Logs>, context: &RuntimeContext) -> Self {
        Self {
            logs,
            location: context.location.clone(),
        }
    }
}
