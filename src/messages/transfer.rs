//! Moving messages from one queue to another, changed or not, so that none is lost and none is sent
//! twice by us.
//!
//! A message is removed only when its successor was accepted, and the journal says before each send
//! which messages it is of. Where the reply to a send is lost, it is settled whether the successors
//! exist before anything is sent again. A successor names its predecessor in an attribute, where there
//! is room, so that it is known when it comes back to the source.

pub(crate) mod queues;

use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use self::queues::{Held, Queues, SendFailure, SendOutcome};
use super::attribute::Attribute;
use super::batch::Batcher;
use super::journal::{Journal, JournalError, MessageState};
use super::record::{MOST_ATTRIBUTES, MOST_BYTES, MessageRecord};

/// The attribute (String) of a successor with its predecessor's id.
pub(crate) const MOVED_FROM: &str = "orders-lab.moved-from";
/// The attribute (Number) with the time when the first of a line of successors was sent, in
/// milliseconds since the Unix epoch.
pub(crate) const FIRST_SENT_AT: &str = "orders-lab.first-sent-at";

/// A message to be sent, and the one that it succeeds.
struct Successor {
    held: Held,
    message: MessageRecord,
}

impl AsRef<MessageRecord> for Successor {
    fn as_ref(&self) -> &MessageRecord {
        &self.message
    }
}

/// What a transfer did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Transferred {
    /// How many were sent and removed.
    pub moved: u64,
    /// How many successors were in the source again. They are left there.
    pub came_back: u64,
    /// Those that were refused, and why. They are in the source.
    pub refused: Vec<(String, String)>,
    /// Those of which it is not known whether they were sent. They are in the source.
    pub uncertain: Vec<String>,
}

/// Why a transfer ended early.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TransferError<E> {
    /// A call failed.
    #[error("{0}")]
    Call(E),
    /// The journal cannot be written.
    #[error("the journal cannot be written: {0}")]
    Journal(#[from] JournalError),
    /// The user interrupted.
    #[error("interrupted")]
    Interrupted,
}

/// A transfer under way.
pub(crate) struct Transfer<'a, Q: Queues, H, P> {
    queues: &'a Q,
    journal: Mutex<Journal<H>>,
    /// The successor of a message; `None` for one that stays.
    plan: P,
    cancel: &'a CancellationToken,
    progress: Mutex<Progress>,
}

struct Progress {
    done: Transferred,
    /// Those of which it is not known whether they were sent.
    unsettled: Vec<Held>,
    /// The ids of messages whose successors are in the source.
    predecessors: HashSet<String>,
    /// The ids of all messages that were received.
    taken: HashSet<String>,
}

impl<'a, Q, H, P> Transfer<'a, Q, H, P>
where
    Q: Queues,
    H: Serialize + DeserializeOwned,
    P: Fn(&MessageRecord) -> Option<MessageRecord>,
{
    /// A transfer of what `plan` selects and changes.
    pub(crate) fn new(
        queues: &'a Q,
        journal: Journal<H>,
        plan: P,
        cancel: &'a CancellationToken,
    ) -> Self {
        let progress = Progress {
            done: Transferred::default(),
            unsettled: Vec::new(),
            predecessors: HashSet::new(),
            taken: HashSet::new(),
        };
        Self {
            queues,
            journal: Mutex::new(journal),
            plan,
            cancel,
            progress: Mutex::new(progress),
        }
    }

    /// Moves all that the source holds, with so many batches under way at once.
    ///
    /// # Errors
    /// When a call fails, the journal cannot be written, or the user interrupts. What was not moved is
    /// in the source, and the same transfer goes on from there with its journal.
    pub(crate) async fn run(&self, workers: usize) -> Result<Transferred, TransferError<Q::Error>> {
        let work = (0..workers.max(1)).map(|_| self.work());
        let worked = futures_util::future::join_all(work).await;
        let outcome = match worked.into_iter().find_map(Result::err) {
            Some(error) => Err(error),
            None => self.settle().await,
        };
        self.queues.release().await;
        outcome?;
        let mut done = self.progress().done.clone();
        let unsettled = std::mem::take(&mut self.progress().unsettled);
        done.uncertain = unsettled.iter().map(|held| held.id().to_owned()).collect();
        Ok(done)
    }

    async fn work(&self) -> Result<(), TransferError<Q::Error>> {
        loop {
            if self.cancel.is_cancelled() {
                return Err(TransferError::Interrupted);
            }
            let held = self.queues.receive().await.map_err(TransferError::Call)?;
            let new = self.take_up(held).await?;
            // Those that were taken up before come again where they were hidden for too short a time.
            if new.is_empty() {
                return Ok(());
            }
            self.advance(new).await?;
        }
    }

    /// The messages that were not received before. The others are hidden again, or removed where they
    /// were sent.
    async fn take_up(&self, held: Vec<Held>) -> Result<Vec<Held>, TransferError<Q::Error>> {
        let (new, before): (Vec<Held>, Vec<Held>) = held.into_iter().partition(|one| {
            let id = one.id().to_owned();
            self.progress().taken.insert(id)
        });
        let (sent, others): (Vec<Held>, Vec<Held>) =
            before.into_iter().partition(|one| match self.state(one) {
                MessageState::Sent(_) | MessageState::Removed => true,
                MessageState::Unsent | MessageState::Sending => false,
            });
        others.iter().for_each(|one| self.queues.keep(one));
        self.remove(sent).await?;
        Ok(new)
    }

    /// Takes each message as far as it gets.
    async fn advance(&self, held: Vec<Held>) -> Result<(), TransferError<Q::Error>> {
        let (mut unsent, mut sent) = (Vec::new(), Vec::new());
        for one in held {
            if self.is_successor(&one.message) {
                self.queues.keep(&one);
                continue;
            }
            match self.state(&one) {
                MessageState::Unsent => match (self.plan)(&one.message) {
                    Some(successor) => unsent.push(Successor {
                        message: marked(successor, &one.message),
                        held: one,
                    }),
                    None => self.queues.keep(&one),
                },
                MessageState::Sending => self.leave_unsettled(one),
                // A removed message that comes again was not removed everywhere.
                MessageState::Sent(_) | MessageState::Removed => sent.push(one),
            }
        }
        self.remove(sent).await?;
        let mut batches = Batcher::default();
        for successor in unsent {
            if let Some(full) = batches.add(successor) {
                self.move_batch(full).await?;
            }
        }
        match batches.take() {
            Some(last) => self.move_batch(last).await,
            None => Ok(()),
        }
    }

    fn state(&self, held: &Held) -> MessageState {
        self.journal().state(held.id())
    }

    /// Whether a message of the source is a successor that this transfer sent.
    fn is_successor(&self, message: &MessageRecord) -> bool {
        let predecessor = message.attributes.get(MOVED_FROM).map(Attribute::text);
        let journal = self.journal();
        let predecessor =
            predecessor.filter(|predecessor| journal.state(predecessor) != MessageState::Unsent);
        let is_known = journal.is_successor(&message.message_id) || predecessor.is_some();
        if is_known {
            let mut progress = self.progress();
            progress.done.came_back += 1;
            progress.predecessors.extend(predecessor);
        }
        is_known
    }

    async fn move_batch(&self, batch: Vec<Successor>) -> Result<(), TransferError<Q::Error>> {
        let sent = self.send(batch).await?;
        self.remove(sent).await
    }

    /// Sends a batch. Returns the messages whose successors were accepted.
    async fn send(&self, batch: Vec<Successor>) -> Result<Vec<Held>, TransferError<Q::Error>> {
        let ids = || batch.iter().map(|one| one.held.id().to_owned()).collect();
        self.journal().sending(ids())?;
        let messages: Vec<&MessageRecord> = batch.iter().map(|one| &one.message).collect();
        match self.queues.send(&messages).await {
            Ok(outcomes) => self.record(batch, outcomes),
            Err(SendFailure::NotSent(error)) => {
                self.journal().unsent(ids())?;
                batch.iter().for_each(|one| self.queues.keep(&one.held));
                Err(TransferError::Call(error))
            }
            Err(SendFailure::Unknown(_)) => {
                batch
                    .into_iter()
                    .for_each(|one| self.leave_unsettled(one.held));
                Ok(Vec::new())
            }
        }
    }

    /// Records what came of a send. Returns the messages whose successors were accepted.
    fn record(
        &self,
        batch: Vec<Successor>,
        outcomes: Vec<SendOutcome>,
    ) -> Result<Vec<Held>, TransferError<Q::Error>> {
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        let mut successors = BTreeMap::new();
        for (Successor { held, .. }, outcome) in batch.into_iter().zip(outcomes) {
            match outcome {
                SendOutcome::Accepted(id) => {
                    successors.insert(held.id().to_owned(), id);
                    accepted.push(held);
                }
                SendOutcome::Refused(why) => refused.push((held, why)),
            }
        }
        self.journal().sent(successors)?;
        if !refused.is_empty() {
            let ids = refused.iter().map(|(one, _)| one.id().to_owned()).collect();
            self.journal().unsent(ids)?;
        }
        let mut progress = self.progress();
        for (one, why) in refused {
            progress.done.refused.push((one.id().to_owned(), why));
            self.queues.keep(&one);
        }
        Ok(accepted)
    }

    async fn remove(&self, sent: Vec<Held>) -> Result<(), TransferError<Q::Error>> {
        if sent.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.queues.remove(&sent).await {
            sent.iter().for_each(|one| self.queues.keep(one));
            return Err(TransferError::Call(error));
        }
        let ids: Vec<String> = sent.iter().map(|one| one.id().to_owned()).collect();
        let is_new = |id: &&String| self.journal().state(id) != MessageState::Removed;
        let moved = ids.iter().filter(is_new).count() as u64;
        self.journal().removed(ids)?;
        let mut progress = self.progress();
        progress.done.moved += moved;
        self.queues.report(progress.done.moved);
        Ok(())
    }

    /// Finds out which of the messages without a reply were sent. The others are sent again, or stay
    /// where it is not known.
    async fn settle(&self) -> Result<(), TransferError<Q::Error>> {
        let unsettled = std::mem::take(&mut self.progress().unsettled);
        if unsettled.is_empty() {
            return Ok(());
        }
        let found = match self.queues.find_successors(&unsettled).await {
            Ok(found) => found,
            Err(error) => {
                self.progress().unsettled.extend(unsettled);
                return Err(TransferError::Call(error));
            }
        };
        let mut again = Vec::new();
        for one in unsettled {
            let came_back = self.progress().predecessors.contains(one.id());
            match found.get(one.id()).or(came_back.then_some(&true)) {
                Some(true) => {
                    let successor = BTreeMap::from([(one.id().to_owned(), String::new())]);
                    self.journal().sent(successor)?;
                    again.push(one);
                }
                Some(false) => {
                    self.journal().unsent(vec![one.id().to_owned()])?;
                    again.push(one);
                }
                None => self.progress().unsettled.push(one),
            }
        }
        self.advance(again).await
    }

    fn leave_unsettled(&self, held: Held) {
        self.queues.keep(&held);
        self.progress().unsettled.push(held);
    }

    fn journal(&self) -> MutexGuard<'_, Journal<H>> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn progress(&self) -> MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A successor that names its predecessor, and says when the first was sent, where there is room.
fn marked(mut successor: MessageRecord, predecessor: &MessageRecord) -> MessageRecord {
    let id = Attribute::string(&predecessor.message_id);
    let sent_at = predecessor.sent_at.map(Attribute::number);
    let sent_at = sent_at.filter(|_| !successor.attributes.contains_key(FIRST_SENT_AT));
    for (name, value) in [(MOVED_FROM, Some(id)), (FIRST_SENT_AT, sent_at)] {
        let has_room =
            successor.attributes.len() < MOST_ATTRIBUTES || successor.attributes.contains_key(name);
        let Some(value) = value.filter(|_| has_room) else {
            continue;
        };
        let before = successor.attributes.insert(name.to_owned(), value);
        if successor.size() > MOST_BYTES {
            successor.attributes.remove(name);
            let restored = before.map(|before| (name.to_owned(), before));
            successor.attributes.extend(restored);
        }
    }
    successor
}

#[cfg(test)]
mod tests;
