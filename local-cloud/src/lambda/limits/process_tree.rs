//! The processes of an environment, read from `/proc`. Where there is none, nothing is known of them.

use std::collections::HashSet;
use std::fs;
use std::os::unix::fs::MetadataExt as _;

use rustix::param::page_size;
use rustix::process::Pid;

use super::MAX_TASKS;

/// Where the processes of an environment are found.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Root {
    /// All below this supervisor.
    Supervisor(Pid),
    /// The function's process, and those below it that have not detached.
    Function(Pid),
}

/// What the processes of an environment use, as far as one cheap look tells.
#[derive(Debug, Default)]
pub(super) struct Usage {
    /// The processes.
    pub(super) pids: Vec<Pid>,
    /// How many threads they have.
    pub(super) tasks: usize,
    /// Their resident memory in bytes. What several of them share counts several times.
    pub(super) resident: u64,
}

/// What the processes of an environment use now.
pub(super) fn usage(root: Root) -> Usage {
    let mut usage = Usage::default();
    let mut unread = match root {
        Root::Function(pid) => vec![pid],
        Root::Supervisor(pid) => children(pid, pid),
    };
    while let Some(pid) = unread.pop() {
        usage.resident += resident(pid);
        for task in tasks(pid) {
            usage.tasks += 1;
            unread.extend(children(pid, task));
        }
        usage.pids.push(pid);
        // Enough to know.
        if usage.tasks > MAX_TASKS {
            break;
        }
    }
    usage
}

fn tasks(pid: Pid) -> Vec<Pid> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return Vec::new();
    };
    let names = tasks.flatten().map(|task| task.file_name());
    names.filter_map(|name| parse(name.to_str()?)).collect()
}

fn children(pid: Pid, task: Pid) -> Vec<Pid> {
    let path = format!("/proc/{pid}/task/{task}/children");
    let children = fs::read_to_string(path).unwrap_or_default();
    children.split_whitespace().filter_map(parse).collect()
}

fn parse(pid: &str) -> Option<Pid> {
    Pid::from_raw(pid.parse().ok()?)
}

fn resident(pid: Pid) -> u64 {
    let statm = fs::read_to_string(format!("/proc/{pid}/statm")).unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    let page = u64::try_from(page_size()).unwrap_or_default();
    pages.map_or(0, |pages: u64| pages * page)
}

/// The memory of these processes that is nobody else's and cannot be given back: without files, and
/// with what they share counted once. Costs milliseconds.
pub(super) fn own_memory(pids: &[Pid]) -> u64 {
    pids.iter()
        .map(|pid| {
            sum(*pid, "smaps_rollup", &["Pss_Anon:", "Pss_Shmem:"])
                .or_else(|| sum(*pid, "status", &["RssAnon:", "RssShmem:"]))
                .unwrap_or(0)
        })
        .sum()
}

/// The sum of these members of a file in `/proc`, in bytes; `None` where none is there.
fn sum(pid: Pid, file: &str, names: &[&str]) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).ok()?;
    let value = |line: &str| {
        let name = names.iter().find(|name| line.starts_with(**name))?;
        let kib: u64 = line[name.len()..].split_whitespace().next()?.parse().ok()?;
        Some(kib * 1024)
    };
    text.lines().filter_map(value).reduce(|sum, one| sum + one)
}

/// The most memory that a process has used so far, in bytes.
pub(super) fn peak(pid: Pid) -> Option<u64> {
    sum(pid, "status", &["VmHWM:"])
}

/// The bytes of files that processes have open and that have no name.
#[derive(Debug, Default)]
pub(super) struct Unnamed {
    /// Of those on a disk.
    pub(super) on_disk: u64,
    /// Of all others, which are in memory (`memfd_create`).
    pub(super) in_memory: u64,
}

/// The files without a name that these processes have open; those on this device are on the disk.
pub(super) fn unnamed(pids: &[Pid], device: u64) -> Unnamed {
    let mut known = HashSet::new();
    let mut bytes = Unnamed::default();
    for pid in pids {
        let Ok(descriptors) = fs::read_dir(format!("/proc/{pid}/fd")) else {
            continue;
        };
        for file in descriptors.flatten() {
            if let Ok(file) = fs::metadata(file.path())
                && file.is_file()
                && file.nlink() == 0
                && known.insert((file.dev(), file.ino()))
            {
                let place = match file.dev() == device {
                    true => &mut bytes.on_disk,
                    false => &mut bytes.in_memory,
                };
                *place += file.blocks() * 512;
            }
        }
    }
    bytes
}
