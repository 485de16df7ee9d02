//! The pollers of all mappings.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::task::{AbortHandle, JoinSet};

use super::context::MappingContext;
use super::poller::Poller;

/// Runs the pollers.
#[derive(Debug)]
pub(crate) struct MappingRunner {
    context: Arc<MappingContext>,
    /// The pollers by the mappings' UUIDs, including those that have ended.
    pollers: HashMap<String, AbortHandle>,
    tasks: JoinSet<()>,
}

impl MappingRunner {
    /// A runner without pollers.
    pub(crate) fn new(context: Arc<MappingContext>) -> Self {
        Self {
            context,
            pollers: HashMap::new(),
            tasks: JoinSet::new(),
        }
    }

    /// Starts pollers of the mappings with these UUIDs that have none.
    pub(crate) fn start(&mut self, uuids: Vec<String>) {
        self.pollers.retain(|_, poller| !poller.is_finished());
        for uuid in uuids {
            if !self.pollers.contains_key(&uuid) {
                let poller = Poller::new(Arc::clone(&self.context), uuid.clone());
                self.pollers.insert(uuid, self.tasks.spawn(poller.run()));
            }
        }
    }

    /// Waits until a poller has ended. Its mapping may need another one by then. Cancel-safe.
    pub(crate) async fn ended(&mut self) {
        loop {
            match self.tasks.join_next().await {
                Some(Ok(())) => return,
                // It is not restarted at once, because it would panic again.
                Some(Err(problem)) => tracing::error!(%problem, "a poller panicked"),
                None => std::future::pending().await,
            }
        }
    }

    /// Waits until all pollers have ended.
    pub(crate) async fn join(mut self) {
        while let Some(ended) = self.tasks.join_next().await {
            if let Err(problem) = ended {
                tracing::error!(%problem, "a poller panicked");
            }
        }
    }
}
