//! Sending a run's orders through the simulator function, range by range.
//!
//! A range names its orders exactly, by run and index, and the processor stores each order once,
//! however often it comes. So a range that was not confirmed, because an answer was lost, the
//! function crashed or ran out of time, is sent again, and an audit finds the same. The user is told
//! why. A failure that will not pass ends the run, with what was sent on record.

use std::time::Duration;

use order::wire::ORDERS_PER_REQUEST;

use super::invoke::{RETRY_BACKOFF, SendFailure, invoke};
use super::progress::RunProgress;
use crate::context::Context;
use crate::error::{CommandError, ErrorKind};
use crate::lab::{Lab, LabPoller};
use crate::poll::{NO_TIMEOUT, Next};
use crate::runs::{Header, Range, Recorder, Step};
use crate::ui::{Event, number};

/// Sends the orders of one run, and keeps count over lost connections.
#[derive(Debug)]
pub(crate) struct Sender<'r, 'p> {
    recorder: Recorder,
    header: &'r Header,
    progress: &'p mut RunProgress<'r>,
    /// How many orders are confirmed.
    sent: u64,
    /// How often the range after those was sent in vain, and the pauses since, together.
    failures: u32,
    waited: Duration,
}

impl<'r, 'p> Sender<'r, 'p> {
    /// A sender of the run that `recorder` has begun.
    pub(crate) fn new(recorder: Recorder, progress: &'p mut RunProgress<'r>) -> Self {
        Self {
            recorder,
            header: progress.header(),
            progress,
            sent: 0,
            failures: 0,
            waited: Duration::ZERO,
        }
    }

    /// Sends all orders. Stops early, without an error, when the user interrupts between two
    /// ranges. Returns how many were confirmed.
    ///
    /// # Errors
    /// When a range cannot be sent, however often that is tried, or its failure will not pass; or
    /// the user interrupts before a range is sent again.
    pub(crate) async fn send_all(
        mut self,
        poller: &mut LabPoller<'_>,
    ) -> Result<u64, CommandError> {
        self.show(poller.context());
        let sent = poller
            .until(NO_TIMEOUT, async |lab, _| self.step(lab).await)
            .await?;
        match sent {
            None if self.failures > 0 => {
                let range = name(self.next_range());
                Err(CommandError::interrupted(format!(
                    "interrupted before orders {range} were sent again"
                ))
                .hint(where_sent_orders_are(poller.context())))
            }
            _ => Ok(self.sent),
        }
    }

    async fn step(&mut self, lab: &Lab<'_>) -> Result<Next<()>, CommandError> {
        let range = self.next_range();
        if range.count == 0 {
            return Ok(Next::Done(()));
        }
        if self.failures == 0 {
            self.recorder.append(Step::Began(range))?;
        }
        match invoke(&lab.context, self.header, range).await {
            Ok(()) => {
                self.confirm(range, &lab.context).await?;
                Ok(Next::Again(Duration::ZERO))
            }
            Err(failure) => self.retry(failure, range, &lab.context),
        }
    }

    fn next_range(&self) -> Range {
        Range {
            first: self.sent,
            count: ORDERS_PER_REQUEST.min(self.header.count - self.sent),
        }
    }

    async fn confirm(&mut self, range: Range, context: &Context<'_>) -> Result<(), CommandError> {
        self.recorder.append(Step::Sent(range))?;
        self.sent += range.count;
        self.failures = 0;
        self.waited = Duration::ZERO;
        let now = self.progress.now(context).await;
        self.progress.add_sent(range, now);
        self.show(context);
        Ok(())
    }

    fn show(&self, context: &Context<'_>) {
        let sending = self.progress.sending(self.sent);
        context.events().send(Event::Live(sending));
    }

    fn retry(
        &mut self,
        failure: SendFailure,
        range: Range,
        context: &Context<'_>,
    ) -> Result<Next<()>, CommandError> {
        self.failures += 1;
        if self.failures >= failure.tries() {
            return Err(not_sent(failure, range, context));
        }
        let failed = format!("Sending orders failed ({})", failure.kind());
        context.events().retry(failed);
        let pause = RETRY_BACKOFF.pause(self.waited);
        self.waited += pause;
        Ok(if failure.is_unreachable() && context.target.is_local() {
            Next::Reconnect(pause)
        } else {
            Next::Again(pause)
        })
    }
}

/// The range as people count: from one.
fn name(range: Range) -> String {
    format!(
        "{} to {}",
        number(range.first + 1),
        number(range.first + range.count)
    )
}

/// The error of a run that ends before all is sent.
fn not_sent(failure: SendFailure, range: Range, context: &Context<'_>) -> CommandError {
    let reason = failure.reason();
    let error = match failure {
        SendFailure::Call(failure) => CommandError::from(failure),
        SendFailure::Function(_) => {
            let range = name(range);
            let message = format!("orders {range} were not confirmed as sent: {reason}");
            let logs = context.command("logs simulator");
            CommandError::new(ErrorKind::Refused, message)
                .hint(format!("{logs} shows what the function printed."))
        }
    };
    error.hint(where_sent_orders_are(context))
}

fn where_sent_orders_are(context: &Context<'_>) -> String {
    let audit = context.command("audit");
    format!("{audit} shows where the orders sent so far are.")
}
