//! What an AWS service of this cloud consists of.
//!
//! A service has a [`Descriptor`], which says how it is addressed and how it words its errors, and
//! reads each request once into a [`Call`]. The permissions that a request requires and what it
//! does both come from that call, so they cannot disagree about what was asked.
//!
//! An operation is a type, its typed input, that implements [`Operation`]. Each service lists its
//! operations in one table ([`json`], [`query`] or [`rest_json`], after its protocol).

mod descriptor;
pub(crate) mod json;
mod operation;
pub(crate) mod query;
mod required_permission;
pub(crate) mod rest_json;

pub(crate) use descriptor::{Descriptor, Descriptors};
pub(crate) use operation::{Call, CallContext, Operation, RequestOrigin, Required, typed_call};
pub use required_permission::{ContextKeyName, ContextValue, RequiredPermission};

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::Arc;

use crate::error::AwsError;
use crate::protocol::http::Request;

/// An AWS service.
pub(crate) trait Service: Debug + Send + Sync + 'static {
    /// How the service is addressed and how it words its errors.
    fn descriptor(&self) -> &'static Descriptor;

    /// Reads a request into the call that it makes.
    ///
    /// # Errors
    /// The service's own error for an operation that it does not have, or an input that does not
    /// have the operation's shape.
    fn read(self: Arc<Self>, request: &Request) -> Result<Box<dyn Call>, AwsError>;

    /// The tags of one of the service's resources, for `aws:ResourceTag`; none where it does not
    /// exist.
    fn tags_of(&self, arn: &str) -> BTreeMap<String, String> {
        let _ = arn;
        BTreeMap::new()
    }

    /// The names of its operations.
    #[cfg(test)]
    fn operations(&self) -> Vec<&'static str>;
}
