//! How what functions print gets to the log store, as far as their roles may write there. As on
//! AWS, what a role may not write is lost in silence, and in bad chaos lines come late: after
//! their group was deleted they make it anew, without its tags, where the role may make groups.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::{Clock, LabMs, WallMs};
use crate::faults::FaultInjector;
use crate::iam::engine::evaluate::RequiredPermission;
use crate::iam::{Identities, RoleRef};
use crate::logs::Logs;

/// Lines, each with its time.
pub(in crate::lambda) type Lines = Vec<(WallMs, String)>;

/// Takes lines to the log store. Shared behind an [`Arc`].
#[derive(Debug)]
pub(crate) struct LogShipper {
    logs: Arc<Logs>,
    identities: Arc<Identities>,
    clock: Arc<Clock>,
    faults: Arc<FaultInjector>,
    late: Mutex<Late>,
}

/// Lines on their way, in the order in which they arrive. Kept in memory alone: an orderly end of
/// the cloud delivers them, a kill loses them like lines that still stand in a function's pipe.
#[derive(Debug, Default)]
struct Late {
    parcels: BTreeMap<(LabMs, u64), (Arc<Address>, Lines)>,
    sent: u64,
    /// Whether the cloud is ending: nothing is late any more.
    closed: bool,
}

/// Where lines go, and for whom.
#[derive(Debug)]
pub(crate) struct Address {
    pub(in crate::lambda) role_arn: String,
    pub(in crate::lambda) role_id: String,
    pub(in crate::lambda) group: String,
    pub(in crate::lambda) stream: String,
}

impl LogShipper {
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
            late: Mutex::default(),
        })
    }

    /// Delivers lines, at once or late, but not before `earliest`: the lines of a stream do not
    /// overtake each other. Answers when they arrive. Returns without waiting for the disk.
    pub(in crate::lambda) fn send(
        self: &Arc<Self>,
        address: &Arc<Address>,
        lines: Lines,
        earliest: LabMs,
    ) -> LabMs {
        let now = self.clock.now().lab;
        let delay = self.faults.delay(|delays| delays.logs);
        let due = LabMs(now.0.saturating_add(delay)).max(earliest);
        let mut late = self.lock();
        if due <= now || late.closed {
            self.deliver(address, lines);
            return due;
        }
        late.sent += 1;
        let place = (due, late.sent);
        late.parcels.insert(place, (Arc::clone(address), lines));
        drop(late);
        let log_shipper = Arc::clone(self);
        tokio::spawn(async move {
            while log_shipper.clock.now().lab < due {
                log_shipper.clock.sleep_until(due).await;
            }
            log_shipper.deliver_due(due);
        });
        due
    }

    /// Delivers all that is on its way; from now on nothing is late.
    pub(in crate::lambda) fn close(&self) {
        self.lock().closed = true;
        self.deliver_due(LabMs(u64::MAX));
    }

    /// Delivers what arrives until this moment, in order.
    fn deliver_due(&self, until: LabMs) {
        let mut late = self.lock();
        while let Some(first) = late.parcels.first_entry() {
            if first.key().0 > until {
                break;
            }
            let (address, lines) = first.remove();
            self.deliver(&address, lines);
        }
    }

    /// Appends lines, making the stream where it is not there, and the group where the role may.
    fn deliver(&self, address: &Address, lines: Lines) {
        let Address { group, stream, .. } = address;
        let (arn, is_there) = self
            .logs
            .read(|store, _| (store.arn(group), store.group(group).is_ok()));
        let role = RoleRef {
            arn: &address.role_arn,
            id: &address.role_id,
        };
        let of_stream = format!("{arn}:log-stream:{stream}");
        let may = |action: &str, resource: &str| {
            let right = RequiredPermission::new(format!("logs:{action}"), resource);
            self.identities.role_may(role, &right)
        };
        let allowed = may("PutLogEvents", &of_stream)
            && may("CreateLogStream", &of_stream)
            && (is_there || may("CreateLogGroup", &format!("{arn}:log-stream:")));
        if allowed {
            self.logs.append(group, stream, lines);
        } else {
            tracing::debug!(group, role = role.arn, "lines were not kept");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Late> {
        self.late.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
