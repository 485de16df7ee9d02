//! What the operations of Lambda work on.

use std::sync::Arc;

use crate::lambda::Functions;

/// The service.
#[derive(Debug)]
pub(crate) struct LambdaService {
    pub(super) functions: Arc<Functions>,
}

impl LambdaService {
    /// The service around these functions.
    pub(crate) fn new(functions: Arc<Functions>) -> Self {
        Self { functions }
    }
}
