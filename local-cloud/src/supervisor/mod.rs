//! The supervisor of an execution environment: a small process between the cloud and a function's
//! `bootstrap`. It confines what it starts, and lives as long as the environment, so that whatever a
//! function has started ends with it.
//!
//! It is this program, started again with [`ARGUMENT`]. Its standard input is a socket to the cloud:
//! the cloud sends a [`Launch`] and receives [`Report`]s. When the socket closes, because the cloud
//! asks for the end or has been killed, the supervisor ends everything.
//!
//! | Module | What it does |
//! |---|---|
//! | `message` | what the cloud and the supervisor tell each other |
//! | `run` | the supervisor's process, from its start to its end |
//! | `confine` | what a function's process gives up before its program begins: Landlock |
//! | `resources` | the system's limits on each of a function's processes |
//! | `system_paths` | the files of the system that every function may read |
//! | `system_calls` | the system calls that a function may not make: seccomp |
//! | `descendants` | ends and reaps everything that a function has started |
//! | `confinement` | what of this the machine enforces |
//!
//! Linux alone has what this needs. On other systems the cloud starts `bootstrap` itself.

#[cfg(target_os = "linux")]
mod confine;
mod confinement;
#[cfg(target_os = "linux")]
mod descendants;
#[cfg(target_os = "linux")]
mod kernel;
mod message;
#[cfg(target_os = "linux")]
mod resources;
#[cfg(target_os = "linux")]
mod run;
#[cfg(target_os = "linux")]
mod system_calls;
#[cfg(target_os = "linux")]
mod system_paths;

use std::ffi::OsStr;
use std::process::ExitCode;

pub use confinement::Confinement;
pub(crate) use message::{Launch, Report, Resources};

/// The argument that makes this program a supervisor. It must be the only one.
pub const ARGUMENT: &str = "__supervise-function";

/// Runs the supervisor if this process was started as one. Must be called before anything else of
/// the program: the supervisor relies on having one thread.
#[must_use]
pub fn run_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    let is_asked = arguments.next().as_deref() == Some(OsStr::new(ARGUMENT));
    if !is_asked || arguments.next().is_some() {
        return None;
    }
    #[cfg(target_os = "linux")]
    return Some(run::main());
    #[cfg(not(target_os = "linux"))]
    None
}
