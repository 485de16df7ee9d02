//! The one loop that takes a step again and again until something is so: until all orders are sent,
//! until every order has reached its end, until an audit is stable, until messages are moved.
//!
//! A step says what follows it. The loop pauses between steps, ends when the user interrupts, and
//! connects again when a step asks for it.

use std::future::Future;
use std::time::Duration;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::backoff::Backoff;
use crate::error::CommandError;

/// The timeout of a loop whose steps end it by themselves.
pub(crate) const NO_TIMEOUT: Duration = Duration::MAX;

/// What steps work with.
pub(crate) trait Connection: Sized {
    /// Cancelled when the user interrupts.
    fn cancel(&self) -> &CancellationToken;

    /// The pauses between steps.
    fn backoff(&self) -> Backoff;

    /// Connects again.
    ///
    /// # Errors
    /// When the target cannot be reached.
    fn reconnect(&self) -> impl Future<Output = Result<Self, CommandError>>;
}

/// What follows a step.
#[derive(Debug)]
pub(crate) enum Next<T> {
    /// The loop ends with this.
    Done(T),
    /// The next step, after this pause.
    Again(Duration),
    /// A new connection, and the next step after this pause.
    Reconnect(Duration),
}

/// When a step is taken.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tick {
    /// The time since the first step.
    pub waited: Duration,
    /// Whether the time is up, so that this step should be the last one.
    pub is_last: bool,
    backoff: Backoff,
}

impl Tick {
    /// The pause after a step that costs little.
    pub(crate) fn soon(self) -> Duration {
        self.backoff.shortest()
    }

    /// The pause after any other step. Grows with the time waited.
    pub(crate) fn later(self) -> Duration {
        self.backoff.pause(self.waited)
    }
}

/// Takes steps over a connection that it keeps alive.
#[derive(Debug)]
pub(crate) struct Poller<C> {
    connection: C,
}

impl<C: Connection> Poller<C> {
    /// A poller that begins with this connection.
    pub(crate) fn new(connection: C) -> Self {
        Self { connection }
    }

    /// The present connection.
    pub(crate) fn connection(&self) -> &C {
        &self.connection
    }

    /// Takes steps until one is [`Next::Done`]; `None` when the user interrupts between two. Once
    /// `timeout` has passed, a step is told that it should be the last one.
    ///
    /// # Errors
    /// A step's error, or why there is no new connection.
    pub(crate) async fn until<T, E: From<CommandError>>(
        &mut self,
        timeout: Duration,
        mut step: impl AsyncFnMut(&C, Tick) -> Result<Next<T>, E>,
    ) -> Result<Option<T>, E> {
        let began = Instant::now();
        loop {
            let waited = began.elapsed();
            let tick = Tick {
                waited,
                is_last: waited >= timeout,
                backoff: self.connection.backoff(),
            };
            let pause = match step(&self.connection, tick).await? {
                Next::Done(value) => return Ok(Some(value)),
                Next::Again(pause) => pause,
                Next::Reconnect(pause) => {
                    self.connection = self.connection.reconnect().await?;
                    pause
                }
            };
            if self.is_interrupted_within(pause).await {
                return Ok(None);
            }
        }
    }

    /// Pauses; whether the user interrupted.
    async fn is_interrupted_within(&self, pause: Duration) -> bool {
        let cancel = self.connection.cancel();
        if pause.is_zero() {
            return cancel.is_cancelled();
        }
        let interrupted = tokio::time::timeout(pause, cancel.cancelled()).await;
        interrupted.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MILLISECOND: Duration = Duration::from_millis(1);

    /// A connection that knows how often it was renewed.
    #[derive(Debug, Default)]
    struct Numbered {
        number: u32,
        cancel: CancellationToken,
    }

    impl Connection for Numbered {
        fn cancel(&self) -> &CancellationToken {
            &self.cancel
        }

        fn backoff(&self) -> Backoff {
            Backoff::tenth(MILLISECOND, MILLISECOND)
        }

        async fn reconnect(&self) -> Result<Self, CommandError> {
            if self.number == 2 {
                return Err(CommandError::environment("no more connections"));
            }
            Ok(Self {
                number: self.number + 1,
                cancel: self.cancel.clone(),
            })
        }
    }

    type Ended = Result<Option<u32>, CommandError>;

    #[tokio::test]
    async fn steps_are_taken_until_one_is_done() {
        let mut poller = Poller::new(Numbered::default());
        let mut steps = 0;
        let ended: Ended = poller
            .until(NO_TIMEOUT, async |_, tick| {
                steps += 1;
                assert!(!tick.is_last);
                Ok(if steps == 3 {
                    Next::Done(steps)
                } else {
                    Next::Again(tick.soon())
                })
            })
            .await;
        assert_eq!(ended.expect("it ends well"), Some(3));
    }

    #[tokio::test]
    async fn a_new_connection_is_kept() {
        let mut poller = Poller::new(Numbered::default());
        let ended: Ended = poller
            .until(NO_TIMEOUT, async |connection, tick| {
                Ok(if connection.number == 2 {
                    Next::Done(connection.number)
                } else {
                    Next::Reconnect(tick.later())
                })
            })
            .await;
        assert_eq!(ended.expect("it ends well"), Some(2));
        assert_eq!(poller.connection().number, 2);
        let failed: Ended = poller
            .until(NO_TIMEOUT, async |_, _| Ok(Next::Reconnect(MILLISECOND)))
            .await;
        let error = failed.expect_err("the target is gone");
        assert_eq!(error.message, "no more connections");
    }

    #[tokio::test]
    async fn a_step_hears_that_the_time_is_up() {
        let mut poller = Poller::new(Numbered::default());
        let ended: Ended = poller
            .until(Duration::ZERO, async |_, tick| {
                assert!(tick.is_last);
                Ok(Next::Done(1))
            })
            .await;
        assert_eq!(ended.expect("it ends well"), Some(1));
    }

    #[tokio::test]
    async fn an_interruption_ends_a_pause() {
        for pause in [Duration::ZERO, Duration::from_secs(3600)] {
            let mut poller = Poller::new(Numbered::default());
            let ended: Ended = poller
                .until(NO_TIMEOUT, async |connection, _| {
                    connection.cancel.cancel();
                    Ok(Next::Again(pause))
                })
                .await;
            assert_eq!(ended.expect("it ends well"), None);
        }
    }
}
