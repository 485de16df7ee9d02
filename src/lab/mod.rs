//! A lab that exists: the connection to it, and what it holds.

mod arrivals;
mod clock;
mod logs;
mod progress;
mod reader;
mod retries;

pub(crate) use crate::messages::QueueDepth;
pub(crate) use clock::QueueClock;
pub(crate) use logs::{LogLine, log_lines};
pub(crate) use progress::{Places, in_progress};
pub(crate) use reader::{LabReader, OrderCount, ReceiveLimit, StoredOrder, does_not_exist};
pub(crate) use retries::{Redelivery, Retries};

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::aws::AwsFailure;
use crate::backoff::Backoff;
use crate::context::Context;
use crate::costs;
use crate::error::CommandError;
use crate::poll::{Connection, Poller};

/// The pause between two looks at the local cloud's queues: short, for progress bars that move.
const LOCAL_POLL_INTERVAL: Duration = Duration::from_millis(200);
/// The longest pause between two looks at what a lab holds.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// A lab that exists, over one connection.
#[derive(Debug)]
pub(crate) struct Lab<'a> {
    /// The connection's context.
    pub context: Context<'a>,
    /// Reads what the lab holds.
    pub reader: LabReader,
}

impl<'a> Lab<'a> {
    /// Finds the lab on the context's target.
    ///
    /// # Errors
    /// When the target cannot be reached or refuses, or the lab does not exist.
    pub(crate) async fn find(context: Context<'a>) -> Result<Self, CommandError> {
        let found = LabReader::find(&context).await?;
        let reader = found.ok_or_else(|| does_not_exist(&context))?;
        Ok(Self { context, reader })
    }
}

/// A poller of a lab.
pub(crate) type LabPoller<'a> = Poller<Lab<'a>>;

impl<'a> LabPoller<'a> {
    /// The lab over the present connection.
    pub(crate) fn lab(&self) -> &Lab<'a> {
        self.connection()
    }

    /// The context of the present connection.
    pub(crate) fn context(&self) -> &Context<'a> {
        &self.connection().context
    }
}

impl Lab<'_> {
    /// The rules by which the queue of orders delivers again.
    ///
    /// # Errors
    /// When the target refuses or cannot be reached.
    pub(crate) async fn redelivery(&self) -> Result<Redelivery, AwsFailure> {
        self.reader.redelivery(self.context.speed()).await
    }
}

impl Connection for Lab<'_> {
    fn cancel(&self) -> &CancellationToken {
        self.context.cancel()
    }

    fn backoff(&self) -> Backoff {
        let shortest = if self.context.target.is_local() {
            LOCAL_POLL_INTERVAL
        } else {
            costs::POLL_INTERVAL
        };
        Backoff::tenth(shortest, LONGEST_PAUSE)
    }

    /// Starts the local cloud again where it has died.
    async fn reconnect(&self) -> Result<Self, CommandError> {
        Self::find(self.context.reconnect().await?).await
    }
}
