//! Reads what a lab holds and compares it with the recorded runs.

use std::time::Duration;

use super::known::KnownDeadLetters;
use super::{
    AuditBuilder, AuditError, DeadLetterRef, QueueCounts, RunAudit, SettleCheck, SettleStatus,
};
use crate::aws::AwsFailure;
use crate::context::Context;
use crate::dlq::{self, DeadLetter, Repairs};
use crate::error::CommandError;
use crate::lab::{Lab, LabReader, QueueDepth};
use crate::runs::{self, OrderId, Run};
use crate::system;

/// How long the counts of AWS's queues must stay the same to be trusted. AWS's reference of
/// GetQueueAttributes says that they settle a minute or more after the last message.
const COUNTS_SETTLE: Duration = Duration::from_secs(90);

/// Audits a lab, and remembers between two audits what makes the second more reliable.
#[derive(Debug)]
pub(crate) struct Auditor<'r> {
    only: Option<&'r str>,
    settle: SettleCheck,
    known: KnownDeadLetters,
    /// How many dead letters there were before the run, where one new run is audited.
    dead_before: Option<u64>,
}

impl<'r> Auditor<'r> {
    /// An auditor of all recorded runs, or of one only.
    pub(crate) async fn new(context: &Context<'_>, only: Option<&'r str>) -> Self {
        Self {
            only,
            settle: SettleCheck::new(counts_settle(context).await),
            known: KnownDeadLetters::default(),
            dead_before: None,
        }
    }

    /// An auditor of one run, before which there were this many dead letters. They are not read, each
    /// with a call for every ten, where the run's orders are stored and none was added.
    pub(crate) async fn of_new_run(context: &Context<'_>, run: &'r str, dead_before: u64) -> Self {
        Self {
            dead_before: Some(dead_before),
            ..Self::new(context, Some(run)).await
        }
    }

    /// Whether and how long the audits take to settle.
    pub(crate) fn settle(&self) -> &SettleCheck {
        &self.settle
    }

    /// Whether the audit made at `now`, a time since any fixed moment, can be trusted.
    pub(crate) fn check(&mut self, audit: &RunAudit, now: Duration) -> SettleStatus {
        self.settle.check(audit, now)
    }

    /// Audits once.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached, a record is damaged, or the user interrupts.
    pub(crate) async fn audit(&mut self, lab: &Lab<'_>) -> Result<RunAudit, AuditError> {
        let Lab { context, reader } = lab;
        let mut runs = runs::load(&context.lab_directory())?;
        let others: Vec<Run> = match self.only {
            Some(name) => runs.extract_if(.., |run| run.header.run != name).collect(),
            None => Vec::new(),
        };
        let is_of_others = |id: Option<&OrderId>| {
            id.is_some_and(|id| others.iter().any(|other| other.header.run == id.run))
        };
        let repairs = Repairs::load(&context.lab_directory())?;
        let builder = AuditBuilder::new(runs).map_err(CommandError::environment)?;
        let mut builder = builder.with_repairs(repairs);
        // What is in neither the table nor the dead-letter queue was in the queue of orders before
        // the two were read, or is in it afterwards.
        let before = Depths::read(reader).await?;
        reader
            .for_each_order(|order| {
                if !is_of_others(order.id.as_ref()) {
                    builder.add_stored(&order);
                }
            })
            .await?;
        let depth = before.dead_letters.total();
        let none_added = self
            .dead_before
            .is_some_and(|dead_before| depth <= dead_before);
        let read = if none_added && !self.settle.is_lagging() && builder.has_found_all() {
            Vec::new()
        } else {
            dlq::peek(lab, depth).await?
        };
        let depths = before.deeper(Depths::read(reader).await?);
        let entries = read.into_iter().map(entry).collect();
        self.known.add(entries, depths.dead_letters.total());
        self.known
            .iter()
            .filter(|found| !is_of_others(found.id.as_ref()))
            .for_each(|found| builder.add_dead_letter(found));
        if builder.has_unmatched() {
            let newer = runs::load(&context.lab_directory())?;
            builder
                .reclassify(newer)
                .map_err(CommandError::environment)?;
        }
        let counts = depths.beside(self.known.count(), self.settle.is_lagging());
        Ok(builder.finish(counts, system::now_ms()))
    }
}

/// How long the counts of this target's queues take to settle.
async fn counts_settle(context: &Context<'_>) -> Duration {
    let Some(local) = &context.local else {
        return COUNTS_SETTLE;
    };
    let status = local.control().status().await.ok();
    let oldest = status.map(|status| status.chaos.delays.counts.most);
    local_counts_settle(oldest, context.speed())
}

/// The same for the local cloud, whose counts are up to `oldest` milliseconds old; `None` where it
/// does not say.
fn local_counts_settle(oldest: Option<u64>, speed: u32) -> Duration {
    match oldest {
        Some(0) => Duration::ZERO,
        _ => COUNTS_SETTLE / speed.max(1),
    }
}

/// What an audit takes of a dead letter, by its message id.
fn entry(read: DeadLetter) -> (String, DeadLetterRef) {
    let id = read.order_id();
    let name = read
        .order_number
        .map_or_else(|| read.message_id.clone(), |number| number.to_string());
    (read.message_id, DeadLetterRef { id, name })
}

/// The depths of both queues at one time.
#[derive(Debug, Clone, Copy)]
struct Depths {
    orders: QueueDepth,
    dead_letters: QueueDepth,
}

impl Depths {
    async fn read(reader: &LabReader) -> Result<Self, AwsFailure> {
        let (orders, dead_letters) =
            tokio::try_join!(reader.orders_depth(), reader.dead_letter_depth())?;
        Ok(Self {
            orders,
            dead_letters,
        })
    }

    /// Of each queue the greater of two depths.
    fn deeper(self, other: Self) -> Self {
        let greater = |one: QueueDepth, other: QueueDepth| {
            if one.total() > other.total() {
                one
            } else {
                other
            }
        };
        Self {
            orders: greater(self.orders, other.orders),
            dead_letters: greater(self.dead_letters, other.dead_letters),
        }
    }

    /// What the queues hold beside the `read` dead letters.
    fn beside(self, read: u64, lagging: bool) -> QueueCounts {
        QueueCounts {
            orders: self.orders,
            hidden: self.dead_letters.total().saturating_sub(read),
            lagging,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(visible: u64, in_flight: u64) -> QueueDepth {
        QueueDepth {
            visible,
            in_flight,
            delayed: 0,
        }
    }

    fn counts(
        before: (QueueDepth, QueueDepth),
        after: (QueueDepth, QueueDepth),
        read: u64,
    ) -> QueueCounts {
        let depths = |(orders, dead_letters)| Depths {
            orders,
            dead_letters,
        };
        depths(before).deeper(depths(after)).beside(read, false)
    }

    #[test]
    fn a_message_received_meanwhile_counts_once() {
        let counts = counts((depth(1, 0), depth(2, 0)), (depth(0, 1), depth(0, 2)), 2);
        assert_eq!((counts.orders.total(), counts.hidden), (1, 0));
    }

    #[test]
    fn unread_dead_letters_are_hidden() {
        // Ten were hidden from the beginning, or since; three more came and were read.
        for before in [depth(10, 0), depth(0, 10)] {
            let counts = counts((depth(0, 0), before), (depth(0, 0), depth(3, 10)), 3);
            assert_eq!(counts.hidden, 10);
        }
    }

    #[test]
    fn counts_settle_as_fast_as_they_change() {
        assert_eq!(local_counts_settle(Some(0), 10), Duration::ZERO);
        let ninety = local_counts_settle(Some(30_000), 10);
        assert_eq!(ninety, Duration::from_secs(9));
        assert_eq!(local_counts_settle(None, 1), COUNTS_SETTLE);
    }
}
