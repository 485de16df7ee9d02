//! Audits until the result can be trusted, or until every order has reached its end.

use std::time::Duration;

use super::{AuditError, Auditor, RunAudit, SettleStatus};
use crate::error::CommandError;
use crate::lab::LabPoller;
use crate::poll::{NO_TIMEOUT, Next};
use crate::ui::{Events, TaskState, counted};

/// The pause before the second look, where counts are exact. Nobody should hear that an order is
/// missing because one of the cloud's processes was held up between two reads.
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// What the view calls the wait for orders that are not found.
const TASK: &str = "audit";

/// An audit, and whether the user cut short the wait for a stable one.
#[derive(Debug)]
pub(crate) struct StableAudit {
    /// The audit. Where the wait was cut short, no order is called missing.
    pub audit: RunAudit,
    /// Whether the user interrupted.
    pub is_cut_short: bool,
}

impl StableAudit {
    fn whole(audit: RunAudit) -> Self {
        Self {
            audit,
            is_cut_short: false,
        }
    }

    fn cut_short(audit: RunAudit) -> Self {
        Self {
            audit: audit.none_missing_yet(),
            is_cut_short: true,
        }
    }
}

/// Audits the runs, or one of them, until the queues' counts have had the time to show the orders
/// that are missing.
///
/// # Errors
/// Those of [`Auditor::audit`]. An interruption is none once there is an audit.
pub(crate) async fn audit_until_stable(
    poller: &mut LabPoller<'_>,
    only: Option<&str>,
) -> Result<StableAudit, CommandError> {
    let mut auditor = Auditor::new(poller.context(), only).await;
    let mut wait = Wait {
        events: poller.context().events().clone(),
        bound: auditor.settle().bound(),
        is_shown: false,
    };
    let mut last: Option<RunAudit> = None;
    let stable = poller
        .until(NO_TIMEOUT, async |lab, tick| {
            let audit = match (auditor.audit(lab).await, last.take()) {
                (Ok(audit), _) => audit,
                (Err(AuditError::Interrupted), Some(last)) => {
                    return Ok(Next::Done(StableAudit::cut_short(last)));
                }
                (Err(error), _) => return Err(error.into_error(&lab.context)),
            };
            match auditor.check(&audit, tick.waited) {
                SettleStatus::Settled => {
                    wait.end(&audit);
                    return Ok(Next::Done(StableAudit::whole(audit)));
                }
                SettleStatus::Unsettled { restarted: true } => wait.begin(&audit),
                SettleStatus::Unsettled { restarted: false } => {}
            }
            last = Some(audit);
            let pause = if auditor.settle().is_lagging() {
                tick.later()
            } else {
                BETWEEN_LOOKS
            };
            Ok::<_, CommandError>(Next::Again(pause))
        })
        .await?;
    Ok(stable.unwrap_or_else(|| StableAudit::cut_short(last.unwrap_or_default())))
}

/// Audits all runs until every order is stored or dead-lettered, for at most `timeout`.
///
/// # Errors
/// Those of [`Auditor::audit`].
pub(crate) async fn audit_until_settled(
    poller: &mut LabPoller<'_>,
    timeout: Duration,
) -> Result<RunAudit, CommandError> {
    let mut auditor = Auditor::new(poller.context(), None).await;
    let settled = poller
        .until(timeout, async |lab, tick| {
            let audit = auditor.audit(lab).await?;
            let status = auditor.check(&audit, tick.waited);
            Ok::<_, AuditError>(if audit.is_settled() {
                Next::Done(audit)
            } else if tick.is_last {
                Next::Done(status.at_timeout(audit))
            } else {
                Next::Again(tick.later())
            })
        })
        .await;
    settled
        .and_then(|settled| settled.ok_or(AuditError::Interrupted))
        .map_err(|error| error.into_error(poller.context()))
}

/// The wait for orders that are not found, as the user sees it.
struct Wait {
    events: Events,
    bound: Duration,
    is_shown: bool,
}

impl Wait {
    fn begin(&mut self, audit: &RunAudit) {
        if self.bound.is_zero() {
            return;
        }
        let state = TaskState::Waiting {
            reason: not_found(audit),
            at_most: self.bound,
        };
        self.events.task(TASK, state);
        self.is_shown = true;
    }

    fn end(&self, audit: &RunAudit) {
        if !self.is_shown {
            return;
        }
        let state = match audit.missing.count {
            0 => TaskState::Done("no order is missing".to_owned()),
            missing => TaskState::Failed(format!(
                "{} not found, and the counts have not changed",
                are(missing, "order")
            )),
        };
        self.events.task(TASK, state);
    }
}

/// What is waited for.
fn not_found(audit: &RunAudit) -> String {
    if audit.missing.count > 0 {
        let orders = are(audit.missing.count, "order");
        return format!("{orders} not found yet, and SQS's counts may lag");
    }
    let hidden = are(audit.hidden, "dead letter");
    format!("{hidden} hidden by another reader of the queue")
}

/// `1 order is`, `2 orders are`.
fn are(count: u64, what: &str) -> String {
    let verb = if count == 1 { "is" } else { "are" };
    format!("{} {verb}", counted(count, what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wait_has_a_reason() {
        let mut audit = RunAudit {
            hidden: 2,
            ..RunAudit::default()
        };
        let hidden = "2 dead letters are hidden by another reader of the queue";
        assert_eq!(not_found(&audit), hidden);
        audit.missing.count = 1;
        let missing = "1 order is not found yet, and SQS's counts may lag";
        assert_eq!(not_found(&audit), missing);
    }

    #[test]
    fn nothing_is_missing_in_a_wait_cut_short() {
        let mut audit = RunAudit::default();
        audit.missing.count = 3;
        let cut_short = StableAudit::cut_short(audit);
        assert!(cut_short.is_cut_short && cut_short.audit.is_clean());
        assert_eq!(cut_short.audit.waiting, 3);
    }
}
