//! Execution environments: processes of a function's `bootstrap`, and the Runtime API that they
//! talk to.

mod conversation;
mod entrypoint;
#[cfg(any(test, feature = "fuzzing"))]
pub(crate) mod fuzzing;
mod launcher;
mod output;
mod pool;
mod process;
mod runtime_api;
mod spawner;
mod starter;
mod supervisor_process;
mod variables;

pub(crate) use conversation::{Event, Failure, MAX_RESPONSE, Response};
pub(crate) use launcher::Launcher;
pub(crate) use output::Output;
pub(crate) use pool::{Busy, Pool};
pub(crate) use runtime_api::handle as handle_runtime_api;
pub(crate) use runtime_api::unknown_environment;
pub(crate) use starter::{EnvironmentStarter, Settings, StartError};
pub(crate) use supervisor_process::SpareSupervisor;
