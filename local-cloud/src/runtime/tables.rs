//! The DynamoDB driver: dynoxide in process, file-backed.

use std::path::Path;
use std::sync::Arc;

use crate::protocol::http::{Reply, Request};
use crate::storage::StorageError;

/// All tables. Shared behind an [`Arc`].
#[derive(Debug)]
pub struct Tables {}

impl Tables {
    /// Opens the tables' file.
    ///
    /// # Errors
    /// When it cannot be used.
    pub fn open(path: &Path, account: &str, region: &str) -> Result<Arc<Self>, StorageError> {
        let _ = (path, account, region);
        unimplemented!()
    }

    /// Answers one DynamoDB request.
    pub async fn handle(&self, request: &Request) -> Reply {
        let _ = request;
        unimplemented!()
    }
}
