//! What happens in all services as lab time passes.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::clock::{Clock, LabMs};
use crate::control::{Deliveries, Timeline};
use crate::error::AwsError;
use crate::lambda::Functions;
use crate::sqs::Queues;

/// The services in which something happens by itself.
#[derive(Debug)]
pub(super) struct ServicesTimeline {
    pub(super) clock: Arc<Clock>,
    pub(super) queues: Arc<Queues>,
    pub(super) functions: Arc<Functions>,
}

impl Timeline for ServicesTimeline {
    fn catch_up(&self) -> Pin<Box<dyn Future<Output = Result<(), AwsError>> + Send + '_>> {
        Box::pin(self.queues.catch_up())
    }

    fn is_busy(&self) -> bool {
        self.functions.is_busy(self.clock.now())
    }

    fn next_due(&self) -> Option<LabMs> {
        let functions = self.functions.next_due(self.clock.now());
        functions.into_iter().chain(self.queues.next_due()).min()
    }

    fn deliveries(&self) -> Deliveries {
        let tally = self.queues.tally();
        Deliveries {
            processed: tally.processed,
            failed: tally.failed,
            dead_lettered: tally.dead_lettered,
        }
    }
}
