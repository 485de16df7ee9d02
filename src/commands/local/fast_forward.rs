//! `local fast-forward`: moves the queues' time ahead, and lets everything happen that is due until then.

use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::CommandEnv;
use crate::error::CommandError;
use crate::globals::parse_duration;
use crate::host::{self, FastForwarded};
use crate::ui::{Event, Live, Report, counted};

pub(super) const EXAMPLES: &str = "\
Examples:
  orders-lab local fast-forward 30s      past a visibility timeout
  orders-lab local fast-forward 12h";

/// Flags of `local fast-forward`.
#[derive(Debug, Args)]
pub struct FastForwardArgs {
    /// How much of the queues' time to skip, for example `30s`, `2m` or `12h`
    #[arg(value_parser = parse_duration)]
    time: Duration,
}

/// How much time was skipped, and what happened meanwhile.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct FastForwardReport {
    /// How much of the queues' time was skipped.
    skipped_seconds: u64,
    /// How many messages were delivered to functions and processed.
    processed: u64,
    /// How many deliveries of messages to functions failed.
    failed: u64,
    /// How many messages were moved to a dead-letter queue.
    dead_lettered: u64,
}

pub(super) async fn fast_forward(
    args: &FastForwardArgs,
    env: &CommandEnv,
) -> Result<Report<FastForwardReport>, CommandError> {
    let found = host::find(&env.home).await?.ok_or_else(|| {
        CommandError::environment("the local cloud is not running")
            .hint("`orders-lab local start` starts it.")
    })?;
    let seconds = args.time.as_secs();
    let mut report = FastForwardReport {
        skipped_seconds: seconds,
        processed: 0,
        failed: 0,
        dead_lettered: 0,
    };
    let control = found.control();
    let mut step = control.fast_forward(seconds).await?;
    loop {
        report.add(&step);
        if step.is_reached {
            break;
        }
        let left = step.until.saturating_sub(step.lab_time).div_ceil(1000);
        env.events.send(Event::Live(Live::progress(
            "s of the queues' time skipped",
            seconds.saturating_sub(left),
            seconds,
        )));
        if env.cancel.is_cancelled() {
            return Err(interrupted(left));
        }
        step = control.fast_forward_until(step.until).await?;
    }
    let text = report.text();
    Ok(Report::new(report).text(text))
}

impl FastForwardReport {
    fn add(&mut self, step: &FastForwarded) {
        self.processed += step.processed;
        self.failed += step.failed;
        self.dead_lettered += step.dead_lettered;
    }

    fn text(&self) -> String {
        let skipped = format!("Skipped {} s of the queues' time", self.skipped_seconds);
        let delivered = self.processed + self.failed;
        if delivered + self.dead_lettered == 0 {
            return format!("{skipped}. No message was due.");
        }
        let deliveries = match delivered {
            1 => "1 delivery".to_owned(),
            many => format!("{many} deliveries"),
        };
        let was = if self.dead_lettered == 1 {
            "was"
        } else {
            "were"
        };
        format!(
            "{skipped}: {deliveries} to functions, {} processed and {} failed; {} {was} dead-lettered.",
            self.processed,
            self.failed,
            counted(self.dead_lettered, "message")
        )
    }
}

fn interrupted(left: u64) -> CommandError {
    CommandError::interrupted(format!(
        "interrupted; {left} s of the time were not skipped"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_has_words() {
        let mut report = FastForwardReport {
            skipped_seconds: 100,
            processed: 0,
            failed: 0,
            dead_lettered: 0,
        };
        let nothing = "Skipped 100 s of the queues' time. No message was due.";
        assert_eq!(report.text(), nothing);
        for _ in 0..2 {
            report.add(&FastForwarded {
                processed: 1,
                failed: 3,
                dead_lettered: 1,
                ..FastForwarded::default()
            });
        }
        assert_eq!(
            report.text(),
            "Skipped 100 s of the queues' time: 8 deliveries to functions, 2 processed and 6 failed; 2 messages were dead-lettered."
        );
    }
}
