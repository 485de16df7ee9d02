//! The queues' time. On AWS it is real time; in the local cloud it passes faster, and
//! `local fast-forward` moves it ahead.

use std::time::Duration;

use tokio::time::Instant;

use crate::context::Context;
use crate::error::CommandError;

/// The last reading of the queues' time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct QueueClock {
    read_at: Instant,
    time: Duration,
    speed: u32,
}

impl QueueClock {
    /// Reads the time for the first time.
    ///
    /// # Errors
    /// When the local cloud does not respond.
    pub(crate) async fn read(context: &Context<'_>) -> Result<Self, CommandError> {
        let time = match &context.local {
            Some(local) => local.control().status().await?.queue_time(),
            None => Duration::ZERO,
        };
        Ok(Self {
            read_at: Instant::now(),
            time,
            speed: context.speed(),
        })
    }

    /// The time now, since a fixed moment. That of a local cloud which does not respond is computed
    /// from the last reading.
    pub(crate) async fn now(&mut self, context: &Context<'_>) -> Duration {
        let status = match &context.local {
            Some(local) => local.control().status().await.ok(),
            None => None,
        };
        let read_at = Instant::now();
        let passed = read_at.saturating_duration_since(self.read_at) * self.speed;
        *self = Self {
            read_at,
            time: status.map_or(self.time + passed, |status| status.queue_time()),
            speed: context.speed(),
        };
        self.time
    }
}
