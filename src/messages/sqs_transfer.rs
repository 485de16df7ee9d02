//! The two queues of a transfer, in SQS.

use std::collections::HashMap;
use std::sync::{Mutex as StdMutex, PoisonError};
use std::time::Duration;

use aws_sdk_sqs::operation::receive_message::builders::ReceiveMessageFluentBuilder;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::reading::{Reading, delete_batch};
use super::record::MessageRecord;
use super::transfer::queues::{Held, Queues, SendFailure, SendOutcome};
use crate::aws::{Answer as _, AwsFailure, Class, one_attempt};
use crate::backoff::Backoff;
use crate::context::Context;
use crate::error::CommandError;
use crate::ui::{Event, Events, Live, counted};

/// How often a batch is sent while SQS throttles: with the pauses, for a minute.
const THROTTLED_TRIES: u32 = 12;
const THROTTLED: Backoff = Backoff::doubling(Duration::from_millis(500), Duration::from_secs(10));

/// What an interrupted transfer says.
pub(crate) const INTERRUPTED: &str = "interrupted; what was not moved is where it was";

/// What depends on what the messages are about.
pub(crate) trait Attendant {
    /// How many messages were selected so far.
    fn selected(&self) -> u64;

    /// What must be on record before these messages are sent.
    ///
    /// # Errors
    /// When that fails: they are not sent.
    fn before_send(&self, batch: &[&MessageRecord]) -> Result<(), CommandError>;

    /// Whether the successors of these messages, by their ids, exist or existed. What is not in the
    /// answer is not known.
    async fn find(&self, held: &[Held]) -> Result<HashMap<String, bool>, CommandError>;
}

/// A source and a destination.
pub(crate) struct SqsQueues<'a, A> {
    sqs: aws_sdk_sqs::Client,
    events: Events,
    source: String,
    destination: String,
    /// What receives from the source.
    receive: ReceiveMessageFluentBuilder,
    reading: Mutex<Reading>,
    /// What is to be kept hidden once `reading` is free.
    kept: StdMutex<Vec<Held>>,
    pace: Pace,
    cancel: CancellationToken,
    attendant: &'a A,
}

impl<'a, A: Attendant> SqsQueues<'a, A> {
    /// From the queue with the one URL, which holds `depth` messages by its own count, to that with the
    /// other, at most `rate` messages a second.
    pub(crate) fn new(
        context: &Context<'_>,
        (source, destination): (&str, &str),
        depth: u64,
        rate: Option<u32>,
        attendant: &'a A,
    ) -> Self {
        let reading = Reading::new(context, source, depth);
        Self {
            sqs: context.clients.sqs.clone(),
            events: context.events().clone(),
            source: source.to_owned(),
            destination: destination.to_owned(),
            receive: reading.receive(),
            reading: Mutex::new(reading),
            kept: StdMutex::default(),
            pace: Pace::new(rate),
            cancel: context.cancel().clone(),
            attendant,
        }
    }

    async fn try_send(&self, batch: &[&MessageRecord]) -> Result<Vec<SendOutcome>, AwsFailure> {
        let entries = batch.iter().enumerate();
        let entries = entries.map(|(place, message)| message.entry(&place.to_string()));
        let reply = self
            .sqs
            .send_message_batch()
            .queue_url(&self.destination)
            .set_entries(Some(entries.collect()))
            .customize()
            .config_override(one_attempt())
            .send()
            .await
            .of_call("sqs:SendMessageBatch")?;
        let not_named = || SendOutcome::Refused("SQS did not say what came of it".to_owned());
        let mut outcomes: Vec<SendOutcome> = batch.iter().map(|_| not_named()).collect();
        let accepted = reply
            .successful
            .into_iter()
            .map(|one| (one.id, SendOutcome::Accepted(one.message_id)));
        let refused = reply.failed.into_iter().map(|one| {
            let message = one.message.unwrap_or_default();
            (
                one.id,
                SendOutcome::Refused(format!("{}: {message}", one.code)),
            )
        });
        for (place, outcome) in accepted.chain(refused) {
            let place = place.parse::<usize>().ok();
            if let Some(found) = place.and_then(|place| outcomes.get_mut(place)) {
                *found = outcome;
            }
        }
        Ok(outcomes)
    }

    /// Takes over what is to be kept hidden, and hides for longer what would be visible soon.
    async fn keep_hidden(&self) {
        let mut reading = self.reading.lock().await;
        let kept = std::mem::take(&mut *self.kept.lock().unwrap_or_else(PoisonError::into_inner));
        for Held {
            message,
            receipt_handle,
            since,
        } in kept
        {
            reading.hide(message.message_id, receipt_handle, since);
        }
        reading.renew().await;
    }
}

impl<A: Attendant> Queues for SqsQueues<'_, A> {
    type Error = CommandError;

    async fn receive(&self) -> Result<Vec<Held>, CommandError> {
        self.keep_hidden().await;
        let since = Instant::now();
        let reply = self.receive.clone().send().await;
        let reply = reply.of_call("sqs:ReceiveMessage")?;
        let messages = reply.messages.unwrap_or_default().into_iter();
        Ok(messages
            .map(|mut message| Held {
                receipt_handle: message.receipt_handle.take().unwrap_or_default(),
                message: message.into(),
                since,
            })
            .collect())
    }

    async fn send(
        &self,
        batch: &[&MessageRecord],
    ) -> Result<Vec<SendOutcome>, SendFailure<CommandError>> {
        self.attendant
            .before_send(batch)
            .map_err(SendFailure::NotSent)?;
        let interrupted = || CommandError::interrupted(INTERRUPTED);
        let is_time = self
            .cancel
            .run_until_cancelled(self.pace.wait_for(batch.len()));
        is_time
            .await
            .ok_or_else(|| SendFailure::NotSent(interrupted()))?;
        let (mut tries, mut waited) = (1, Duration::ZERO);
        loop {
            match self.try_send(batch).await {
                Ok(outcomes) => return Ok(outcomes),
                Err(failure) if failure.class == Class::Throttled && tries < THROTTLED_TRIES => {
                    let pause = THROTTLED.pause(waited);
                    tokio::time::sleep(pause).await;
                    waited += pause;
                    tries += 1;
                }
                Err(failure) => {
                    let is_unknown = failure.is_unreachable() && failure.class != Class::NoListener;
                    return Err(if is_unknown {
                        SendFailure::Unknown(failure.into())
                    } else {
                        SendFailure::NotSent(failure.into())
                    });
                }
            }
        }
    }

    async fn remove(&self, held: &[Held]) -> Result<(), CommandError> {
        let handles = held.iter().map(|one| one.receipt_handle.as_str());
        // What SQS does not remove is received again.
        delete_batch(&self.sqs, &self.source, handles).await?;
        Ok(())
    }

    fn keep(&self, held: &Held) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push(held.clone());
    }

    async fn release(&self) {
        self.keep_hidden().await;
        self.reading.lock().await.release().await;
    }

    async fn find_successors(&self, held: &[Held]) -> Result<HashMap<String, bool>, CommandError> {
        self.events.note(format!(
            "Whether {} were sent is not known, because a reply was lost. Looking for them.",
            counted(held.len(), "message")
        ));
        self.keep_hidden().await;
        self.attendant.find(held).await
    }

    fn report(&self, moved: u64) {
        let of = self.attendant.selected().max(moved);
        let progress = Live::progress("moved", moved, of);
        self.events.send(Event::Live(progress));
    }
}

/// Spreads sends over time.
struct Pace {
    /// The time between two messages; `None` where they are sent as fast as they can be.
    between: Option<Duration>,
    /// When the next may be sent; `None` before the first.
    next: StdMutex<Option<Instant>>,
}

impl Pace {
    /// At most `rate` messages a second.
    fn new(rate: Option<u32>) -> Self {
        Self {
            between: rate.map(|rate| Duration::from_secs(1) / rate.max(1)),
            next: StdMutex::default(),
        }
    }

    /// Waits until so many messages may be sent.
    async fn wait_for(&self, messages: usize) {
        if let Some(at) = self.reserve(messages, Instant::now()) {
            tokio::time::sleep_until(at).await;
        }
    }

    /// When so many messages may be sent; `None` where they need not wait.
    fn reserve(&self, messages: usize, now: Instant) -> Option<Instant> {
        let between = self.between?;
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let at = next.map_or(now, |next| next.max(now));
        *next = Some(at + between * u32::try_from(messages).unwrap_or(u32::MAX));
        Some(at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_kept() {
        let now = Instant::now();
        let pace = Pace::new(Some(100));
        let last = (0..51).filter_map(|_| pace.reserve(10, now)).last();
        assert_eq!(last, Some(now + Duration::from_secs(5)));
        // What was not used is not made up for.
        let later = now + Duration::from_secs(60);
        assert_eq!(pace.reserve(10, later), Some(later));
        assert_eq!(Pace::new(None).reserve(1000, now), None);
    }
}
