//! Accounts for every order: the recorded runs compared with what the lab holds.
//!
//! [`Auditor`] reads the lab once, [`AuditBuilder`] (pure) compares, and [`SettleCheck`] (pure)
//! decides whether the result can be trusted. [`audit_until_stable`] and [`audit_until_settled`]
//! repeat that.

mod auditor;
mod bits;
mod builder;
mod error;
mod known;
mod result;
mod settle;
mod stable;
pub(crate) mod summary;

pub(crate) use auditor::Auditor;
pub(crate) use builder::{AuditBuilder, DeadLetterRef, QueueCounts};
pub(crate) use error::AuditError;
pub(crate) use result::{Listing, RunAudit};
pub(crate) use settle::{SettleCheck, SettleStatus};
pub(crate) use stable::{StableAudit, audit_until_settled, audit_until_stable};
