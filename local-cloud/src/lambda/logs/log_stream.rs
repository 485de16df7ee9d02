//! The log stream of one execution environment, in its function's log group.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::log_shipper::{Destination, LogLines, LogShipper};
use crate::clock::{LabMs, WallMs};
use crate::lambda::engine::{Function, LATEST};

/// A log stream.
#[derive(Debug)]
pub(crate) struct LogStream {
    log_shipper: Arc<LogShipper>,
    destination: Arc<Destination>,
    /// When the last lines arrive, in lab time.
    last: AtomicU64,
}

impl LogStream {
    /// The stream of a new environment; `id` is 32 hexadecimal characters.
    pub(crate) fn new(
        log_shipper: Arc<LogShipper>,
        function: &Function,
        now: WallMs,
        id: &str,
    ) -> Self {
        let destination = Destination {
            role_arn: function.role_arn.clone(),
            role_id: function.role_id.clone(),
            group: function.log_group.clone(),
            stream: stream_name(now, id),
        };
        Self {
            log_shipper,
            destination: Arc::new(destination),
            last: AtomicU64::new(0),
        }
    }

    /// The stream's name.
    pub(crate) fn stream(&self) -> &str {
        &self.destination.stream
    }

    /// Sends lines to the stream. Returns without waiting for the disk.
    pub(crate) fn write(&self, lines: LogLines) {
        let earliest = LabMs(self.last.load(Ordering::Relaxed));
        let arrives = self.log_shipper.send(&self.destination, lines, earliest);
        self.last.store(arrives.0, Ordering::Relaxed);
    }
}

/// The name of a stream that was created now.
fn stream_name(now: WallMs, id: &str) -> String {
    let seconds = i64::try_from(now.seconds()).unwrap_or(i64::MAX);
    let day = jiff::Timestamp::from_second(seconds).unwrap_or_default();
    format!("{}/[{LATEST}]{id}", day.strftime("%Y/%m/%d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_named_after_its_day() {
        let now = WallMs(1_769_860_800_123);
        assert_eq!(stream_name(now, "ab"), "2026/01/31/[$LATEST]ab");
    }
}
