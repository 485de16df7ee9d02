//! Where the lines of one execution environment go: a stream of its function's log group.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::courier::{Address, Courier, Lines};
use crate::clock::LabMs;
use crate::engines::lambda::Function;

/// One log stream.
#[derive(Debug)]
pub(crate) struct Sink {
    courier: Arc<Courier>,
    address: Arc<Address>,
    /// When the last lines arrive, in lab time.
    last: AtomicU64,
}

impl Sink {
    /// A stream with this name for a function.
    pub(crate) fn new(courier: Arc<Courier>, function: &Function, stream: String) -> Self {
        let address = Address {
            role_arn: function.role_arn.clone(),
            role_id: function.role_id.clone(),
            group: function.log_group.clone(),
            stream,
        };
        Self {
            courier,
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
        let arrives = self.courier.send(&self.address, lines, earliest);
        self.last.store(arrives.0, Ordering::Relaxed);
    }
}
