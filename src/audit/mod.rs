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
pub mod summary;

pub use auditor::Auditor;
pub use builder::{AuditBuilder, DeadLetterRef, QueueCounts};
pub use error::AuditError;
pub use result::{Listing, RunAudit};
pub use settle::{SettleCheck, SettleStatus};
pub use stable::{StableAudit, audit_until_settled, audit_until_stable};
