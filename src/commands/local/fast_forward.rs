//! `local fast-forward`: moves the queues' time ahead, and lets everything happen that is due until then.

use std::time::Duration;

use clap::Args;
use schemars::JsonSchema;
use serde::Serialize;

use crate::context::CommandEnv;
use crate::error::CommandError;
use crate::globals::parse_duration;
use crate::host::{self, FastForwarded};
use crate::ui::{Event, Live, Report, counted, number};

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
    let (text, next) = (report.text(), report.next(env));
    Ok(Report::new(report).text(text).text(next))
}

impl FastForwardReport {
    fn add(&mut self, step: &FastForwarded) {
        self.processed += step.processed;
        self.failed += step.failed;
        self.dead_lettered += step.dead_lettered;
    }

    fn text(&self) -> String {
        let skipped = number(self.skipped_seconds);
        let skipped = format!("Skipped {skipped} s of the queues' time.");
        let events = [self.deliveries(), self.dead_letters()];
        let events: Vec<String> = events.into_iter().flatten().collect();
        if events.is_empty() {
            return format!("{skipped} No message was due.");
        }
        format!("{skipped} {}", events.join(" "))
    }

    /// What became of the deliveries; `None` where there were none.
    fn deliveries(&self) -> Option<String> {
        let deliveries = match self.processed + self.failed {
            0 => return None,
            1 => "1 delivery to a function".to_owned(),
            many => format!("{} deliveries to functions", number(many)),
        };
        Some(match (self.processed, self.failed) {
            (_, 0) => format!("{deliveries}: processed."),
            (0, _) => format!("{deliveries}: failed."),
            (processed, failed) => format!(
                "{deliveries}: {} processed, {} failed.",
                number(processed),
                number(failed)
            ),
        })
    }

    /// What was dead-lettered, and why. The failure that was one too many may have been before.
    fn dead_letters(&self) -> Option<String> {
        let was = match self.dead_lettered {
            0 => return None,
            1 => "was",
            _ => "were",
        };
        Some(format!(
            "{} {was} dead-lettered after the last failure that the queue allows.",
            counted(self.dead_lettered, "message")
        ))
    }

    /// What to do next.
    fn next(&self, env: &CommandEnv) -> String {
        let command = |words| env.globals.command(&env.globals.lab, words);
        match self.dead_lettered {
            0 => format!("Next: {} shows what the lab holds.", command("status")),
            _ => format!("Next: {} shows the dead letters.", command("dlq")),
        }
    }
}

fn interrupted(left: u64) -> CommandError {
    CommandError::interrupted(format!(
        "interrupted; {} s of the time were not skipped",
        number(left)
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
            "Skipped 100 s of the queues' time. 8 deliveries to functions: 2 processed, 6 failed. 2 messages were dead-lettered after the last failure that the queue allows."
        );
        (report.processed, report.failed, report.dead_lettered) = (0, 0, 1);
        assert_eq!(
            report.text(),
            "Skipped 100 s of the queues' time. 1 message was dead-lettered after the last failure that the queue allows."
        );
        (report.processed, report.dead_lettered) = (1, 0);
        assert_eq!(
            report.text(),
            "Skipped 100 s of the queues' time. 1 delivery to a function: processed."
        );
    }
}
