//! Where the lines of one execution environment go: a stream of its function's log group.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::log_shipper::{Address, Lines, LogShipper};
use crate::clock::LabMs;
use crate::lambda::engine::Function;

/// One log stream.
#[derive(Debug)]
pub(crate) struct LogStream {
    log_shipper: Arc<LogShipper>,
    address: Arc<Address>,
    /// When the last lines arrive, in lab time.
    last: AtomicU64,
}

impl LogStream {
    /// A stream with this name for a function.
    pub(crate) fn new(log_shipper: Arc<LogShipper>, function: &Function, stream: String) -> Self {
        let address = Address {
            role_arn: function.role_arn.clone(),
            role_id: function.role_id.clone(),
            group: function.log_group.clone(),
            stream,
        };
        Self {
            log_shipper,
            address: Arc::new(address),
            last: AtomicU64::new(0),
        }
    }

    /// The stream's name.
    pub(crate) fn stream(&self) -> &str {
        &self.address.stream
    }

    /// Sends lines to the stream. Returns without waiting for the disk.
    pub(crate) fn write(&self, lines: Lines) {
        let earliest = LabMs(self.last.load(Ordering::Relaxed));
        let arrives = self.log_shipper.send(&self.address, lines, earliest);
        self.last.store(arrives.0, Ordering::Relaxed);
    }
}
