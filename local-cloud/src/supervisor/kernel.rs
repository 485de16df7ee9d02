//! The system calls for which no safe wrapper is in use.
#![expect(unsafe_code, reason = "each function wraps one system call")]

use std::io;
use std::os::fd::{FromRawFd as _, OwnedFd, RawFd};

/// Closes all descriptors from this one on.
///
/// # Safety
/// No object of this process may own any of them.
pub(super) unsafe fn close_from(first: RawFd) -> io::Result<()> {
    // SAFETY: it takes three numbers, and the caller vouches for the descriptors.
    check(unsafe { libc::syscall(libc::SYS_close_range, first, u32::MAX, 0) })
}

/// A descriptor that becomes readable when a child has ended. Blocks the signal that would otherwise
/// say so, in this thread and the processes that it starts.
pub(super) fn ended_children() -> io::Result<OwnedFd> {
    // SAFETY: a zeroed set is a valid value, and `sigemptyset` initializes it.
    let mut signals = unsafe { std::mem::zeroed::<libc::sigset_t>() };
    // SAFETY: the set is this function's own, and lives until the calls have returned.
    let descriptor = unsafe {
        libc::sigemptyset(&raw mut signals);
        libc::sigaddset(&raw mut signals, libc::SIGCHLD);
        libc::sigprocmask(libc::SIG_BLOCK, &raw const signals, std::ptr::null_mut());
        libc::signalfd(
            -1,
            &raw const signals,
            libc::SFD_CLOEXEC | libc::SFD_NONBLOCK,
        )
    };
    check(descriptor.into())?;
    // SAFETY: the descriptor was just made, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(descriptor) })
}

/// Makes writing too much to a file an error and no signal, in this process and those that it starts.
pub(super) fn ignore_file_size_signal() {
    // SAFETY: no handler is set, and ignoring a signal affects no memory.
    unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
}

/// Sends `SIGKILL` to every process that this one may signal, except itself. The kernel does so in
/// one step, so no process can escape by forking meanwhile.
///
/// To be called only by a process that cannot signal any others than its descendants.
pub(super) fn kill_all_within_reach() {
    // SAFETY: it takes two numbers.
    unsafe { libc::kill(-1, libc::SIGKILL) };
}

fn check(result: libc::c_long) -> io::Result<()> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
