//! One folder per AWS service: wire types, an action to a runtime call to a reply.

pub(crate) mod access;
pub(crate) mod control;
#[cfg(any(test, feature = "fuzzing"))]
mod fuzzing;
pub(crate) mod iam;
pub(crate) mod lambda;
pub(crate) mod logs;
pub(crate) mod sqs;
pub(crate) mod sts;
pub(crate) mod tagging;
pub(crate) mod weather;
