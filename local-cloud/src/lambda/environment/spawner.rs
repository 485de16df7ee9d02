//! Starts processes from one thread that lives as long as the driver.
//!
//! Linux can end a child with its parent (`PR_SET_PDEATHSIG`), but its parent is the *thread* that
//! started it, and the threads of a Tokio runtime come and go. With one long-lived thread, no
//! process that asks for that outlives the cloud, however that ends. On other systems the functions of
//! a killed cloud run until they call the Runtime API in vain.

use std::io;
#[cfg(target_os = "linux")]
use std::os::unix::process::CommandExt as _;
use std::sync::mpsc;

use tokio::process::{Child, Command};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

use crate::busy_file::retry_while_busy;

/// A command, and where its result goes.
type SpawnRequest = (Command, oneshot::Sender<io::Result<Child>>);

/// A handle to the thread. When the last one is dropped, the thread ends, and with it all that it started.
#[derive(Debug, Clone)]
pub(crate) struct Spawner {
    requests: mpsc::Sender<SpawnRequest>,
}

impl Spawner {
    /// Starts the thread. Must be called within a Tokio runtime.
    ///
    /// # Panics
    /// When the system has no thread to give.
    pub(crate) fn start() -> Self {
        let (requests, received) = mpsc::channel::<SpawnRequest>();
        let runtime = Handle::current();
        std::thread::Builder::new()
            .name("spawner".to_owned())
            .spawn(move || {
                let _within = runtime.enter();
                for (mut command, result) in received {
                    // The caller may be gone; the child is then dropped.
                    let _ = result.send(retry_while_busy(|| command.spawn()));
                }
            })
            .expect("a starting process can have one more thread");
        Self { requests }
    }

    /// Starts a process.
    ///
    /// # Errors
    /// The system's.
    pub(crate) async fn spawn(&self, command: Command) -> io::Result<Child> {
        let (result, child) = oneshot::channel();
        let gone = || io::Error::other("the thread that starts processes has ended");
        self.requests.send((command, result)).map_err(|_| gone())?;
        child.await.map_err(|_| gone())?
    }
}

/// Lets Linux end the process with the thread that starts it.
#[cfg(target_os = "linux")]
#[expect(
    unsafe_code,
    reason = "only a hook between fork and exec can request this"
)]
pub(super) fn end_with_parent(command: &mut std::process::Command) {
    use rustix::process::{Signal, getpid, getppid, set_parent_process_death_signal};

    let parent = getpid();
    // SAFETY: the hook runs in the forked child, where only async-signal-safe work is allowed:
    // it makes two system calls, allocates nothing and takes no lock.
    unsafe {
        command.pre_exec(move || {
            set_parent_process_death_signal(Some(Signal::KILL))?;
            // The parent may have ended before the signal was requested.
            if getppid() == Some(parent) {
                Ok(())
            } else {
                Err(io::ErrorKind::NotConnected.into())
            }
        });
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn end_with_parent(_: &mut std::process::Command) {}
