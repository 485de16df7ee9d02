//! Execution environments: processes of a function's `bootstrap`, and the Runtime API that they
//! talk to.

pub(crate) mod entrypoint;
pub(crate) mod invocation_result;
mod launch;
pub(crate) mod output;
pub(crate) mod pool;
mod process;
pub(crate) mod report;
pub(crate) mod runtime_api;
mod spawner;
mod start;

pub(crate) use pool::Pool;
pub(crate) use process::{Event, Failure};
pub(crate) use spawner::Spawner;
pub(in crate::lambda) use start::StartError;
