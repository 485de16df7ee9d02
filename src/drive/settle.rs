//! Whether to believe an account that finds some orders nowhere. Pure.
//!
//! AWS gathers the counts of queues from many machines, and they lag behind: orders that have just
//! been sent are in neither table nor dead-letter queue, and the queue of orders says that it is
//! empty. Dead letters that another look hides come back by themselves. So it is looked again,
//! until what was not found has stayed the same for a time in which counts settle.

use std::time::Duration;

use super::audit::{Listing, RunAudit};

/// The doubt while it lasts.
#[derive(Debug)]
pub struct SettleCheck {
    bound: Duration,
    since: Option<(Unfound, Duration)>,
}

/// What an account did not find, and does not know to be on its way.
#[derive(Debug, PartialEq, Eq)]
struct Unfound {
    missing: Listing,
    hidden: u64,
}

/// What to do with an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettleStatus {
    /// Believe it.
    Settled,
    /// Look again.
    Unsettled {
        /// Whether the wait begins with this account, because it differs from the one before.
        restarted: bool,
    },
}

impl SettleCheck {
    /// Doubts for `bound` what stays the same. Even without a bound it is looked twice: one look
    /// reads one thing after the other, and a letter that is moved meanwhile is in none of them.
    pub fn new(bound: Duration) -> Self {
        Self { bound, since: None }
    }

    /// For how long the counts must stay the same.
    pub fn bound(&self) -> Duration {
        self.bound
    }

    /// Judges an account that was taken at `now`, a time since any fixed moment.
    pub fn check(&mut self, account: &RunAudit, now: Duration) -> SettleStatus {
        let unfound = Unfound {
            missing: account.missing.clone(),
            hidden: account.hidden,
        };
        if unfound.missing.count + unfound.hidden == 0 {
            self.since = None;
            return SettleStatus::Settled;
        }
        let since = self.since.as_ref().filter(|(same, _)| *same == unfound);
        match since {
            Some((_, since)) if now.saturating_sub(*since) >= self.bound => SettleStatus::Settled,
            Some(_) => SettleStatus::Unsettled { restarted: false },
            None => {
                self.since = Some((unfound, now));
                SettleStatus::Unsettled { restarted: true }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESTARTED: SettleStatus = SettleStatus::Unsettled { restarted: true };
    const STILL: SettleStatus = SettleStatus::Unsettled { restarted: false };

    fn account(missing: u64, hidden: u64) -> RunAudit {
        let mut account = RunAudit {
            hidden,
            ..RunAudit::default()
        };
        account.missing.count = missing;
        account
    }

    fn judged(bound: u64, looks: &[(u64, RunAudit)]) -> Vec<SettleStatus> {
        let mut settling = SettleCheck::new(Duration::from_secs(bound));
        let check =
            |(now, account): &(u64, RunAudit)| settling.check(account, Duration::from_secs(*now));
        looks.iter().map(check).collect()
    }

    #[test]
    fn an_account_that_finds_every_order_is_believed_at_once() {
        assert_eq!(judged(90, &[(0, account(0, 0))]), [SettleStatus::Settled]);
    }

    #[test]
    fn orders_are_missing_once_they_have_been_for_as_long_as_counts_may_lag() {
        let looks = [0, 5, 89, 90].map(|now| (now, account(2, 0)));
        assert_eq!(
            judged(90, &looks),
            [RESTARTED, STILL, STILL, SettleStatus::Settled]
        );
    }

    #[test]
    fn an_order_that_turns_up_begins_the_wait_anew() {
        let looks = [
            (0, account(20, 0)),
            (60, account(3, 0)),
            (120, account(3, 0)),
            (150, account(3, 0)),
        ];
        assert_eq!(
            judged(90, &looks),
            [RESTARTED, RESTARTED, STILL, SettleStatus::Settled]
        );
    }

    #[test]
    fn what_is_found_in_between_was_never_missing() {
        let looks = [
            (0, account(20, 0)),
            (60, account(0, 0)),
            (100, account(20, 0)),
        ];
        assert_eq!(
            judged(90, &looks),
            [RESTARTED, SettleStatus::Settled, RESTARTED]
        );
    }

    #[test]
    fn hidden_letters_are_looked_for_again_too() {
        let looks = [(0, account(0, 4)), (20, account(0, 0))];
        assert_eq!(judged(90, &looks), [RESTARTED, SettleStatus::Settled]);
    }

    #[test]
    fn exact_counts_are_read_twice_all_the_same() {
        let looks = [(7, account(1, 0)), (7, account(1, 0))];
        assert_eq!(judged(0, &looks), [RESTARTED, SettleStatus::Settled]);
    }
}
