//! What pollers and batches of all mappings have in common.

use std::sync::Arc;

use super::permissions::may_delete;
use crate::clock::Clock;
use crate::iam::Identities;
use crate::lambda::activity::Activity;
use crate::lambda::engine::Mapping;
use crate::lambda::invocation::Invoker;
use crate::lambda::shared_registry::SharedRegistry;
use crate::lambda::shutdown::Shutdown;
use crate::sqs::{Queues, Settlement};

/// What pollers and batches work with. Shared behind an [`Arc`].
#[derive(Debug)]
pub(crate) struct MappingContext {
    /// The region.
    pub(crate) region: String,
    /// The time.
    pub(crate) clock: Arc<Clock>,
    /// The mappings and functions.
    pub(crate) registry: Arc<SharedRegistry>,
    /// What runs the functions.
    pub(crate) invoker: Arc<Invoker>,
    /// The queues that the mappings poll.
    pub(crate) queues: Arc<Queues>,
    /// The functions' roles.
    pub(crate) identities: Arc<Identities>,
    /// The work under way.
    pub(crate) activity: Arc<Activity>,
    /// Whether the cloud stops.
    pub(crate) shutdown: Shutdown,
}

impl MappingContext {
    /// Settles messages of a mapping's queue, which may be gone. Messages that the function's role
    /// may not delete become visible again.
    pub(super) async fn settle(
        &self,
        mapping: &Mapping,
        mut settlements: Vec<(String, Settlement)>,
    ) {
        if settlements.is_empty() {
            return;
        }
        let arn = &mapping.queue_arn;
        let function = self.registry.invocable(&mapping.function_name);
        let may_delete =
            function.is_some_and(|function| may_delete(&self.identities, &function, arn));
        if !may_delete {
            for (_, settlement) in &mut settlements {
                if *settlement == Settlement::Delete {
                    *settlement = Settlement::Fail;
                }
            }
        }
        if let Err(problem) = self.queues.settle(arn, settlements).await {
            // Unsettled messages become visible again, or are gone with the queue.
            tracing::warn!(queue = arn, %problem, "messages could not be settled");
        }
    }
}
