//! Takes what functions print to the log store, if their roles may write there. As on AWS, lines
//! that a role may not write are lost without an error. Under chaos lines arrive late. A delayed
//! write recreates a log group that was deleted in the meantime, without its tags, if the role may
//! create groups.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::{Clock, LabMs, WallMs};
use crate::faults::FaultInjector;
use crate::iam::{Identities, RequiredPermission, RoleRef};
use crate::logs::Logs;

/// Lines, each with its time.
pub(super) type LogLines = Vec<(WallMs, String)>;

/// Takes lines to the log store. Shared behind an [`Arc`].
#[derive(Debug)]
pub(crate) struct LogShipper {
    logs: Arc<Logs>,
    identities: Arc<Identities>,
    clock: Arc<Clock>,
    faults: Arc<FaultInjector>,
    pending: Mutex<Pending>,
}

/// Lines on their way, in the order in which they arrive. They are kept in memory only: a clean
/// stop of the cloud delivers them, and a kill loses them like lines that are still in a
/// function's pipe.
#[derive(Debug, Default)]
struct Pending {
    lines: BTreeMap<(LabMs, u64), (Arc<Destination>, LogLines)>,
    sent: u64,
    /// Whether the cloud is stopping, so that no line is late any more.
    is_closed: bool,
}

/// Where lines go, and the role that writes them.
#[derive(Debug)]
pub(super) struct Destination {
    pub(super) role_arn: String,
    pub(super) role_id: String,
    pub(super) group: String,
    pub(super) stream: String,
}

impl LogShipper {
    /// A shipper to these logs.
    pub(crate) fn new(
        logs: Arc<Logs>,
        identities: Arc<Identities>,
        clock: Arc<Clock>,
        faults: Arc<FaultInjector>,
    ) -> Arc<Self> {
        Arc::new(Self {
            logs,
            identities,
            clock,
            faults,
            pending: Mutex::default(),
        })
    }

    /// Delivers lines, at once or late, but not before `earliest`: the lines of a stream do not
    /// overtake each other. Returns when they arrive, without waiting for the disk.
    pub(super) fn send(
        self: &Arc<Self>,
        destination: &Arc<Destination>,
        lines: LogLines,
        earliest: LabMs,
    ) -> LabMs {
        let now = self.clock.now().lab;
        let delay_ms = self.faults.delay(|delays| delays.logs);
        let due = now.plus_ms(delay_ms).max(earliest);
        let mut pending = self.lock();
        if due <= now || pending.is_closed {
            self.deliver(destination, lines);
            return due;
        }
        pending.sent += 1;
        let key = (due, pending.sent);
        pending.lines.insert(key, (Arc::clone(destination), lines));
        drop(pending);
        let log_shipper = Arc::clone(self);
        tokio::spawn(async move {
            while log_shipper.clock.now().lab < due {
                log_shipper.clock.sleep_until(due).await;
            }
            log_shipper.deliver_due(due);
        });
        due
    }

    /// Delivers all pending lines. From now on no line is late.
    pub(crate) fn close(&self) {
        self.lock().is_closed = true;
        self.deliver_due(LabMs(u64::MAX));
    }

    /// Delivers the lines that arrive until this moment, in order.
    fn deliver_due(&self, until: LabMs) {
        let mut pending = self.lock();
        while let Some(first) = pending.lines.first_entry() {
            if first.key().0 > until {
                break;
            }
            let (destination, lines) = first.remove();
            self.deliver(&destination, lines);
        }
    }

    /// Appends lines. Creates the stream if it does not exist, and the group if the role may.
    fn deliver(&self, destination: &Destination, lines: LogLines) {
        let Destination { group, stream, .. } = destination;
        let (arn, group_exists) = self
            .logs
            .read(|store, _| (store.arn(group), store.group(group).is_ok()));
        let role = RoleRef {
            arn: &destination.role_arn,
            id: &destination.role_id,
        };
        let stream_arn = format!("{arn}:log-stream:{stream}");
        let may = |action: &str, resource: &str| {
            let permission = RequiredPermission::new(format!("logs:{action}"), resource);
            self.identities.role_may(role, &permission)
        };
        let is_allowed = may("PutLogEvents", &stream_arn)
            && may("CreateLogStream", &stream_arn)
            && (group_exists || may("CreateLogGroup", &format!("{arn}:log-stream:")));
        if is_allowed {
            self.logs.append(group, stream, lines);
        } else {
            tracing::debug!(group, role = role.arn, "lines were not kept");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
