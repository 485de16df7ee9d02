//! Whether an audit that does not find some orders can be trusted. Pure.
//!
//! AWS gathers the counts of queues from many machines, and the counts lag: orders that have just
//! been sent are in neither the table nor the dead-letter queue, while the queue of orders claims
//! to be empty. Dead letters that another reader hides become visible again by themselves. So the
//! audit is repeated until what was not found has stayed the same for as long as counts take to
//! settle.

use std::time::Duration;

use super::{Listing, RunAudit};

/// Compares an audit with those before it.
#[derive(Debug)]
pub(crate) struct SettleCheck {
    bound: Duration,
    unfound: Option<(Unfound, Duration)>,
}

/// What an audit did not find, and does not know to be in progress.
#[derive(Debug, PartialEq, Eq)]
struct Unfound {
    missing: Listing,
    candidates: Listing,
    hidden: u64,
}

/// Whether an audit can be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SettleStatus {
    /// It can.
    Settled,
    /// Audit again.
    Unsettled {
        /// Whether the wait starts with this audit, because it differs from the one before.
        restarted: bool,
    },
}

impl SettleCheck {
    /// A check that takes an audit for settled once it has stayed the same for `bound`. Even with a
    /// bound of zero it takes two audits: one reads the queues and the table one after the other,
    /// and an order that moves meanwhile is found in none of them.
    pub(crate) fn new(bound: Duration) -> Self {
        Self {
            bound,
            unfound: None,
        }
    }

    /// For how long an audit must stay the same.
    pub(crate) fn bound(&self) -> Duration {
        self.bound
    }

    /// Whether the queues' counts lag.
    pub(crate) fn is_lagging(&self) -> bool {
        !self.bound.is_zero()
    }

    /// Checks an audit that was made at `now`, a time since any fixed moment.
    pub(crate) fn check(&mut self, audit: &RunAudit, now: Duration) -> SettleStatus {
        let unfound = Unfound {
            missing: audit.missing.clone(),
            candidates: audit.missing_candidates.clone(),
            hidden: audit.hidden,
        };
        if unfound.missing.count + unfound.hidden == 0 {
            self.unfound = None;
            return SettleStatus::Settled;
        }
        match &self.unfound {
            Some((same, since)) if *same == unfound => {
                if now.saturating_sub(*since) >= self.bound {
                    SettleStatus::Settled
                } else {
                    SettleStatus::Unsettled { restarted: false }
                }
            }
            _ => {
                self.unfound = Some((unfound, now));
                SettleStatus::Unsettled { restarted: true }
            }
        }
    }
}

impl SettleStatus {
    /// The audit as it stands when the time is up: what is not settled counts as waiting.
    pub(crate) fn at_timeout(self, audit: RunAudit) -> RunAudit {
        match self {
            Self::Settled => audit,
            Self::Unsettled { .. } => audit.none_missing_yet(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTLED: SettleStatus = SettleStatus::Settled;
    const RESTARTED: SettleStatus = SettleStatus::Unsettled { restarted: true };
    const UNCHANGED: SettleStatus = SettleStatus::Unsettled { restarted: false };

    fn audit(missing: u64, hidden: u64) -> RunAudit {
        RunAudit {
            missing: Listing {
                count: missing,
                ..Listing::default()
            },
            hidden,
            ..RunAudit::default()
        }
    }

    fn checked(bound: u64, audits: &[(u64, RunAudit)]) -> Vec<SettleStatus> {
        let mut check = SettleCheck::new(Duration::from_secs(bound));
        let status = |(now, audit): &(u64, RunAudit)| check.check(audit, Duration::from_secs(*now));
        audits.iter().map(status).collect()
    }

    #[test]
    fn a_complete_audit_is_settled_at_once() {
        assert_eq!(checked(90, &[(0, audit(0, 0))]), [SETTLED]);
    }

    #[test]
    fn missing_orders_settle_after_the_bound() {
        let audits = [0, 5, 89, 90].map(|now| (now, audit(2, 0)));
        let expected = [RESTARTED, UNCHANGED, UNCHANGED, SETTLED];
        assert_eq!(checked(90, &audits), expected);
    }

    #[test]
    fn a_found_order_restarts_the_wait() {
        let audits = [
            (0, audit(20, 0)),
            (60, audit(3, 0)),
            (120, audit(3, 0)),
            (150, audit(3, 0)),
        ];
        let expected = [RESTARTED, RESTARTED, UNCHANGED, SETTLED];
        assert_eq!(checked(90, &audits), expected);
    }

    #[test]
    fn a_complete_audit_resets_the_wait() {
        let audits = [(0, audit(20, 0)), (60, audit(0, 0)), (100, audit(20, 0))];
        assert_eq!(checked(90, &audits), [RESTARTED, SETTLED, RESTARTED]);
    }

    #[test]
    fn hidden_dead_letters_are_waited_for() {
        let audits = [(0, audit(0, 4)), (20, audit(0, 0))];
        assert_eq!(checked(90, &audits), [RESTARTED, SETTLED]);
    }

    #[test]
    fn exact_counts_take_two_audits() {
        let audits = [(7, audit(1, 0)), (7, audit(1, 0))];
        assert_eq!(checked(0, &audits), [RESTARTED, SETTLED]);
    }

    #[test]
    fn nothing_unsettled_is_missing_at_a_timeout() {
        let waiting = RunAudit {
            waiting: 3,
            ..RunAudit::default()
        };
        assert_eq!(RESTARTED.at_timeout(audit(3, 0)), waiting);
        assert_eq!(SETTLED.at_timeout(audit(3, 0)), audit(3, 0));
    }
}
