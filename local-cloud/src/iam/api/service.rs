//! The service behind IAM's operations.

use std::sync::Arc;

use crate::iam::engine::Entity;
use crate::iam::{DIALECT, Identities};
use crate::protocol::query::Dialect;
use crate::service::query::QueryService;

/// IAM.
#[derive(Debug)]
pub(crate) struct IamService {
    pub(super) identities: Arc<Identities>,
}

impl IamService {
    /// The service over these identities.
    pub(crate) fn new(identities: Arc<Identities>) -> Self {
        Self { identities }
    }

    /// The ARN of a role or user. One that does not exist would have this path.
    pub(super) fn arn_of(&self, entity: Entity<'_>, path: &str) -> String {
        let known = self
            .identities
            .read(|iam| iam.arn_of(entity).map(str::to_owned));
        known.unwrap_or_else(|| self.arn_at(entity, path))
    }

    /// The ARN that a role or user has at this path; with an empty name, that of all.
    pub(super) fn arn_at(&self, entity: Entity<'_>, path: &str) -> String {
        self.identities.read(|iam| iam.arn_at(entity, path))
    }
}

impl QueryService for IamService {
    const DIALECT: Dialect = DIALECT;
}
