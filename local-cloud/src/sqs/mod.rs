//! SQS: standard queues with visibility timeouts, dead-letter queues and move tasks.

pub(crate) mod api;
mod driver;
pub mod engine;
pub(crate) mod permissions;
mod stale_counts;

pub(crate) use api::SqsService;
pub(crate) use driver::Ask;
pub use driver::{Leased, LeasedAttribute, QueueFacts, Queues, Settlement};
