//! What `dlq` shows of the lab's dead-letter queue.

use super::look::{Look, summary};
use super::report::{DeadLetterMessage, DlqReport, MessageGroup};
use super::why::{self, Attempts, FailedAttempt};
use super::{DlqArgs, fitting, some_of_each};
use crate::context::Context;
use crate::dlq::{DeadLetter, add_causes, meaning, reasons, unread};
use crate::error::CommandError;
use crate::lab::Lab;
use crate::messages::{Groups, MessageRecord, SelectionArgs};
use crate::system;
use crate::ui::{Cell, Report, Table, Tone, age, counted, number};

/// What the columns say, below the table.
const COLUMNS: &str =
    "FAILED: attempts of the processor. LOOKS: later receives, by dlq and others.";

pub(super) async fn report(
    args: &DlqArgs,
    lab: &Lab<'_>,
    depth: u64,
    mut look: Look,
) -> Result<Report<DlqReport>, CommandError> {
    add_causes(lab, &mut look.letters).await?;
    let age = |letter: &DeadLetter| (letter.sent_at, letter.message_id.clone());
    look.letters
        .sort_by(|one, other| (&one.reason, age(one)).cmp(&(&other.reason, age(other))));
    if args.group_by.is_none() {
        look.groups = by_reason(&look.letters);
    }
    let letters = &look.letters;
    let all: Vec<&DeadLetter> = letters.iter().collect();
    let as_table = |letters: &[&DeadLetter]| table(letters, args.full);
    let limit = args
        .limit()
        .unwrap_or_else(|| fitting(&all, look.groups.len(), is_alike, as_table));
    let shown = some_of_each(&all, limit, is_alike);
    let attempts = if args.why {
        Some(why::read(&lab.context, &shown).await?)
    } else {
        None
    };
    let queue = lab.context.names.dead_letter_queue();
    let report = Report::new(document(args, &look, attempts.as_ref(), &queue));
    let unread = unread(depth, usize::try_from(look.read).unwrap_or(usize::MAX));
    if letters.is_empty() {
        return nothing(lab, report, look.read, unread).await;
    }
    let all = counted(look.read, "dead letter");
    let count = match letters.len() as u64 {
        selected if selected == look.read => all,
        selected => format!("{} of {all}", number(selected)),
    };
    let groups = match args.group_by {
        Some(_) => summary(&look.groups, "Group", |_| String::new()),
        None => summary(&look.groups, "Reason", |reason| meaning(reason).to_owned()),
    };
    let beginning = format!("{count} in {queue}. All are still in the queue.");
    let mut report = report.text(beginning).table(groups);
    if !shown.is_empty() {
        report = report.table(table(&shown, args.full));
    }
    if let Some(attempts) = &attempts {
        report = report.table(why::table(&shown, attempts));
    }
    Ok(report
        .texts(more(&lab.context, shown.len(), letters.len()))
        .texts(unread)
        .texts(next(&lab.context, letters)))
}

fn is_alike(one: &DeadLetter, other: &DeadLetter) -> bool {
    one.reason == other.reason
}

/// The JSON document of dead letters in the order of their reasons.
fn document(args: &DlqArgs, look: &Look, attempts: Option<&Attempts>, queue: &str) -> DlqReport {
    let Look { letters, .. } = look;
    let unknown = (String::new(), MessageRecord::default());
    let message = |letter: &DeadLetter| {
        let (_, message) = look.messages.get(&letter.message_id).unwrap_or(&unknown);
        let attempts = attempts.and_then(|all| all.get(&letter.message_id));
        let attempts = attempts.map(|attempts| FailedAttempt::all(attempts));
        DeadLetterMessage::new(letter, message, attempts)
    };
    let all: Vec<&DeadLetter> = letters.iter().collect();
    let listed = some_of_each(&all, args.limit().unwrap_or(usize::MAX), is_alike);
    let reasons = reasons(letters).into_iter();
    DlqReport {
        queue: queue.to_owned(),
        read: look.read,
        selected: letters.len() as u64,
        messages: listed.into_iter().map(message).collect(),
        reasons: reasons
            .map(|(reason, count)| (reason.to_owned(), count))
            .collect(),
        groups: MessageGroup::all(&look.groups),
    }
}

/// What is said where no message is selected.
async fn nothing(
    lab: &Lab<'_>,
    report: Report<DlqReport>,
    read: u64,
    unread: Option<String>,
) -> Result<Report<DlqReport>, CommandError> {
    if let Some(unread) = unread {
        return Ok(report.text(unread));
    }
    if read > 0 {
        let read = counted(read, "dead letter");
        return Ok(report.text(format!("None of {read} is selected.")));
    }
    let empty = lab.empty_dead_letter_queue().await?;
    Ok(report.text(empty.text).text(empty.next))
}

fn by_reason(letters: &[DeadLetter]) -> Groups {
    let mut groups = Groups::default();
    for letter in letters {
        groups.add(letter.reason.clone(), &letter.message_id, letter.sent_at);
    }
    groups
}

fn table(letters: &[&DeadLetter], full: bool) -> Table {
    let last = if full { "Why, and body" } else { "Why" };
    let headings = ["Order number", "Failed", "Looks", "Age", last];
    let mut table = Table::new(headings).numeric([1, 2, 3]);
    if letters.iter().any(|letter| letter.looks().is_some()) {
        table = table.note(COLUMNS);
    }
    let now = system::now();
    for letter in letters {
        let order = letter
            .order_number
            .map_or_else(|| "unreadable".to_owned(), |number| number.to_string());
        let why = if full {
            format!("{}\n{}", letter.detail, letter.body)
        } else {
            letter.detail.clone()
        };
        table.row([
            Cell::from(order),
            Cell::from(letter.failed_receives.map(number).unwrap_or_default()),
            Cell::new(letter.looks().map(number).unwrap_or_default(), Tone::Dim),
            Cell::from(age(system::at(letter.sent_at), now)),
            Cell::from(why),
        ]);
    }
    table
}

/// How to see those that are not shown; `None` where all are.
fn more(context: &Context<'_>, shown: usize, all: usize) -> Option<String> {
    let more = all.checked_sub(shown).filter(|more| *more > 0)?;
    let command = context.again("dlq", &[&format!("--limit {all}")]);
    Some(format!("{} more: {command} shows all.", number(more)))
}

/// The reason that the advice knows how to repair: the fault of the original lab.
const PRICE: &str = "price_err";

/// What to do about them: the same selection, changed where the processor would refuse it again.
fn next(context: &Context<'_>, letters: &[DeadLetter]) -> Vec<String> {
    let selection = context.env.given.named(&SelectionArgs::NAMES).join(" ");
    let redrive = |more: &str| {
        let words = ["redrive", &selection, more];
        let words = words.into_iter().filter(|words| !words.is_empty());
        context.command(&words.collect::<Vec<_>>().join(" "))
    };
    let bad = letters.iter().filter(|one| one.would_fail_again()).count();
    if bad == 0 {
        let redrive = redrive("");
        return vec![format!(
            "Next: {redrive} moves them back to the orders queue, which stores them now if what went wrong has passed."
        )];
    }
    let which = match bad {
        all if all == letters.len() => "They fail again as they are.".to_owned(),
        1 => "1 of them fails again as it is.".to_owned(),
        some => format!("{} of them fail again as they are.", number(some)),
    };
    let has_prices = letters.iter().any(|one| one.reason == PRICE);
    if has_prices && (selection.is_empty() || letters.iter().all(|one| one.reason == PRICE)) {
        let reason = if selection.contains("--reason") {
            ""
        } else {
            "--reason price_err "
        };
        let repair = redrive(&format!("{reason}--set body.price_per_item=125.0"));
        let next = format!("Next: {repair} repairs the prices and moves them back.");
        return vec![which, next];
    }
    let repair = redrive("--set body.NAME=VALUE");
    let next = format!("Next: {repair} changes a member of each and moves them back.");
    vec![which, next]
}

#[cfg(test)]
mod tests {
    use super::super::{FEWEST, fitting_in};
    use super::*;

    fn fitting(reasons: &str, detail: &str, lines: u16, full: bool) -> usize {
        let letter = |reason: char| DeadLetter {
            reason: reason.to_string(),
            detail: detail.to_owned(),
            body: "a body of two\nlines".to_owned(),
            failed_receives: Some(3),
            ..DeadLetter::named("m")
        };
        let letters: Vec<DeadLetter> = reasons.chars().map(letter).collect();
        let all: Vec<&DeadLetter> = letters.iter().collect();
        let kinds = letters.chunk_by(is_alike).count();
        let table = |letters: &[&DeadLetter]| table(letters, full);
        fitting_in((80, lines), &all, kinds, is_alike, table)
    }

    #[test]
    fn as_many_as_fit_are_shown() {
        let shown = |detail: &str, lines, full| fitting(&"a".repeat(99), detail, lines, full);
        assert_eq!(shown("short", 24, false), 9);
        assert_eq!(shown(&"long ".repeat(15), 24, false), 4, "wrapped");
        assert_eq!(shown("short", 24, true), FEWEST);
        assert_eq!(shown("short", 5, false), FEWEST);
        assert_eq!(
            fitting("aabbccddeeff", "short", 5, false),
            6,
            "one of each reason"
        );
    }
}
