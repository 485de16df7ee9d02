//! The state machine of CloudWatch Logs: groups, their streams, and the newest of their events.
//!
//! A group keeps at most [`GROUP_BYTES`] of events, counted as CloudWatch Logs does: UTF-8 bytes
//! plus 26 each. When more are appended, the oldest are removed from memory and storage, so neither
//! grows without bound. Retention removes events by wall time, when a group is next used.

pub mod events;
mod groups;
pub mod pattern;
mod stored;

pub use events::{Direction, Event, Filter, Page, Position, Rejected, Window};
pub use groups::{Group, Stream};
pub use stored::{EVENTS, GROUPS, Loaded, STREAMS};

use std::collections::BTreeMap;

use crate::error::AwsError;
use crate::storage::Change;

/// The maximum size of the events of a group, in bytes.
pub const GROUP_BYTES: usize = 64 << 20;

/// What CloudWatch Logs adds to the size of each event, in bytes.
pub const EVENT_OVERHEAD: usize = 26;

/// What a command has done, or the error that it failed with.
pub type Outcome<T> = Result<Applied<T>, AwsError>;

/// What a command has done.
#[derive(Debug)]
pub struct Applied<T> {
    /// The command's result.
    pub reply: T,
    /// What must become durable.
    pub changes: Vec<Change>,
    /// The group whose tags have changed.
    pub retagged: Option<Retagged>,
}

/// A group whose tags have changed, or that was created or deleted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retagged {
    /// The group's ARN.
    pub arn: String,
    /// What its tags were; none before it was created.
    pub earlier: BTreeMap<String, String>,
}

impl<T> Applied<T> {
    fn new(reply: T, changes: Vec<Change>) -> Self {
        Self {
            reply,
            changes,
            retagged: None,
        }
    }

    fn with_retagged(mut self, arn: String, earlier: BTreeMap<String, String>) -> Self {
        self.retagged = Some(Retagged { arn, earlier });
        self
    }
}

/// All log groups of the account and region.
#[derive(Debug)]
pub struct LogStore {
    /// What precedes a group's name in its ARN.
    arn_prefix: String,
    groups: BTreeMap<String, Group>,
    next_id: u64,
    next_sequence: u64,
}

fn invalid(message: impl Into<String>) -> AwsError {
    AwsError::new("InvalidParameterException", 400, message)
}

fn not_found(what: &str) -> AwsError {
    let message = format!("The specified log {what} does not exist.");
    AwsError::new("ResourceNotFoundException", 400, message)
}

#[cfg(test)]
mod tests;
