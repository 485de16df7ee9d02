//! Event source mappings: polling a queue, filtering, invoking, and settling each batch.

pub(crate) mod batch;
mod event;
mod poller;
mod settling;
