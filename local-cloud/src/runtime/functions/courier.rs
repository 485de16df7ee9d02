//! How what functions print gets to the log store, as far as their roles may write there. As on
//! AWS, what a role may not write is lost in silence, and in bad weather lines come late: after
//! their group was deleted they make it anew, without its tags, where the role may make groups.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock::{Clock, LabMs, WallMs};
use crate::engines::iam::evaluate::Right;
use crate::runtime::identities::{Identities, RoleRef};
use crate::runtime::logs::Logs;
use crate::runtime::weather::Sky;

/// Lines, each with its time.
pub(super) type Lines = Vec<(WallMs, String)>;

/// Takes lines to the log store. Shared behind an [`Arc`].
#[derive(Debug)]
pub(crate) struct Courier {
    logs: Arc<Logs>,
    identities: Arc<Identities>,
    clock: Arc<Clock>,
    sky: Arc<Sky>,
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
    pub(super) role_arn: String,
    pub(super) role_id: String,
    pub(super) group: String,
    pub(super) stream: String,
}

impl Courier {
    pub(crate) fn new(
        logs: Arc<Logs>,
        identities: Arc<Identities>,
        clock: Arc<Clock>,
        sky: Arc<Sky>,
    ) -> Arc<Self> {
        Arc::new(Self {
            logs,
            identities,
            clock,
            sky,
            late: Mutex::default(),
        })
    }

    /// Delivers lines, at once or late, but not before `earliest`: the lines of a stream do not
    /// overtake each other. Answers when they arrive. Returns without waiting for the disk.
    pub(super) fn send(
        self: &Arc<Self>,
        address: &Arc<Address>,
        lines: Lines,
        earliest: LabMs,
    ) -> LabMs {
        let now = self.clock.now().lab;
        let delay = self.sky.delay(|delays| delays.logs);
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
        let courier = Arc::clone(self);
        tokio::spawn(async move {
            while courier.clock.now().lab < due {
                courier.clock.sleep_until(due).await;
            }
            courier.deliver_due(due);
        });
        due
    }

    /// Delivers all that is on its way; from now on nothing is late.
    pub(super) fn close(&self) {
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
            let right = Right::new(format!("logs:{action}"), resource);
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
