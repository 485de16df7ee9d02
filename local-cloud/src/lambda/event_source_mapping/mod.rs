//! Event source mappings: polling a queue, filtering, invoking, and settling each batch.

mod batch;
mod context;
mod event;
mod permissions;
mod poller;
mod runner;

#[cfg(test)]
pub(crate) use batch::Batch;
pub(crate) use context::MappingContext;
pub(crate) use permissions::{may_read, missing_permission};
pub(crate) use runner::MappingRunner;
