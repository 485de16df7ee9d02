//! Lambda: functions, their execution environments, and SQS event source mappings.

pub(crate) mod api;
pub mod code;
pub(crate) mod driver;
pub mod engine;
mod environment;
mod event_source_mapping;
mod logs;
pub(crate) mod permissions;

pub(crate) use api::LambdaService;
pub use driver::{Dependencies, Functions, Outcome, Place};
