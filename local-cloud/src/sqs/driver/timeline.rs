//! What is due in the queues, for those who move time ahead.

use super::Queues;
use crate::clock::LabMs;
use crate::error::AwsError;
use crate::sqs::engine::Tally;

impl Queues {
    /// Whether a receive from this queue would find a message.
    pub(crate) fn has_visible(&self, queue_arn: &str) -> bool {
        let state = self.lock();
        let id = state.engine.by_arn(queue_arn).ok();
        id.and_then(|id| state.engine.has_ready(id)) == Some(true)
    }

    /// What became of messages since the queues were opened.
    pub(crate) fn tally(&self) -> Tally {
        self.lock().engine.tally()
    }

    /// When something is due next.
    pub(crate) fn next_due(&self) -> Option<LabMs> {
        self.lock().engine.next_wakeup()
    }

    /// Does what is due without waiting for the timer.
    ///
    /// # Errors
    /// `InternalFailure` when it could not be made durable.
    pub(crate) async fn catch_up(&self) -> Result<(), AwsError> {
        self.run(|engine, tx| {
            engine.tick(tx);
            Ok(())
        })
        .await
    }
}
