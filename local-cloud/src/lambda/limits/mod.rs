//! What an execution environment may use of the machine. The system's own limits are for one process or
//! for all of a user, so what all processes of an environment use together is measured, and an
//! environment that uses too much is ended.
//!
//! | Module | What it does |
//! |---|---|
//! | `watch` | measures an environment while it lives, and says when it uses too much |
//! | `process_tree` | the processes of an environment, and their memory |
//! | `scratch` | the disk space of its temporary files |

mod process_tree;
mod scratch;
mod watch;

pub(crate) use process_tree::Root;
pub(crate) use scratch::default_reserve;
pub(crate) use watch::Watch;

use crate::lambda::engine::Function;
use crate::supervisor::Resources;

/// How many processes and threads an environment may have, as on AWS.
pub(crate) const MAX_TASKS: usize = 1024;

/// How many files each of its processes may have open, as on AWS.
pub(crate) const MAX_OPEN_FILES: u64 = 1024;

const MB: u64 = 1 << 20;

/// What an environment may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The memory of its processes, in bytes.
    pub(crate) memory: u64,
    /// The disk space of its temporary files, in bytes.
    pub(crate) storage: u64,
    /// How many bytes its temporary files must leave free on the disk.
    pub(crate) reserve: u64,
}

impl Limits {
    /// The limits of a function's environments.
    pub(crate) fn of(function: &Function, reserve: u64) -> Self {
        Self {
            memory: u64::from(function.memory_mb) * MB,
            storage: u64::from(function.storage_mb) * MB,
            reserve,
        }
    }

    /// What each of its processes may use.
    pub(crate) fn of_each_process(&self) -> Resources {
        Resources {
            memory: self.memory,
            file: self.storage,
            open_files: MAX_OPEN_FILES,
        }
    }
}

/// What an environment used too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exceeded {
    /// More memory than the function has.
    Memory,
    /// More processes and threads than [`MAX_TASKS`].
    Tasks,
    /// More disk space than the function's ephemeral storage.
    Storage {
        /// The function's ephemeral storage in MB.
        limit_mb: u64,
    },
    /// Disk space that the cloud keeps for itself.
    Reserve {
        /// How much it keeps, in MB.
        reserve_mb: u64,
    },
}

impl Exceeded {
    /// The error's type. AWS has one of its own for memory.
    pub(crate) fn error_type(self) -> &'static str {
        match self {
            Self::Memory => "Runtime.OutOfMemory",
            Self::Tasks | Self::Storage { .. } | Self::Reserve { .. } => "Runtime.ExitError",
        }
    }

    /// Why the environment was ended, where AWS would not have ended it but refused a call.
    pub(crate) fn explanation(self) -> Option<String> {
        let why = match self {
            Self::Memory => return None,
            Self::Tasks => format!("it had more than {MAX_TASKS} processes and threads"),
            Self::Storage { limit_mb } => format!(
                "its temporary files took more than the {limit_mb} MB of its ephemeral storage"
            ),
            Self::Reserve { reserve_mb } => format!(
                "less than {reserve_mb} MB were left on the disk, which the local cloud keeps for \
                 itself, and it had temporary files"
            ),
        };
        Some(format!(
            "The local cloud ended the execution environment: {why}."
        ))
    }
}
