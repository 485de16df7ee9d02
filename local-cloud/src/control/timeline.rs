//! What happens in a cloud as lab time passes.

use std::fmt::Debug;
use std::future::Future;
use std::ops::Sub;
use std::pin::Pin;

use serde::Serialize;

use crate::clock::LabMs;
use crate::error::AwsError;

/// The work of all services that waits for moments of lab time.
pub(crate) trait Timeline: Debug + Send + Sync {
    /// Does what is due, as far as that needs no function.
    fn catch_up(&self) -> Pin<Box<dyn Future<Output = Result<(), AwsError>> + Send + '_>>;

    /// Whether work is under way, or about to begin, that does not wait for a later moment than this.
    fn is_busy(&self) -> bool;

    /// When something happens next, if nothing is sent or changed until then.
    fn next_due(&self) -> Option<LabMs>;

    /// What mappings have delivered so far.
    fn deliveries(&self) -> Deliveries;
}

/// What became of the messages that event source mappings delivered to functions, since the cloud's
/// start.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Deliveries {
    /// Deliveries of messages that were processed, and deleted.
    pub(crate) processed: u64,
    /// Deliveries that failed.
    pub(crate) failed: u64,
    /// Messages of any queue that were moved to its dead-letter queue.
    pub(crate) dead_lettered: u64,
}

impl Sub for Deliveries {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            processed: self.processed.saturating_sub(earlier.processed),
            failed: self.failed.saturating_sub(earlier.failed),
            dead_lettered: self.dead_lettered.saturating_sub(earlier.dead_lettered),
        }
    }
}
