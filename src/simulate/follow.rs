//! Follows a run's orders until each is stored or dead-lettered.

use std::time::Duration;

use super::RunProgress;
use super::messages::{audit_command, detached, detached_at};
use crate::audit::{AuditError, Auditor, RunAudit};
use crate::context::Context;
use crate::error::CommandError;
use crate::lab::{Lab, LabPoller};
use crate::poll::{Next, Tick};
use crate::runs::Header;
use crate::ui::{Event, Live};

/// Follows the orders of one run, all of which are sent.
#[derive(Debug)]
pub(crate) struct Follower<'r> {
    header: &'r Header,
    progress: RunProgress<'r>,
    auditor: Auditor<'r>,
    /// What was shown last.
    shown: Option<Live>,
}

impl<'r> Follower<'r> {
    /// A follower of a run whose orders are all sent.
    pub(crate) async fn new(progress: RunProgress<'r>, context: &Context<'_>) -> Self {
        let header = progress.header();
        Self {
            header,
            auditor: Auditor::of_new_run(context, &header.run, progress.dead_before()).await,
            progress,
            shown: None,
        }
    }

    /// Audits the run once, shortly after it was sent: no order is called missing.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached, or the user interrupts.
    pub(crate) async fn audit_once(mut self, lab: &Lab<'_>) -> Result<RunAudit, CommandError> {
        let audit = self.auditor.audit(lab).await;
        audit
            .map(RunAudit::none_missing_yet)
            .map_err(|error| self.error(error, &lab.context))
    }

    /// Follows until every order has reached its end, for at most `timeout`. Failures that may pass
    /// are waited out, and a local cloud that has died is started again.
    ///
    /// # Errors
    /// When the target refuses, or the user interrupts.
    pub(crate) async fn follow(
        mut self,
        poller: &mut LabPoller<'_>,
        timeout: Duration,
    ) -> Result<RunAudit, CommandError> {
        let followed = poller
            .until(timeout, async |lab, tick| {
                match self.step(lab, tick).await {
                    Err(AuditError::Call(failure)) if !tick.is_last && failure.may_pass() => {
                        let is_gone = failure.is_unreachable();
                        if is_gone && lab.context.target.is_local() {
                            let events = lab.context.events();
                            events.note("The local cloud is gone; starting it again.");
                            return Ok(Next::Reconnect(tick.soon()));
                        }
                        Ok(Next::Again(tick.soon()))
                    }
                    outcome => outcome,
                }
            })
            .await;
        poller.context().events().send(Event::LiveEnded);
        followed
            .and_then(|audit| audit.ok_or(AuditError::Interrupted))
            .map_err(|error| self.error(error, poller.context()))
    }

    /// Reads the queues' counts, and every order once these are zero. The counts of AWS's queues
    /// lag, so an empty queue says little, but what is found is certain.
    async fn step(&mut self, lab: &Lab<'_>, tick: Tick) -> Result<Next<RunAudit>, AuditError> {
        let orders = lab.reader.orders_depth().await?;
        if orders.total() > 0 && !tick.is_last {
            let dead_letters = lab.reader.dead_letter_depth().await?;
            let now = self.progress.now(&lab.context).await;
            self.show(lab, self.progress.counted(orders, dead_letters, now));
            return Ok(Next::Again(tick.soon()));
        }
        let audit = self.auditor.audit(lab).await?;
        let now = self.progress.now(&lab.context).await;
        self.show(lab, self.progress.audited(&audit, now));
        let status = self.auditor.check(&audit, tick.waited);
        Ok(if audit.is_settled() {
            Next::Done(audit)
        } else if tick.is_last {
            Next::Done(status.at_timeout(audit))
        } else {
            Next::Again(tick.later())
        })
    }

    fn show(&mut self, lab: &Lab<'_>, live: Live) {
        self.shown = Some(live.clone());
        lab.context.events().send(Event::Live(live));
    }

    /// The error of a run that cannot be followed.
    fn error(&self, error: AuditError, context: &Context<'_>) -> CommandError {
        match error {
            AuditError::Interrupted => match &self.shown {
                Some(live) => detached_at(context, self.header, live),
                None => detached(context, self.header, self.header.count),
            },
            error => error.into_error(context).hint(format!(
                "All orders are sent and processing continues; {} shows where they are.",
                audit_command(context, self.header)
            )),
        }
    }
}
