//! Ends everything that a function has started, however it detached. The supervisor is a subreaper, so
//! whatever loses its parent becomes its child.

use std::collections::HashSet;
use std::io;
use std::time::Duration;

use landlock::{CompatLevel, Compatible as _, Ruleset, RulesetAttr as _, Scope};
use rustix::io::Errno;
use rustix::process::{
    Pid, Signal, WaitOptions, WaitStatus, getpid, getppid, kill_process, set_child_subreaper,
    test_kill_process, wait,
};

use super::kernel;

/// How often to look whether killed processes are gone. One that reads from a broken disk may take long.
const PAUSE: Duration = Duration::from_millis(2);

/// The processes below this one.
#[derive(Debug)]
pub(super) struct Descendants {
    /// Whether this process can signal nothing else.
    is_scoped: bool,
}

impl Descendants {
    /// Makes this process the one that receives all orphans among its descendants, and takes from it
    /// the right to signal any others, where the kernel can (Landlock ABI 6). `cloud` is this
    /// process's parent.
    ///
    /// # Errors
    /// When the process cannot become a subreaper.
    pub(super) fn adopt(cloud: Pid) -> io::Result<Self> {
        set_child_subreaper(Some(getpid()))?;
        Ok(Self {
            is_scoped: scope_signals() && is_out_of_reach(cloud),
        })
    }

    /// Reaps those that have ended. Returns the status of `process` if it is among them.
    pub(super) fn reap(&self, process: Pid) -> Option<WaitStatus> {
        let mut status = None;
        while let Ok(Some((pid, ended))) = wait(WaitOptions::NOHANG) {
            if pid == process {
                status = Some(ended);
            }
        }
        status
    }

    /// Kills all and waits until none is left. Returns the status of `process` if it was among them.
    pub(super) fn end(&self, process: Pid) -> Option<WaitStatus> {
        let mut status = None;
        loop {
            self.kill();
            loop {
                match wait(WaitOptions::NOHANG) {
                    Ok(Some((pid, ended))) if pid == process => status = Some(ended),
                    Ok(Some(_)) | Err(Errno::INTR) => {}
                    Ok(None) => break,
                    Err(_) => return status,
                }
            }
            std::thread::sleep(PAUSE);
        }
    }

    fn kill(&self) {
        if self.is_scoped {
            kernel::kill_all_within_reach();
        } else {
            for pid in below(getpid()) {
                // It fails when the process has ended meanwhile.
                let _ = kill_process(pid, Signal::KILL);
            }
        }
    }
}

/// Takes from this process and those that it will start the right to signal others than these.
fn scope_signals() -> bool {
    let ruleset = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .scope(Scope::Signal)
        .and_then(Ruleset::create)
        .and_then(landlock::RulesetCreated::restrict_self);
    ruleset.is_ok()
}

/// Whether the kernel refuses a signal to the cloud. As it runs as the same user, nothing but the scope
/// can be the reason. Asked, not concluded, because a wrong answer would end all processes of the user.
fn is_out_of_reach(cloud: Pid) -> bool {
    let is_parent = || getppid() == Some(cloud);
    is_parent() && test_kill_process(cloud) == Err(Errno::PERM) && is_parent()
}

/// The processes below this one.
fn below(root: Pid) -> HashSet<Pid> {
    let mut found = HashSet::new();
    let mut unread = vec![root];
    while let Some(pid) = unread.pop() {
        for child in children(pid) {
            if found.insert(child) {
                unread.push(child);
            }
        }
    }
    found
}

fn children(pid: Pid) -> Vec<Pid> {
    let Ok(tasks) = std::fs::read_dir(format!("/proc/{}/task", pid.as_raw_nonzero())) else {
        return Vec::new();
    };
    tasks
        .flatten()
        .filter_map(|task| std::fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|children| {
            let pids = children.split_whitespace().flat_map(str::parse);
            pids.filter_map(Pid::from_raw).collect::<Vec<_>>()
        })
        .collect()
}
