//! The system calls that a function may not make, because what they reach is beyond Landlock: other
//! sockets than TCP's, the limits and priorities of the user's other processes, and what System V and
//! POSIX share among them. They fail with `EPERM`. And one that only its speed makes dangerous.

use std::collections::BTreeMap;
use std::io;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

/// A condition on one argument: its index, how it is compared, and with what.
type Condition = (u8, SeccompCmpOp, u64);

/// A system call, and the conditions under which it is refused: one of the lists, all of its items.
type Refused = (i64, &'static [&'static [Condition]]);

const INET: u64 = libc::AF_INET as u64;
const INET6: u64 = libc::AF_INET6 as u64;
const TCP: u64 = libc::IPPROTO_TCP as u64;
const FAST_OPEN: u64 = libc::MSG_FASTOPEN as u64;

/// The bits of a socket's type that are not flags.
const TYPE: SeccompCmpOp = SeccompCmpOp::MaskedEq(0xf);
const FAST: SeccompCmpOp = SeccompCmpOp::MaskedEq(FAST_OPEN);
const NOT: SeccompCmpOp = SeccompCmpOp::Ne;
const IS: SeccompCmpOp = SeccompCmpOp::Eq;

/// `IOPRIO_WHO_PROCESS`, which `libc` does not have.
const IOPRIO_WHO_PROCESS: u64 = 1;

const REFUSED: &[Refused] = &[
    // Landlock knows TCP. By other protocols, and by sockets in the file system, a function could
    // reach the network and the services of the user's session.
    (
        libc::SYS_socket,
        &[
            &[(0, NOT, INET), (0, NOT, INET6)],
            &[(1, TYPE, libc::SOCK_DGRAM as u64)],
            &[(1, TYPE, libc::SOCK_RAW as u64)],
            &[(1, TYPE, libc::SOCK_RDM as u64)],
            &[(1, TYPE, libc::SOCK_SEQPACKET as u64)],
            &[(1, TYPE, libc::SOCK_DCCP as u64)],
            &[(2, NOT, 0), (2, NOT, TCP)],
        ],
    ),
    // These connect without `connect`, which is where Landlock looks.
    (libc::SYS_sendto, &[&[(3, FAST, FAST_OPEN)]]),
    (libc::SYS_sendmsg, &[&[(2, FAST, FAST_OPEN)]]),
    (libc::SYS_sendmmsg, &[&[(3, FAST, FAST_OPEN)]]),
    // Its operations do not pass this filter.
    (libc::SYS_io_uring_setup, &[]),
    // What the user's processes share.
    (libc::SYS_shmget, &[]),
    (libc::SYS_semget, &[]),
    (libc::SYS_msgget, &[]),
    (libc::SYS_shmat, &[]),
    (libc::SYS_mq_open, &[]),
    (libc::SYS_add_key, &[]),
    (libc::SYS_request_key, &[]),
    (libc::SYS_keyctl, &[]),
    // Limits and priorities of other processes; 0 is the calling one.
    (libc::SYS_prlimit64, &[&[(0, NOT, 0)]]),
    (
        libc::SYS_setpriority,
        &[&[(0, NOT, libc::PRIO_PROCESS as u64)], &[(1, NOT, 0)]],
    ),
    (
        libc::SYS_ioprio_set,
        &[&[(0, NOT, IOPRIO_WHO_PROCESS)], &[(1, NOT, 0)]],
    ),
    (libc::SYS_sched_setaffinity, &[&[(0, NOT, 0)]]),
    (libc::SYS_sched_setattr, &[&[(0, NOT, 0)]]),
    (libc::SYS_sched_setparam, &[&[(0, NOT, 0)]]),
    (libc::SYS_sched_setscheduler, &[&[(0, NOT, 0)]]),
    (libc::SYS_migrate_pages, &[&[(0, NOT, 0)]]),
    (libc::SYS_move_pages, &[&[(0, NOT, 0)]]),
    // Typing into a terminal.
    (
        libc::SYS_ioctl,
        &[&[(1, IS, libc::TIOCSTI)], &[(1, IS, libc::TIOCLINUX)]],
    ),
];

/// It takes the last of a disk within microseconds, before anybody could notice. Programs write instead
/// where a file system does not have it, and so it fails with `EOPNOTSUPP`.
const UNSUPPORTED: &[Refused] = &[(libc::SYS_fallocate, &[])];

/// Takes these calls from this thread and all that it starts.
///
/// # Errors
/// When the kernel has no filters.
pub(super) fn restrict() -> io::Result<()> {
    for (calls, error) in [(UNSUPPORTED, libc::EOPNOTSUPP), (REFUSED, libc::EPERM)] {
        let filter = filter(calls, error).map_err(io::Error::other)?;
        seccompiler::apply_filter(&filter).map_err(io::Error::other)?;
    }
    Ok(())
}

fn filter(refused: &[Refused], error: i32) -> Result<BpfProgram, seccompiler::BackendError> {
    let mut rules = BTreeMap::new();
    for (call, alternatives) in refused {
        let alternatives = alternatives
            .iter()
            .map(|conditions| rule(conditions))
            .collect::<Result<Vec<_>, _>>()?;
        for number in numbers(*call) {
            rules.insert(number, alternatives.clone());
        }
    }
    let refuse = SeccompAction::Errno(error.cast_unsigned());
    let here = std::env::consts::ARCH.try_into()?;
    SeccompFilter::new(rules, SeccompAction::Allow, refuse, here)?.try_into()
}

fn rule(conditions: &[Condition]) -> Result<SeccompRule, seccompiler::BackendError> {
    let conditions = conditions.iter().map(|(index, comparison, value)| {
        // All these arguments are C's `int`; the kernel does not look at more of them.
        SeccompCondition::new(*index, SeccompCmpArgLen::Dword, comparison.clone(), *value)
    });
    SeccompRule::new(conditions.collect::<Result<_, _>>()?)
}

/// The numbers of a system call. Some kernels for `x86_64` have a second one, for programs with 32-bit
/// pointers. A program of another architecture is killed by its first call.
fn numbers(call: i64) -> impl Iterator<Item = i64> {
    const X32: i64 = 0x4000_0000;
    let second = cfg!(target_arch = "x86_64").then_some(call + X32);
    std::iter::once(call).chain(second)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs something in a thread of its own that may not make these calls.
    fn restricted<T: Send>(run: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let thread = scope.spawn(|| {
                restrict().unwrap();
                run()
            });
            thread.join().unwrap()
        })
    }

    #[test]
    fn only_tcp_sockets_can_be_made() {
        restricted(|| {
            std::net::TcpListener::bind("127.0.0.1:0").unwrap();
            let denied = io::ErrorKind::PermissionDenied;
            let datagrams = std::net::UdpSocket::bind("127.0.0.1:0").unwrap_err();
            assert_eq!(datagrams.kind(), denied);
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("socket");
            let local = std::os::unix::net::UnixListener::bind(path).unwrap_err();
            assert_eq!(local.kind(), denied);
            // Two ends of one process are no way out.
            std::os::unix::net::UnixStream::pair().unwrap();
        });
    }

    #[test]
    fn limits_of_other_processes_stay() {
        use rustix::process::{Resource, getppid, getrlimit, prlimit};
        let limit = getrlimit(Resource::Nofile);
        restricted(|| {
            prlimit(None, Resource::Nofile, limit).unwrap();
            let refused = prlimit(getppid(), Resource::Nofile, limit);
            assert_eq!(refused.unwrap_err(), rustix::io::Errno::PERM);
        });
    }
}
