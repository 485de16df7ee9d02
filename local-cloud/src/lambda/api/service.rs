//! What the operations of Lambda work on.

use std::sync::Arc;

use serde_json::Value;

use super::wire;
use crate::lambda::Functions;
use crate::lambda::engine::Function;

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

    /// A function's configuration with its state.
    pub(super) fn configuration(&self, function: &Function) -> Value {
        let code = self.functions.code();
        if code.has(&function.code_sha256, function.code_size) {
            wire::configuration(function)
        } else {
            wire::configuration_without_code(function)
        }
    }
}
