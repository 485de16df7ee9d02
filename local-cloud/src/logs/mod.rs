//! CloudWatch Logs: log groups, their streams and events.

pub(crate) mod api;
mod driver;
pub mod engine;
pub(crate) mod permissions;

pub(crate) use api::LogsService;
pub use driver::Logs;
