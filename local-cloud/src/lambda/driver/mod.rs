//! The Lambda driver: functions, their execution environments (real processes), the Runtime API
//! that these talk to, asynchronous invocations, and the event source mappings.

mod functions;
mod scheduler;
#[cfg(test)]
mod tests;
mod timeline;

pub use functions::{Dependencies, Functions, FunctionsConfig};
