//! Measures an environment while it lives. Often while it works, because memory fills within moments,
//! and now and then while it is idle, because processes that a function has left behind go on.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use rustix::process::Pid;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::process_tree::{self, Root, Usage};
use super::{Exceeded, Limits, MAX_TASKS, MB, scratch};

/// How often an environment that works is measured, as long as only a few do.
const OFTEN: Duration = Duration::from_millis(20);

/// The processes of so many environments are looked at that often; those of more of them less often, so
/// that all together take no more time.
const FEW: usize = 8;

/// How often an idle one is measured.
const SELDOM: Duration = Duration::from_millis(500);

/// How long one counts as working after an invocation.
const AFTERWARDS: Duration = Duration::from_secs(1);

/// How often files are counted, and after how much less free space they are counted at once.
const COUNT_EVERY: Duration = Duration::from_millis(200);
const COUNT_AFTER: u64 = 16 * MB;

/// Counting takes at most this share of the time.
const COUNT_SHARE: u32 = 20;

/// How many environments are measured often.
static WORKING: AtomicUsize = AtomicUsize::new(0);

/// The watch over one environment.
#[derive(Debug)]
pub(crate) struct Watch {
    limits: Limits,
    scratch: PathBuf,
    /// The function's process, once it runs.
    process: OnceLock<Pid>,
    /// The most memory that was measured, in bytes.
    peak: AtomicU64,
    /// Notifies when an invocation begins.
    began: Notify,
}

/// What was known when temporary files were counted last.
#[derive(Debug, Clone, Copy)]
struct Count {
    next: Instant,
    free: Option<u64>,
}

impl Watch {
    /// The watch over an environment with these limits, whose temporary files are in `scratch`.
    pub(crate) fn new(limits: Limits, scratch: PathBuf) -> Self {
        Self {
            limits,
            scratch,
            process: OnceLock::new(),
            peak: AtomicU64::new(0),
            began: Notify::new(),
        }
    }

    /// The limits.
    pub(crate) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The function's process runs.
    pub(crate) fn started(&self, process: Pid) {
        let _ = self.process.set(process);
    }

    /// An invocation begins.
    pub(crate) fn begin(&self) {
        self.began.notify_one();
    }

    /// The most memory that was used so far, in MB; `None` where the system does not tell. Never more
    /// than the function has: it is ended a moment after it uses more, and on AWS at once.
    pub(crate) fn peak_mb(&self) -> Option<u64> {
        let of_process = self.process.get().and_then(|pid| process_tree::peak(*pid));
        let measured = self.peak.load(Ordering::Relaxed);
        let peak = of_process
            .unwrap_or(0)
            .max(measured)
            .min(self.limits.memory);
        (peak > 0).then(|| peak.div_ceil(MB))
    }

    /// Measures until the environment uses too much, which may be never. `is_working` tells whether
    /// it has something to do.
    pub(crate) async fn exceeded(&self, root: Root, is_working: impl Fn() -> bool) -> Exceeded {
        let mut worked = Instant::now();
        let mut working = Working::new();
        let mut turn = 0;
        let mut count = Count {
            next: Instant::now(),
            free: scratch::free(&self.scratch),
        };
        loop {
            let pause = if working.0 { OFTEN } else { SELDOM };
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = self.began.notified(), if !working.0 => {
                    (worked, working) = (Instant::now(), Working::new());
                    continue;
                }
            }
            turn += 1;
            if (!working.0 || turn % crowd() == 0)
                && let Some(exceeded) = self.judge(process_tree::usage(root)).await
            {
                return exceeded;
            }
            if let Some(exceeded) = self.count(root, &mut count).await {
                return exceeded;
            }
            if is_working() {
                worked = Instant::now();
            }
            if working.0 && worked.elapsed() > AFTERWARDS {
                working = Working::ended();
            }
        }
    }

    async fn judge(&self, usage: Usage) -> Option<Exceeded> {
        if usage.tasks > MAX_TASKS {
            return Some(Exceeded::Tasks);
        }
        if usage.resident > self.limits.memory {
            let own = blocking(move || process_tree::own_memory(&usage.pids)).await?;
            self.peak.fetch_max(own, Ordering::Relaxed);
            return (own > self.limits.memory).then_some(Exceeded::Memory);
        }
        self.peak.fetch_max(usage.resident, Ordering::Relaxed);
        None
    }

    /// Counts the files, if it is time.
    async fn count(&self, root: Root, last: &mut Count) -> Option<Exceeded> {
        let Limits {
            memory,
            storage,
            reserve,
        } = self.limits;
        let free = scratch::free(&self.scratch);
        let is_scarce = free.is_some_and(|free| free < reserve);
        let shrank = last
            .free
            .zip(free)
            .is_some_and(|(then, now)| now + COUNT_AFTER < then);
        if Instant::now() < last.next && !shrank {
            return None;
        }
        let began = Instant::now();
        let scratch = self.scratch.clone();
        let counted = blocking(move || {
            let device = fs::metadata(&scratch).map_or(0, |directory| directory.dev());
            let unnamed = process_tree::unnamed(&process_tree::usage(root).pids, device);
            let named = scratch::taken(&scratch, storage.saturating_sub(unnamed.on_disk));
            (unnamed.in_memory, unnamed.on_disk + named)
        });
        let (in_memory, taken) = counted.await?;
        let took = began.elapsed();
        *last = Count {
            next: Instant::now() + COUNT_EVERY.max(took * COUNT_SHARE),
            free,
        };
        if in_memory > memory {
            Some(Exceeded::Memory)
        } else if taken > storage {
            let limit_mb = storage / MB;
            Some(Exceeded::Storage { limit_mb })
        } else {
            let reserve_mb = reserve.div_ceil(MB);
            (is_scarce && taken > 0).then_some(Exceeded::Reserve { reserve_mb })
        }
    }
}

/// Whether an environment is measured often. Those that are, are counted.
#[derive(Debug)]
struct Working(bool);

impl Working {
    fn new() -> Self {
        WORKING.fetch_add(1, Ordering::Relaxed);
        Self(true)
    }

    fn ended() -> Self {
        Self(false)
    }
}

impl Drop for Working {
    fn drop(&mut self) {
        if self.0 {
            WORKING.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// How many times a few environments are measured often.
fn crowd() -> usize {
    WORKING.load(Ordering::Relaxed).div_ceil(FEW).max(1)
}

/// Does what may take long. `None` when the cloud stops meanwhile.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    tokio::task::spawn_blocking(work).await.ok()
}
