//! `redrive`: moves the dead letters back to the queue of orders.

use std::time::Duration;

use clap::Args;
use tokio::time::Instant;

use crate::context::{Context, Intent, Surroundings};
use crate::dlq::{DeadLetter, move_back, peek};
use crate::drive::look::{Depth, Look};
use crate::error::CommandError;
use crate::globals::parse_duration;
use crate::host::Start;
use crate::ui::{Count, Event, Report};

/// The pause between two looks at the queues.
const PAUSE: Duration = Duration::from_millis(200);

/// Flags of `redrive`.
#[derive(Debug, Args)]
pub struct RedriveArgs {
    /// Do not follow the orders once they are moved
    #[arg(long)]
    no_wait: bool,
    /// How long to follow them at the most
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_duration)]
    timeout: Duration,
}

impl Default for RedriveArgs {
    fn default() -> Self {
        Self {
            no_wait: false,
            timeout: Duration::from_secs(600),
        }
    }
}

pub(super) async fn redrive(
    args: &RedriveArgs,
    surroundings: &Surroundings,
) -> Result<Report, CommandError> {
    let context = surroundings
        .connect(Start::default(), Intent::Change)
        .await?;
    let look = Look::at(&context).await?;
    let letters = peek(&context, &look.dead_url).await?;
    let hopeless = letters
        .iter()
        .filter(|letter| letter.would_fail_again())
        .count();
    let report = Report::good().with("would_fail_again", hopeless);
    if letters.is_empty() {
        return Ok(report
            .with("moved", 0)
            .text("The dead-letter queue is empty; there is nothing to move."));
    }
    context.events().note(format!(
        "Moving {} dead letters back; {hopeless} of them will fail again for the same reason.",
        letters.len()
    ));
    let moved = move_back(&context).await?.letters;
    let report = report.with("moved", moved);
    if args.no_wait {
        return Ok(report.text(format!("{moved} letters are back in the queue of orders.")));
    }
    let [orders, dead] = follow(&context, &look, moved, args.timeout).await?;
    let settled = orders.total() == 0;
    let stored = moved.saturating_sub(dead.total() + orders.total());
    Ok(report
        .passed(settled)
        .with("stored", stored)
        .with("dead_lettered", dead.total())
        .with("waiting", orders.total())
        .text(told(moved, stored, dead.total(), orders.total(), &letters)))
}

/// Waits until the queue of orders is empty, or time is up; how deep both queues are then.
async fn follow(
    context: &Context<'_>,
    look: &Look,
    moved: u64,
    timeout: Duration,
) -> Result<[Depth; 2], CommandError> {
    let ends = Instant::now() + timeout;
    loop {
        let orders = look.depth(&look.orders_url).await?;
        let dead = look.depth(&look.dead_url).await?;
        let counts = [
            ("retrying", orders.total()),
            ("dead-lettered", dead.total()),
        ];
        let counts = counts.map(|(label, done)| Count {
            label,
            done,
            of: moved,
        });
        context.events().send(Event::Counts(counts.to_vec()));
        if orders.total() == 0 || Instant::now() >= ends {
            return Ok([orders, dead]);
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = context.cancel().cancelled() => {
                return Err(CommandError::interrupted(format!("interrupted; the {moved} letters moved back go on"))
                    .hint("`orders-lab status` shows where they are."));
            }
        }
    }
}

fn told(moved: u64, stored: u64, dead: u64, waiting: u64, letters: &[DeadLetter]) -> String {
    let mut text = format!(
        "{moved} of {} letters were moved back: {stored} are stored now",
        letters.len()
    );
    if dead > 0 {
        text.push_str(&format!(", {dead} are in the dead-letter queue again"));
    }
    if waiting > 0 {
        text.push_str(&format!(", {waiting} still wait"));
    }
    text.push('.');
    text
}
