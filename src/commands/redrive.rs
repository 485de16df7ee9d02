//! `redrive`: moves the dead letters back to the queue of orders.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use clap::Args;
use tokio::time::Instant;

use super::account::{look_every, pause};
use crate::context::{CommandEnv, Context, Intent};
use crate::dlq::{DeadLetter, move_back, peek, unread};
use crate::drive::reader::LabReader;
use crate::error::CommandError;
use crate::globals::parse_duration;
use crate::host::Start;
use crate::ui::{Count, Event, Report, TaskState, counted};

/// How long letters are waited for that another look at the queue hides: as long as `dlq::peek`
/// hides them should it be killed.
const SHOWN_WITHIN: Duration = Duration::from_secs(20);
/// What the view calls that wait.
const TASK: &str = "dead letters";

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

pub(super) async fn redrive(args: &RedriveArgs, env: &CommandEnv) -> Result<Report, CommandError> {
    let context = env.connect(Start::default(), Intent::Change).await?;
    let reader = LabReader::at(&context).await?;
    let (letters, unread) = all_letters(&context, &reader).await?;
    let hopeless = letters
        .iter()
        .filter(|letter| letter.would_fail_again())
        .count();
    let report = Report::good().with("would_fail_again", hopeless);
    if letters.is_empty() {
        let empty = || "The dead-letter queue is empty; there is nothing to move.".to_owned();
        return Ok(report.with("moved", 0).text(unread.unwrap_or_else(empty)));
    }
    unread
        .into_iter()
        .for_each(|text| context.events().note(text));
    context.events().note(format!(
        "Moving {} back; {hopeless} of them will fail again for the same reason.",
        counted(letters.len(), "dead letter")
    ));
    let moved = move_back(&context, &reader.dead_url, &letters, look_every(&context)).await?;
    let report = report.with("moved", moved);
    if args.no_wait {
        let are = if moved == 1 { "is" } else { "are" };
        return Ok(report.text(format!(
            "{} {are} back in the queue of orders. Next: {} tells where the orders are.",
            counted(moved, "letter"),
            context.command("audit")
        )));
    }
    let ends = follow(&context, &reader, &letters, args.timeout).await?;
    Ok(report
        .passed(ends.waiting == 0)
        .with("stored", ends.stored)
        .with("dead_lettered", ends.dead)
        .with("waiting", ends.waiting)
        .text(told(moved, letters.len(), &ends)))
}

/// All letters, as far as they can be seen: those that another look hides are waited for. And what
/// to say of those that are counted and were not seen all the same.
async fn all_letters(
    context: &Context<'_>,
    reader: &LabReader,
) -> Result<(Vec<DeadLetter>, Option<String>), CommandError> {
    let began = Instant::now();
    let mut told = false;
    loop {
        let depth = reader.depth(&reader.dead_url).await?.total();
        let letters = peek(context, &reader.dead_url, depth).await?;
        let unread = unread(depth, letters.len());
        if unread.is_none() || began.elapsed() >= SHOWN_WITHIN {
            if told {
                let seen = format!("{} to be seen", counted(letters.len(), "letter"));
                context.events().task(TASK, TaskState::Done(seen));
            }
            return Ok((letters, unread));
        }
        if !std::mem::replace(&mut told, true) {
            let reason = "some are counted that another look at the queue hides".to_owned();
            let at_most = SHOWN_WITHIN;
            let state = TaskState::Waiting { reason, at_most };
            context.events().task(TASK, state);
        }
        tokio::select! {
            () = tokio::time::sleep(pause(context, began.elapsed())) => {}
            () = context.cancel().cancelled() => {
                return Err(CommandError::interrupted("interrupted; no dead letter was moved"));
            }
        }
    }
}

/// Where the letters are that were moved.
#[derive(Debug, Default, PartialEq, Eq)]
struct Ends {
    stored: u64,
    dead: u64,
    waiting: u64,
}

/// A place in a run, where a message told it.
type Place = Option<(String, u64)>;

impl Ends {
    /// Where each letter is, given what the table holds under their numbers, each with the place
    /// that it came from, and the letters in the dead-letter queue. A letter that was moved is a new
    /// message, and bodies may be alike; a letter of no run is known by its body alone.
    fn of(letters: &[DeadLetter], stored: &HashMap<u64, Place>, dead: &[DeadLetter]) -> Self {
        let same = |letter: &DeadLetter| (letter.place(), letter.body.clone());
        let dead: HashSet<(Place, String)> = dead.iter().map(same).collect();
        let mut ends = Self::default();
        for letter in letters {
            let item = letter.order_number.and_then(|number| stored.get(&number));
            // Another order may hold the letter's number; that one does not come from its place.
            if item.is_some_and(|item| *item == letter.place()) {
                ends.stored += 1;
            } else if dead.contains(&same(letter)) {
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
    reader: &LabReader,
    letters: &[DeadLetter],
    timeout: Duration,
) -> Result<Ends, CommandError> {
    let began = Instant::now();
    loop {
        let orders = reader.depth(&reader.orders_url).await?.total();
        let dead = reader.depth(&reader.dead_url).await?.total();
        context.events().send(counts(orders, dead, letters.len()));
        let late = began.elapsed() >= timeout;
        let mut before_the_next = look_every(context);
        if orders == 0 || late {
            let found = find(context, reader, letters).await?;
            if found.waiting == 0 || late {
                return Ok(found);
            }
            before_the_next = pause(context, began.elapsed());
        }
        tokio::select! {
            () = tokio::time::sleep(before_the_next) => {}
            () = context.cancel().cancelled() => {
                let go = if letters.len() == 1 { "goes" } else { "go" };
                let what = counted(letters.len(), "letter");
                return Err(CommandError::interrupted(format!("interrupted; the {what} moved back {go} on"))
                    .hint(format!("{} shows where they are.", context.command("status"))));
            }
        }
    }
}

fn counts(retrying: u64, dead: u64, letters: usize) -> Event {
    let of = letters as u64;
    let counts = [("retrying", retrying), ("dead-lettered", dead)].map(|(label, done)| Count {
        label,
        done: done.min(of),
        of,
    });
    Event::Counts(counts.to_vec())
}

/// Looks where the letters are.
async fn find(
    context: &Context<'_>,
    reader: &LabReader,
    letters: &[DeadLetter],
) -> Result<Ends, CommandError> {
    let ours: HashSet<u64> = letters
        .iter()
        .filter_map(|letter| letter.order_number)
        .collect();
    let mut stored = HashMap::new();
    reader
        .items(|item| {
            if ours.contains(&item.number) {
                stored.insert(item.number, item.place);
            }
        })
        .await?;
    let dead = peek(context, &reader.dead_url, letters.len() as u64).await?;
    Ok(Ends::of(letters, &stored, &dead))
}

fn told(moved: u64, letters: usize, ends: &Ends) -> String {
    // Letters that came after the look were moved as well.
    let letters = moved.max(letters as u64);
    let verb = |count: u64, one: &str, many: &str| if count == 1 { one } else { many }.to_owned();
    let mut text = format!(
        "{moved} of {} {} moved back: {} {} stored now",
        counted(letters, "letter"),
        verb(moved, "was", "were"),
        ends.stored,
        verb(ends.stored, "is", "are"),
    );
    if ends.dead > 0 {
        let is = verb(ends.dead, "is", "are");
        text.push_str(&format!(
            ", {} {is} in the dead-letter queue again",
            ends.dead
        ));
    }
    if ends.waiting > 0 {
        let waits = verb(ends.waiting, "still waits", "still wait");
        text.push_str(&format!(", {} {waits}", ends.waiting));
    }
    text.push('.');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn letter(number: Option<u64>, index: u64, body: &str) -> DeadLetter {
        DeadLetter {
            order_number: number,
            body: body.to_owned(),
            run: Some("r".to_owned()),
            index: Some(index),
            ..DeadLetter::named("m")
        }
    }

    #[test]
    fn a_letter_is_where_it_is_found_and_else_on_its_way() {
        let letters = [
            letter(Some(1), 1, "good"),
            letter(Some(2), 2, "bad"),
            letter(None, 3, "{}"),
            letter(None, 4, "{}"),
            letter(Some(5), 5, "of a number that another order has"),
        ];
        let place = |run: &str, index| Some((run.to_owned(), index));
        let stored = [(1, place("r", 1)), (9, None), (5, place("other", 5))].into();
        let dead = [letter(Some(2), 2, "bad"), letter(None, 3, "{}")];
        let ends = Ends::of(&letters, &stored, &dead);
        let expected = Ends {
            stored: 1,
            dead: 2,
            waiting: 2,
        };
        assert_eq!(ends, expected);
    }

    #[test]
    fn one_letter_is_spoken_of_as_one() {
        let mut ends = Ends {
            stored: 1,
            ..Ends::default()
        };
        let text = "1 of 1 letter was moved back: 1 is stored now.";
        assert_eq!(told(1, 1, &ends), text);
        (ends.stored, ends.dead, ends.waiting) = (0, 2, 1);
        let text = "3 of 3 letters were moved back: 0 are stored now, 2 are in the dead-letter queue again, 1 still waits.";
        assert_eq!(told(3, 3, &ends), text);
    }
}
