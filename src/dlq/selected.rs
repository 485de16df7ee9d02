//! Moving some of the lab's dead letters back, changed or not, by a transfer with a journal.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use order::Order;
use serde::{Deserialize, Serialize};

use super::{DeadLetter, repairs};
use crate::context::Context;
use crate::error::{CommandError, ErrorKind};
use crate::home;
use crate::lab::Lab;
use crate::messages::{
    Attendant, Change, Facts, Held, Journal, JournalError, MOVED_FROM, MessageRecord, Selection,
    SelectionArgs, SqsQueues, Transfer, TransferError, Transferred, read_all,
};
use crate::runs::OrderId;

/// How many batches are under way at a time.
const WORKERS: usize = 8;
/// How long is waited for the queue of orders to be empty, before it is decided whether a message
/// without a reply was sent. More than three attempts take.
const EMPTY_WITHIN: Duration = Duration::from_secs(300);
/// The pause between two looks at it.
const LOOK: Duration = Duration::from_millis(500);

/// What a redrive is: the head of its journal.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RedriveHeader {
    /// The words of its command line, to be parsed again.
    pub words: Vec<String>,
    /// When it began, in milliseconds since the Unix epoch.
    pub started_ms: u64,
}

/// Which dead letters are moved, and how they are changed.
#[derive(Debug)]
pub(crate) struct RedrivePlan<'a> {
    /// Which.
    pub selection: &'a SelectionArgs,
    /// The changes, in their order.
    pub changes: &'a [Change],
    /// How many at most.
    pub limit: Option<u64>,
    /// How many a second at most.
    pub rate: Option<u32>,
}

/// A dead letter that is selected, before and after the changes.
#[derive(Debug)]
pub(crate) struct Planned {
    /// As it is in the dead-letter queue.
    pub before: DeadLetter,
    /// As it will be sent; why it cannot be changed, where it cannot.
    pub after: Result<MessageRecord, String>,
}

/// Applies a plan to dead letters, one after another.
struct Planner<'a> {
    plan: &'a RedrivePlan<'a>,
    selection: Selection<'a>,
    selected: u64,
}

impl<'a> Planner<'a> {
    /// A planner for a redrive that has selected some before it was interrupted.
    fn new(plan: &'a RedrivePlan<'a>, started_ms: u64, selected: u64) -> Self {
        Self {
            plan,
            selection: Selection::new(plan.selection, started_ms),
            selected,
        }
    }

    /// What becomes of a message; `None` where it is not selected.
    fn plan(&mut self, message: &MessageRecord) -> Option<Planned> {
        if self.plan.limit.is_some_and(|limit| self.selected >= limit) {
            return None;
        }
        let before = DeadLetter::of(message.clone());
        let facts = Facts {
            reason: Some(&before.reason),
            order: before.order_number,
            run: before.run.as_deref(),
        };
        if !self.selection.selects(message, facts) {
            return None;
        }
        self.selected += 1;
        let after = changed(message, self.plan.changes);
        Some(Planned { before, after })
    }
}

/// A message after the changes.
fn changed(message: &MessageRecord, changes: &[Change]) -> Result<MessageRecord, String> {
    let mut changed = message.clone();
    for change in changes {
        changed.body = change
            .apply(&changed.body)
            .map_err(|problem| problem.to_string())?;
    }
    match changed.problem() {
        Some(problem) => Err(problem),
        None => Ok(changed),
    }
}

/// Reads the dead letters and plans, and moves nothing.
///
/// # Errors
/// When the target refuses or cannot be reached, or the user interrupts.
pub(crate) async fn rehearse(
    lab: &Lab<'_>,
    plan: &RedrivePlan<'_>,
    now_ms: u64,
    mut each: impl FnMut(Planned),
) -> Result<(), CommandError> {
    let depth = lab.reader.dead_letter_depth().await?.total();
    let mut planner = Planner::new(plan, now_ms, 0);
    let url = lab.reader.dead_letter_url();
    read_all(&lab.context, url, depth, |message| {
        planner.plan(&message).into_iter().for_each(&mut each);
    })
    .await?;
    warn(&lab.context, &planner.selection);
    Ok(())
}

fn warn(context: &Context<'_>, selection: &Selection<'_>) {
    let warning = selection.warning();
    warning
        .into_iter()
        .for_each(|text| context.events().warn(text));
}

/// What a redrive of selected messages did.
#[derive(Debug, Default)]
pub(crate) struct Redriven {
    /// By the transfer's own account.
    pub transferred: Transferred,
    /// Those that were moved by this command, as they were sent.
    pub moved: Vec<DeadLetter>,
    /// The ids of those that could not be changed, and why. They are where they were.
    pub unchangeable: Vec<(String, String)>,
}

/// Moves what the plan selects, and writes the journal.
///
/// # Errors
/// When a call fails, the journal cannot be written, or the user interrupts. The same redrive goes on
/// from there with its journal.
pub(crate) async fn move_selected(
    lab: &Lab<'_>,
    plan: &RedrivePlan<'_>,
    journal: Journal<RedriveHeader>,
) -> Result<Redriven, TransferError<CommandError>> {
    let context = &lab.context;
    let call = |failure: crate::aws::AwsFailure| TransferError::Call(failure.into());
    let depth = lab.reader.dead_letter_depth().await.map_err(call)?.total();
    let attendant = LabAttendant {
        lab,
        repairs: context.lab_directory(),
        selected: Cell::new(0),
    };
    let urls = (lab.reader.dead_letter_url(), lab.reader.orders_url());
    let queues = SqsQueues::new(context, urls, depth, plan.rate, &attendant);
    let before = (journal.sent_count() + journal.uncertain().len()) as u64;
    let planner = Planner::new(plan, journal.header().started_ms, before);
    let planner = RefCell::new(planner);
    let moved = RefCell::new(HashMap::new());
    let unchangeable = RefCell::new(Vec::new());
    let select = |message: &MessageRecord| {
        let planned = planner.borrow_mut().plan(message)?;
        match planned.after {
            Ok(after) => {
                attendant.selected.update(|selected| selected + 1);
                let letter = DeadLetter::of(after.clone());
                moved
                    .borrow_mut()
                    .insert(message.message_id.clone(), letter);
                Some(after)
            }
            Err(why) => {
                let id = planned.before.message_id;
                unchangeable.borrow_mut().push((id, why));
                None
            }
        }
    };
    let transfer = Transfer::new(&queues, journal, select, context.cancel());
    let transferred = transfer.run(workers(plan.rate)).await?;
    warn(context, &planner.borrow().selection);
    let mut moved = moved.into_inner();
    let refused = transferred.refused.iter().map(|(id, _)| id);
    for id in refused.chain(&transferred.uncertain) {
        moved.remove(id);
    }
    Ok(Redriven {
        transferred,
        moved: moved.into_values().collect(),
        unchangeable: unchangeable.into_inner(),
    })
}

/// How many batches are under way at a time: few where few messages are sent a second, so that an
/// interruption ends soon.
fn workers(rate: Option<u32>) -> usize {
    let wanted = rate.map_or(WORKERS, |rate| 1 + rate as usize / 50);
    wanted.min(WORKERS)
}

/// What a transfer must know of orders.
struct LabAttendant<'a> {
    lab: &'a Lab<'a>,
    /// The lab's directory.
    repairs: PathBuf,
    /// How many messages were selected so far.
    selected: Cell<u64>,
}

impl LabAttendant<'_> {
    /// Waits until the queue of orders is empty, by its own count.
    async fn wait_for_empty_queue(&self) -> Result<bool, CommandError> {
        let began = tokio::time::Instant::now();
        loop {
            if self.lab.reader.orders_depth().await?.total() == 0 {
                return Ok(true);
            }
            let is_late = began.elapsed() > EMPTY_WITHIN;
            if is_late || self.lab.context.cancel().is_cancelled() {
                return Ok(false);
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// The ids of the messages whose successors are in the dead-letter queue.
    async fn dead_again(&self) -> Result<HashSet<String>, CommandError> {
        let Lab { context, reader } = self.lab;
        let depth = reader.dead_letter_depth().await?.total();
        let mut found = HashSet::new();
        read_all(context, reader.dead_letter_url(), depth, |message| {
            found.extend(message.attributes.get(MOVED_FROM).map(|id| id.text()));
        })
        .await?;
        Ok(found)
    }

    /// The orders that the table holds.
    async fn stored(&self, wanted: &HashSet<OrderId>) -> Result<HashSet<OrderId>, CommandError> {
        let mut found = HashSet::new();
        self.lab
            .reader
            .for_each_order(|order| {
                let id = order.id.filter(|id| wanted.contains(id));
                found.extend(id);
            })
            .await?;
        Ok(found)
    }
}

impl Attendant for LabAttendant<'_> {
    fn selected(&self) -> u64 {
        self.selected.get()
    }

    fn before_send(&self, batch: &[&MessageRecord]) -> Result<(), CommandError> {
        let repaired: Vec<(OrderId, Order)> = batch
            .iter()
            .filter_map(|message| {
                let order = order::parse(message.body.as_bytes()).ok()?;
                let id = DeadLetter::of((*message).clone()).order_id()?;
                Some((id, order))
            })
            .collect();
        repairs::record(&self.repairs, &repaired)
    }

    /// Once the queue of orders is empty, a message that was sent is in the table or in the dead-letter
    /// queue again.
    async fn find(&self, held: &[Held]) -> Result<HashMap<String, bool>, CommandError> {
        let is_certain = self.wait_for_empty_queue().await?;
        let dead_again = self.dead_again().await?;
        let letters: Vec<DeadLetter> = held
            .iter()
            .map(|one| DeadLetter::of(one.message.clone()))
            .collect();
        let wanted = letters.iter().filter_map(DeadLetter::order_id).collect();
        let stored = self.stored(&wanted).await?;
        Ok(letters
            .into_iter()
            .filter_map(|letter| {
                let id = letter.order_id();
                let is_stored = id.as_ref().is_some_and(|id| stored.contains(id));
                let is_sent = is_stored || dead_again.contains(&letter.message_id);
                // An order of no run cannot be told from others in the table.
                let is_known = is_sent || (is_certain && id.is_some());
                is_known.then_some((letter.message_id, is_sent))
            })
            .collect())
    }
}

/// Where the journals of a lab's redrives are.
fn journals(context: &Context<'_>) -> PathBuf {
    context.lab_directory().join("redrives")
}

/// The journals of redrives that did not end.
///
/// # Errors
/// When the directory cannot be read.
pub(crate) fn unfinished(context: &Context<'_>) -> Result<Vec<PathBuf>, CommandError> {
    let mut paths = home::files(&journals(context))?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "ndjson"));
    paths.sort();
    Ok(paths)
}

/// Begins the journal of a redrive.
///
/// # Errors
/// When it cannot be written.
pub(crate) fn begin(
    context: &Context<'_>,
    header: RedriveHeader,
) -> Result<(Journal<RedriveHeader>, PathBuf), CommandError> {
    let directory = journals(context);
    home::make_directory(&directory)?;
    let path = directory.join(format!("{}.ndjson", header.started_ms));
    let journal = Journal::create(&path, header).map_err(|error| unusable(&path, error))?;
    Ok((journal, path))
}

/// Opens the journal of a redrive that did not end.
///
/// # Errors
/// When it cannot be read, or another process is at work on it.
pub(crate) fn reopen(path: &Path) -> Result<Journal<RedriveHeader>, CommandError> {
    Journal::open(path).map_err(|error| unusable(path, error))
}

/// The error of a journal that cannot be used.
pub(crate) fn unusable(path: &Path, error: JournalError) -> CommandError {
    match error {
        JournalError::Busy => CommandError::new(
            ErrorKind::Refused,
            "another redrive of this lab is under way, in another process",
        )
        .hint("Wait until it has ended."),
        error => {
            CommandError::environment(format!("the journal {} cannot be used", path.display()))
                .because(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_messages_a_second_take_one_worker() {
        assert_eq!(
            [Some(5), Some(200), Some(500), None].map(workers),
            [1, 5, 8, 8]
        );
    }

    #[test]
    fn a_resumed_redrive_has_one_limit() {
        let selection = SelectionArgs::default();
        let plan = RedrivePlan {
            selection: &selection,
            changes: &[],
            limit: Some(3),
            rate: None,
        };
        let message = MessageRecord {
            body: "b".to_owned(),
            ..MessageRecord::default()
        };
        let selected = |before| {
            let mut planner = Planner::new(&plan, 0, before);
            (0..5).filter_map(|_| planner.plan(&message)).count()
        };
        assert_eq!([0, 2, 3].map(selected), [3, 1, 0]);
    }
}
