//! The system's own limits on the processes of a function. Each holds for one process, or for all of the
//! user, so what an environment uses together is measured by the cloud; these hold between two looks.

use std::io;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use super::kernel;
use super::message::Resources;

/// How many times its memory a process may ask for: runtimes ask for more than they use.
const MEMORY_FACTOR: u64 = 2;
/// How much more than that, for the stacks of threads.
const STACKS: u64 = 1 << 30;

/// How many more processes than there are now the user may have: enough for those of all environments
/// that start later, and few enough for the machine.
const MORE_PROCESSES: u64 = 4096;

/// Limits this process and those that it starts.
///
/// # Errors
/// When the system refuses.
pub(super) fn limit(resources: Resources) -> io::Result<()> {
    // Writing too large a file is then an error, as it is on a full disk.
    kernel::ignore_file_size_signal();
    // A core dump would be written wherever the system wants it.
    lower(Resource::Core, 0)?;
    lower(Resource::Fsize, resources.file)?;
    lower(Resource::Nofile, resources.open_files)?;
    lower(Resource::Data, resources.memory * MEMORY_FACTOR + STACKS)?;
    match processes() {
        // Root is not limited by it.
        Some(processes) => lower(Resource::Nproc, processes + MORE_PROCESSES),
        None => Ok(()),
    }
}

/// How many processes and threads the machine has, which is at least as many as the user has.
fn processes() -> Option<u64> {
    let load = std::fs::read_to_string("/proc/loadavg").ok()?;
    let (_, processes) = load.split(' ').nth(3)?.split_once('/')?;
    processes.parse().ok()
}

/// Lowers a limit. One that is lower already stays.
fn lower(resource: Resource, most: u64) -> io::Result<()> {
    let most = getrlimit(resource)
        .maximum
        .map_or(most, |now| now.min(most));
    let limit = Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    Ok(setrlimit(resource, limit)?)
}
