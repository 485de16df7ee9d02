//! Accounts that can be believed: the lab is looked at again for as long as it is too early to call
//! an order missing. `drive::settle` decides how long that is.

use std::time::Duration;

use tokio::time::Instant;

use super::{AuditError, KnownLetters, audit_once};
use crate::context::Context;
use crate::costs;
use crate::drive::audit::RunAudit;
use crate::drive::reader::LabReader;
use crate::drive::settle::{SettleCheck, SettleStatus};
use crate::error::CommandError;
use crate::ui::{TaskState, counted};

/// How long the counts of AWS's queues must stay the same to be believed. AWS's reference of
/// GetQueueAttributes says that they settle a minute or more after the last message.
const COUNTS_SETTLE: Duration = Duration::from_secs(90);
/// The longest pause between two accounts: each reads the table and all dead letters.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);
/// A pause is this part of a wait, so that a wait is at most so much longer than it need be.
const PART: u32 = 10;
/// The pause between two looks at the local cloud's queues, for bars that move.
const LOOK_LOCALLY_EVERY: Duration = Duration::from_millis(200);
/// How long orders are followed where nothing else is asked for.
const FOLLOWED: Duration = Duration::from_secs(600);
/// What the view calls the wait for orders that are not found.
const TASK: &str = "looking again";

/// An account, and whether the user has cut short the wait for it.
pub(in crate::commands) struct StableAudit {
    pub(in crate::commands) account: RunAudit,
    pub(in crate::commands) cut_short: bool,
}

/// Accounts for the runs, or one of them, and believes that orders are missing only once the
/// counts of the queues have had the time to say otherwise.
///
/// # Errors
/// As those of [`audit_once`]; an interruption is none once there is an account.
pub(in crate::commands) async fn audit_until_stable(
    context: &Context<'_>,
    reader: &LabReader,
    only: Option<&str>,
) -> Result<StableAudit, CommandError> {
    let began = Instant::now();
    let mut settling = settle_check(context).await;
    let lagging = is_lagging(&settling);
    let mut wait = Wait {
        context,
        bound: settling.bound(),
        told: false,
    };
    let (mut last, mut known): (Option<RunAudit>, _) = (None, KnownLetters::default());
    loop {
        let taken = audit_once(context, reader, lagging, only, &mut known).await;
        let account = match (taken, last) {
            (Ok(account), _) => account,
            (Err(AuditError::Interrupted), Some(last)) => return Ok(StableAudit::cut_short(last)),
            (Err(error), _) => return Err(error.into_error(context)),
        };
        match settling.check(&account, began.elapsed()) {
            SettleStatus::Settled => {
                wait.ended(&account);
                return Ok(StableAudit::whole(account));
            }
            SettleStatus::Unsettled { restarted: true } => wait.begins(&account),
            SettleStatus::Unsettled { restarted: false } => {}
        }
        let pause = if lagging {
            pause(context, began.elapsed())
        } else {
            Duration::ZERO
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = context.cancel().cancelled() => return Ok(StableAudit::cut_short(account)),
        }
        last = Some(account);
    }
}

impl StableAudit {
    fn whole(account: RunAudit) -> Self {
        Self {
            account,
            cut_short: false,
        }
    }

    /// The wait was too short to call anything missing.
    fn cut_short(account: RunAudit) -> Self {
        Self {
            account: account.none_missing_yet(),
            cut_short: true,
        }
    }
}

/// Accounts for all runs once every order is where it will stay, or after ten minutes.
///
/// # Errors
/// As those of [`audit_once`].
pub(in crate::commands) async fn settle(
    context: &Context<'_>,
    reader: &LabReader,
) -> Result<RunAudit, CommandError> {
    let began = Instant::now();
    let (mut settling, mut known) = (settle_check(context).await, KnownLetters::default());
    loop {
        let account = audit_once(context, reader, is_lagging(&settling), None, &mut known).await;
        let account = account.map_err(|error| error.into_error(context))?;
        let verdict = settling.check(&account, began.elapsed());
        if account.is_settled() {
            return Ok(account);
        }
        if began.elapsed() >= FOLLOWED {
            return Ok(believed(account, verdict));
        }
        tokio::select! {
            () = tokio::time::sleep(pause(context, began.elapsed())) => {}
            () = context.cancel().cancelled() => return Err(AuditError::Interrupted.into_error(context)),
        }
    }
}

/// The account as it stands when time is up.
pub(in crate::commands) fn believed(account: RunAudit, verdict: SettleStatus) -> RunAudit {
    match verdict {
        SettleStatus::Settled => account,
        SettleStatus::Unsettled { .. } => account.none_missing_yet(),
    }
}

/// The doubt that counts of this target deserve.
pub(in crate::commands) async fn settle_check(context: &Context<'_>) -> SettleCheck {
    let Some(local) = &context.local else {
        return SettleCheck::new(COUNTS_SETTLE);
    };
    let status = local.control().status().await.ok();
    let oldest = status.map(|status| status.chaos.delays.counts.most);
    SettleCheck::new(local_bound(oldest, context.speed()))
}

/// How long counts of the local cloud must stay the same, which under its chaos profile are up to `oldest`
/// milliseconds old; `None` where it does not say.
fn local_bound(oldest: Option<u64>, speed: u32) -> Duration {
    match oldest {
        Some(0) => Duration::ZERO,
        _ => COUNTS_SETTLE / speed.max(1),
    }
}

/// Whether the counts that are doubted lag behind.
pub(in crate::commands) fn is_lagging(settling: &SettleCheck) -> bool {
    !settling.bound().is_zero()
}

/// The pause between two looks at the queues' counts.
pub(in crate::commands) fn look_every(context: &Context<'_>) -> Duration {
    if context.target.is_local() {
        LOOK_LOCALLY_EVERY
    } else {
        costs::LOOK_EVERY
    }
}

/// The pause between two accounts after having waited so long.
pub(in crate::commands) fn pause(context: &Context<'_>, waited: Duration) -> Duration {
    (waited / PART).clamp(look_every(context), LONGEST_PAUSE)
}

/// The wait for orders that are not found, as it is told.
struct Wait<'a> {
    context: &'a Context<'a>,
    bound: Duration,
    told: bool,
}

impl Wait<'_> {
    fn begins(&mut self, account: &RunAudit) {
        if self.bound.is_zero() {
            return;
        }
        let state = TaskState::Waiting {
            reason: not_found(account),
            at_most: self.bound,
        };
        self.context.events().task(TASK, state);
        self.told = true;
    }

    fn ended(&self, account: &RunAudit) {
        let missing = account.missing.count;
        let state = match missing {
            _ if !self.told => return,
            0 => TaskState::Done("no order is missing".to_owned()),
            _ => TaskState::Failed(format!(
                "{} not found, and the counts have not changed",
                are(missing, "order")
            )),
        };
        self.context.events().task(TASK, state);
    }
}

/// What is waited for.
fn not_found(account: &RunAudit) -> String {
    if account.missing.count > 0 {
        let orders = are(account.missing.count, "order");
        return format!("{orders} not found yet, and SQS's counts may lag");
    }
    let letters = are(account.hidden, "dead letter");
    format!("{letters} hidden by another look at the queue")
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
    fn counts_are_waited_for_as_long_as_they_lag() {
        assert_eq!(local_bound(Some(0), 10), Duration::ZERO);
        assert_eq!(local_bound(Some(30_000), 10), Duration::from_secs(9));
        assert_eq!(local_bound(None, 1), COUNTS_SETTLE);
    }

    #[test]
    fn what_is_waited_for_is_said() {
        let mut account = RunAudit {
            hidden: 2,
            ..RunAudit::default()
        };
        let hidden = "2 dead letters are hidden by another look at the queue";
        assert_eq!(not_found(&account), hidden);
        account.missing.count = 1;
        let missing = "1 order is not found yet, and SQS's counts may lag";
        assert_eq!(not_found(&account), missing);
    }

    #[test]
    fn a_wait_that_is_cut_short_calls_nothing_missing() {
        let mut account = RunAudit::default();
        account.missing.count = 3;
        let taken = StableAudit::cut_short(account.clone());
        assert!(taken.cut_short && taken.account.is_clean());
        assert_eq!(taken.account.waiting, 3);
        let restarted = SettleStatus::Unsettled { restarted: true };
        assert_eq!(believed(account.clone(), restarted), taken.account);
        assert_eq!(believed(account.clone(), SettleStatus::Settled), account);
    }
}
