//! One folder per AWS service: wire types, an action to a runtime call to a reply.

pub(crate) mod control;
pub(crate) mod iam;
pub(crate) mod logs;
pub(crate) mod sqs;
pub(crate) mod sts;
