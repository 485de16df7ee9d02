//! How tasks learn that the cloud stops.

use tokio::sync::watch;

/// Whether the cloud stops: a stop was requested, or the driver is gone.
#[derive(Debug, Clone)]
pub(crate) struct Shutdown(watch::Receiver<bool>);

impl Shutdown {
    /// The state that the sender has set.
    pub(crate) fn new(receiver: watch::Receiver<bool>) -> Self {
        Self(receiver)
    }

    /// Whether the cloud stops.
    pub(crate) fn is_requested(&self) -> bool {
        *self.0.borrow() || self.0.has_changed().is_err()
    }

    /// Resolves when the cloud stops. Cancel-safe.
    pub(crate) async fn requested(&mut self) {
        // An error means that the driver is gone.
        let _ = self.0.wait_for(|stops| *stops).await;
    }
}
