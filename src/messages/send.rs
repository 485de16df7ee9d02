//! Sends messages in batches.

use aws_sdk_sqs::Client;

use super::record::MessageRecord;
use crate::aws::{Answer as _, AwsFailure};
use crate::error::{CommandError, ErrorKind};

/// How often the messages of a batch are sent at most that SQS did not take for a fault of its own.
const TRIES: u32 = 3;

/// Why some messages of a batch were not sent.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotSent {
    /// The call failed: which of the messages were sent is not known.
    #[error(transparent)]
    Call(#[from] AwsFailure),
    /// SQS did not take a message of the batch.
    #[error("SQS did not take the message at place {place} of the batch: {code}: {message}")]
    Refused {
        /// The first of them, from 0. Those before it were sent.
        place: usize,
        /// Those after it that were sent.
        sent_after: Vec<usize>,
        /// SQS's code.
        code: String,
        /// SQS's message.
        message: String,
    },
}

/// Sends a batch to a standard queue. Returns the new ids, in the order of the messages. The messages
/// must fit into a batch (see `Batcher`).
///
/// # Errors
/// When the call fails, or SQS takes only some of the messages.
pub(crate) async fn send_batch(
    sqs: &Client,
    url: &str,
    messages: &[impl AsRef<MessageRecord>],
) -> Result<Vec<String>, NotSent> {
    let mut ids: Vec<Option<String>> = vec![None; messages.len()];
    let mut tries = 1;
    loop {
        let left = messages.iter().enumerate();
        let left = left.filter(|(place, _)| ids[*place].is_none());
        let entries = left.map(|(place, message)| message.as_ref().entry(&place.to_string()));
        let request = sqs.send_message_batch().queue_url(url);
        let request = request.set_entries(Some(entries.collect()));
        let reply = request.send().await.of_call("sqs:SendMessageBatch")?;
        for sent in reply.successful {
            let place = sent.id.parse().ok();
            if let Some(id) = place.and_then(|place: usize| ids.get_mut(place)) {
                *id = Some(sent.message_id);
            }
        }
        if let Some(ids) = ids.iter().cloned().collect::<Option<Vec<String>>>() {
            return Ok(ids);
        }
        let is_hopeless = reply.failed.iter().any(|failed| failed.sender_fault);
        if is_hopeless || tries == TRIES {
            let place = ids.iter().position(Option::is_none).unwrap_or_default();
            let failed = reply.failed.into_iter();
            let mut failed = failed.filter(|failed| failed.id == place.to_string());
            let (code, message) = failed.next().map_or_else(Default::default, |failed| {
                (failed.code, failed.message.unwrap_or_default())
            });
            let sent = ids.iter().enumerate().skip(place);
            let sent_after = sent.filter_map(|(place, id)| id.is_some().then_some(place));
            return Err(NotSent::Refused {
                place,
                sent_after: sent_after.collect(),
                code,
                message,
            });
        }
        tries += 1;
    }
}

impl From<NotSent> for CommandError {
    fn from(error: NotSent) -> Self {
        match error {
            NotSent::Call(failure) => failure.into(),
            NotSent::Refused { .. } => Self::new(ErrorKind::Refused, error.to_string()),
        }
    }
}
