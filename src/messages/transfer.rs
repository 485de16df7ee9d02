//! Moving messages from one queue to another, changed or not, so that none is lost and none is sent
//! twice by us.
//!
//! A message is removed only when its successor was accepted, and the journal says before each send
//! which messages it is of. Where the reply to a send is lost, it is settled whether the successors
//! exist before anything is sent again.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio_util::sync::CancellationToken;

use super::journal::{Journal, JournalError, MessageState};

/// How many messages a call takes.
const BATCH: usize = 10;

/// A message that was received and is hidden.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Held<M> {
    /// Its id.
    pub id: String,
    /// The handle of this receive.
    pub receipt_handle: String,
    /// The message.
    pub message: M,
}

/// What came of sending one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum SendOutcome {
    /// It was accepted, under this id.
    Accepted(String),
    /// It was refused, for this reason.
    Refused(String),
}

/// Why a whole send failed.
#[derive(Debug)]
pub(crate) enum SendFailure<E> {
    /// Nothing was sent.
    NotSent(E),
    /// Whether anything was sent is not known: there was no reply.
    Unknown(E),
}

/// What a transfer does to its two queues.
pub(crate) trait Queues {
    /// A message.
    type Message;
    /// Why a call failed.
    type Error;

    /// Up to ten messages of the source, hidden for some minutes. None when there are no more.
    async fn receive(&self) -> Result<Vec<Held<Self::Message>>, Self::Error>;

    /// Sends up to ten messages, each with the id of the one that it succeeds. One outcome for each.
    async fn send(
        &self,
        batch: &[(&str, Self::Message)],
    ) -> Result<Vec<SendOutcome>, SendFailure<Self::Error>>;

    /// Removes messages from the source. One whose handle has expired may stay: it is received again.
    async fn remove(&self, held: &[Held<Self::Message>]) -> Result<(), Self::Error>;

    /// Keeps a message hidden until the end, so that it is received once.
    fn keep(&self, held: &Held<Self::Message>);

    /// Makes all kept messages visible again.
    async fn release(&self);

    /// Whether the successors of these messages exist or existed. What is not in the answer is not
    /// known.
    async fn find_successors(&self, ids: &[String]) -> Result<HashMap<String, bool>, Self::Error>;
}

/// What a transfer did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Transferred {
    /// How many were sent and removed.
    pub moved: u64,
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
    progress: Mutex<Progress<Q::Message>>,
}

struct Progress<M> {
    done: Transferred,
    /// Those of which it is not known whether they were sent.
    unsettled: Vec<Held<M>>,
}

impl<'a, Q, H, P> Transfer<'a, Q, H, P>
where
    Q: Queues,
    H: Serialize + DeserializeOwned,
    P: Fn(&Q::Message) -> Option<Q::Message>,
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
        done.uncertain = unsettled.into_iter().map(|held| held.id).collect();
        Ok(done)
    }

    async fn work(&self) -> Result<(), TransferError<Q::Error>> {
        loop {
            if self.cancel.is_cancelled() {
                return Err(TransferError::Interrupted);
            }
            let held = self.queues.receive().await.map_err(TransferError::Call)?;
            if held.is_empty() {
                return Ok(());
            }
            self.advance(held).await?;
        }
    }

    /// Takes each message as far as it gets.
    async fn advance(&self, held: Vec<Held<Q::Message>>) -> Result<(), TransferError<Q::Error>> {
        let (mut unsent, mut sent) = (Vec::new(), Vec::new());
        for one in held {
            match self.journal().state(&one.id) {
                MessageState::Unsent => match (self.plan)(&one.message) {
                    Some(successor) => unsent.push((one, successor)),
                    None => self.queues.keep(&one),
                },
                MessageState::Sending => self.leave_unsettled(one),
                // A removed message that comes again was not removed everywhere.
                MessageState::Sent(_) | MessageState::Removed => sent.push(one),
            }
        }
        sent.extend(self.send(unsent).await?);
        self.remove(sent).await
    }

    /// Sends messages. Returns those whose successors were accepted.
    async fn send(
        &self,
        unsent: Vec<(Held<Q::Message>, Q::Message)>,
    ) -> Result<Vec<Held<Q::Message>>, TransferError<Q::Error>> {
        if unsent.is_empty() {
            return Ok(Vec::new());
        }
        let (held, successors): (Vec<_>, Vec<_>) = unsent.into_iter().unzip();
        let ids = || held.iter().map(|one| one.id.clone()).collect();
        self.journal().sending(ids())?;
        let batch: Vec<_> = held.iter().map(|one| one.id.as_str()).zip(successors).collect();
        let outcomes = match self.queues.send(&batch).await {
            Ok(outcomes) => outcomes,
            Err(SendFailure::NotSent(error)) => {
                self.journal().unsent(ids())?;
                held.iter().for_each(|one| self.queues.keep(one));
                return Err(TransferError::Call(error));
            }
            Err(SendFailure::Unknown(_)) => {
                held.into_iter().for_each(|one| self.leave_unsettled(one));
                return Ok(Vec::new());
            }
        };
        self.record(held, outcomes)
    }

    /// Records what came of a send. Returns the messages whose successors were accepted.
    fn record(
        &self,
        held: Vec<Held<Q::Message>>,
        outcomes: Vec<SendOutcome>,
    ) -> Result<Vec<Held<Q::Message>>, TransferError<Q::Error>> {
        let (mut accepted, mut refused) = (Vec::new(), Vec::new());
        let mut successors = BTreeMap::new();
        for (one, outcome) in held.into_iter().zip(outcomes) {
            match outcome {
                SendOutcome::Accepted(id) => {
                    successors.insert(one.id.clone(), id);
                    accepted.push(one);
                }
                SendOutcome::Refused(why) => refused.push((one, why)),
            }
        }
        self.journal().sent(successors)?;
        if !refused.is_empty() {
            let ids = refused.iter().map(|(one, _)| one.id.clone()).collect();
            self.journal().unsent(ids)?;
        }
        let mut progress = self.progress();
        for (one, why) in refused {
            progress.done.refused.push((one.id.clone(), why));
            self.queues.keep(&one);
        }
        Ok(accepted)
    }

    async fn remove(&self, sent: Vec<Held<Q::Message>>) -> Result<(), TransferError<Q::Error>> {
        if sent.is_empty() {
            return Ok(());
        }
        if let Err(error) = self.queues.remove(&sent).await {
            sent.iter().for_each(|one| self.queues.keep(one));
            return Err(TransferError::Call(error));
        }
        let ids: Vec<String> = sent.iter().map(|one| one.id.clone()).collect();
        let is_new = |id: &&String| self.journal().state(id) != MessageState::Removed;
        let moved = ids.iter().filter(is_new).count() as u64;
        self.journal().removed(ids)?;
        self.progress().done.moved += moved;
        Ok(())
    }

    /// Finds out which of the messages without a reply were sent. The others are sent again, or stay
    /// where it is not known.
    async fn settle(&self) -> Result<(), TransferError<Q::Error>> {
        let unsettled = std::mem::take(&mut self.progress().unsettled);
        if unsettled.is_empty() {
            return Ok(());
        }
        let ids: Vec<String> = unsettled.iter().map(|one| one.id.clone()).collect();
        let found = self.queues.find_successors(&ids).await;
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                self.progress().unsettled.extend(unsettled);
                return Err(TransferError::Call(error));
            }
        };
        let mut again = Vec::new();
        for one in unsettled {
            match found.get(&one.id) {
                Some(true) => {
                    let successor = BTreeMap::from([(one.id.clone(), String::new())]);
                    self.journal().sent(successor)?;
                    again.push(one);
                }
                Some(false) => {
                    self.journal().unsent(vec![one.id.clone()])?;
                    again.push(one);
                }
                None => self.progress().unsettled.push(one),
            }
        }
        while !again.is_empty() {
            let rest = again.split_off(again.len().min(BATCH));
            self.advance(std::mem::replace(&mut again, rest)).await?;
        }
        Ok(())
    }

    fn leave_unsettled(&self, held: Held<Q::Message>) {
        self.queues.keep(&held);
        self.progress().unsettled.push(held);
    }

    fn journal(&self) -> MutexGuard<'_, Journal<H>> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn progress(&self) -> MutexGuard<'_, Progress<Q::Message>> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
