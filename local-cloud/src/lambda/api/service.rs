//! What the operations of Lambda work on.

use std::sync::Arc;

use crate::lambda::Functions;
use crate::location::Location;
use crate::runtime_context::RuntimeContext;

/// The service.
#[derive(Debug)]
pub(crate) struct LambdaService {
    pub(super) functions: Arc<Functions>,
    pub(super) location: Location,
}

impl LambdaService {
    /// The service around these functions.
    pub(crate) fn new(functions: Arc<Functions>, context: &RuntimeContext) -> Self {
        Self {
            functions,
            location: context.location.clone(),
        }
    }
}
