//! What the cloud and a supervisor tell each other, each message one line of JSON. Not on the command
//! line or in the environment: other users can read the one, and a function's variables (`LD_PRELOAD`)
//! would act on the supervisor in the other.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What to start, from the cloud.
#[derive(Serialize, Deserialize)]
pub(crate) struct Launch {
    /// The function's `bootstrap`.
    pub(crate) program: PathBuf,
    /// The directory of its code, in which it starts.
    pub(crate) code: PathBuf,
    /// Its directory for temporary files.
    pub(crate) temporary: PathBuf,
    /// All its environment variables, among them secrets.
    pub(crate) environment: BTreeMap<String, String>,
    /// The cloud's port, which it may connect to.
    pub(crate) port: u16,
    /// What each of its processes may use.
    pub(crate) resources: Resources,
}

/// What each process of a function may use.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Resources {
    /// The function's memory in bytes.
    pub(crate) memory: u64,
    /// The size of the largest file that it may write, in bytes.
    pub(crate) file: u64,
    /// How many files it may have open.
    pub(crate) open_files: u64,
}

/// What has happened, from the supervisor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Report {
    /// The program runs.
    Started {
        /// Its process id.
        pid: i32,
    },
    /// The program does not run.
    Failed {
        /// The system's error number, if it is the system's error.
        errno: Option<i32>,
        /// The error in words.
        message: String,
    },
    /// The program has ended, and so has everything that it started.
    Ended {
        /// Its status as `wait` returns it.
        status: i32,
    },
}
