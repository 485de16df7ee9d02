//! `redrive`: moves the dead letters back to the queue of orders.

use std::collections::HashSet;
use std::time::Duration;

use clap::Args;
use tokio::time::Instant;

use crate::context::{Context, Intent, Surroundings};
use crate::dlq::{DeadLetter, move_back, peek};
use crate::drive::look::Look;
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
    let ends = follow(&context, &look, &letters, args.timeout).await?;
    Ok(report
        .passed(ends.waiting == 0)
        .with("stored", ends.stored)
        .with("dead_lettered", ends.dead)
        .with("waiting", ends.waiting)
        .text(told(moved, letters.len(), &ends)))
}

/// Where the letters are that were moved.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ends {
    stored: usize,
    dead: usize,
    waiting: usize,
}

impl Ends {
    /// Where each letter is, given the numbers in the table and the bodies in the dead-letter
    /// queue.
    fn of(letters: &[DeadLetter], stored: &HashSet<u64>, dead: &HashSet<String>) -> Self {
        let mut ends = Self::default();
        for letter in letters {
            if letter
                .order_number
                .is_some_and(|number| stored.contains(&number))
            {
                ends.stored += 1;
            } else if dead.contains(&letter.body) {
                ends.dead += 1;
            } else {
                ends.waiting += 1;
            }
        }
        ends
    }
}

/// Follows the letters until each is stored or dead again, or time is up. Counts of AWS lag
/// behind, so that once they are at nought it is looked where the letters really are.
async fn follow(
    context: &Context<'_>,
    look: &Look,
    letters: &[DeadLetter],
    timeout: Duration,
) -> Result<Ends, CommandError> {
    let ends = Instant::now() + timeout;
    let moved = letters.len() as u64;
    loop {
        let orders = look.depth(&look.orders_url).await?;
        let dead = look.depth(&look.dead_url).await?;
        let counts = [
            ("retrying", orders.total()),
            ("dead-lettered", dead.total()),
        ];
        let counts = counts.map(|(label, done)| Count {
            label,
            done: done.min(moved),
            of: moved,
        });
        context.events().send(Event::Counts(counts.to_vec()));
        let late = Instant::now() >= ends;
        if orders.total() == 0 || late {
            let found = find(context, look, letters).await?;
            if found.waiting == 0 || late {
                return Ok(found);
            }
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

/// Looks where the letters are.
async fn find(
    context: &Context<'_>,
    look: &Look,
    letters: &[DeadLetter],
) -> Result<Ends, CommandError> {
    let ours: HashSet<u64> = letters
        .iter()
        .filter_map(|letter| letter.order_number)
        .collect();
    let mut stored = HashSet::new();
    look.items(|item| {
        if ours.contains(&item.number) {
            stored.insert(item.number);
        }
    })
    .await?;
    let dead = peek(context, &look.dead_url).await?;
    let dead = dead.into_iter().map(|letter| letter.body).collect();
    Ok(Ends::of(letters, &stored, &dead))
}

fn told(moved: u64, letters: usize, ends: &Ends) -> String {
    let mut text = format!(
        "{moved} of {letters} letters were moved back: {} are stored now",
        ends.stored
    );
    if ends.dead > 0 {
        text.push_str(&format!(
            ", {} are in the dead-letter queue again",
            ends.dead
        ));
    }
    if ends.waiting > 0 {
        text.push_str(&format!(", {} still wait", ends.waiting));
    }
    text.push('.');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_is_where_it_is_found_and_else_on_its_way() {
        let letter = |number: Option<u64>, body: &str| DeadLetter {
            message_id: String::new(),
            order_number: number,
            reason: String::new(),
            detail: String::new(),
            receive_count: 4,
            sent_at: 0,
            body: body.to_owned(),
            run: None,
            index: None,
        };
        let letters = [
            letter(Some(1), "good"),
            letter(Some(2), "bad"),
            letter(None, "unreadable"),
            letter(Some(3), "on its way"),
        ];
        let dead = ["bad", "unreadable", "another"].map(str::to_owned).into();
        let ends = Ends::of(&letters, &[1, 9].into(), &dead);
        let expected = Ends {
            stored: 1,
            dead: 2,
            waiting: 1,
        };
        assert_eq!(ends, expected);
    }
}
