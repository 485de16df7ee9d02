//! The supervisor's process: it receives what to start, starts it, watches it, and ends what is left.

use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode, Stdio};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, fcntl_dupfd_cloexec, retry_on_intr};
use rustix::process::{
    DumpableBehavior, Pid, WaitStatus, getpid, getppid, set_dumpable_behavior, setsid,
};
use rustix::thread::set_no_new_privs;

use super::confine::confine;
use super::descendants::Descendants;
use super::kernel;
use super::message::{Launch, Report};
use crate::busy_file::retry_while_busy;

/// Runs the supervisor. Its status says nothing; the reports do.
pub(super) fn main() -> ExitCode {
    match supervise() {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn supervise() -> io::Result<()> {
    drop_inherited()?;
    let link = UnixStream::from(fcntl_dupfd_cloexec(io::stdin(), 3)?);
    let mut line = String::new();
    BufReader::new(&link).read_line(&mut line)?;
    let launch: Launch = serde_json::from_str(&line)?;
    let started = prepare().and_then(|(descendants, ended)| {
        let process = start(&launch)?;
        Ok((descendants, ended, process))
    });
    let (descendants, ended, process) = match started {
        Ok(started) => started,
        Err(problem) => return report(&link, &failed(&problem)),
    };
    // Held so that the kernel keeps the entry that the process's Landlock rules name.
    let _entry = std::fs::File::open(format!("/proc/{}", process.as_raw_nonzero()));
    let pid = process.as_raw_nonzero().get();
    // When the cloud is gone, the link is closed as well, and `watch` returns.
    let _ = report(&link, &Report::Started { pid });
    // A supervisor that cannot watch ends what it has started.
    let watched = watch(&link, &ended, &descendants, process).unwrap_or(None);
    let left = descendants.end(process);
    let status = watched.or(left).map_or(0, WaitStatus::as_raw);
    report(&link, &Report::Ended { status })
}

/// Gives up what the cloud's process had: its terminal, its descriptors, and that others of the user
/// can read this process's memory.
fn drop_inherited() -> io::Result<()> {
    #[expect(unsafe_code, reason = "descriptors may be closed that something owns")]
    // SAFETY: the process has just begun, and owns no descriptors but the standard ones.
    unsafe {
        kernel::close_from(3)?;
    }
    setsid()?;
    // Its name is otherwise that of the link by which it was started.
    let _ = std::fs::write("/proc/self/comm", "orders-lab");
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    set_no_new_privs(true)?;
    Ok(())
}

fn prepare() -> io::Result<(Descendants, OwnedFd)> {
    let cloud = getppid().ok_or(io::ErrorKind::NotConnected)?;
    Ok((Descendants::adopt(cloud)?, kernel::ended_children()?))
}

/// Starts the function's program, confined.
fn start(launch: &Launch) -> io::Result<Pid> {
    let mut command = Command::new(&launch.program);
    command
        .current_dir(&launch.code)
        .env_clear()
        .envs(&launch.environment)
        .stdin(Stdio::null())
        .process_group(0);
    let supervisor = getpid();
    let (code, temporary) = (launch.code.clone(), launch.temporary.clone());
    let (port, resources) = (launch.port, launch.resources);
    #[expect(unsafe_code, reason = "only a hook between fork and exec can confine")]
    // SAFETY: this process has one thread, so the forked child may do whatever it could do.
    unsafe {
        command.pre_exec(move || confine(supervisor, &code, &temporary, port, resources));
    }
    let child = retry_while_busy(|| command.spawn())?;
    let pid = Pid::from_raw(child.id().cast_signed());
    pid.ok_or_else(|| io::Error::other("the process has no id"))
}

/// Waits until the process ends, and returns its status; or until the cloud asks for the end or is
/// gone, and returns `None`. Reaps whatever else ends meanwhile.
fn watch(
    link: &UnixStream,
    ended: &OwnedFd,
    descendants: &Descendants,
    process: Pid,
) -> io::Result<Option<WaitStatus>> {
    let mut signals = [0; 1024];
    loop {
        let mut sources = [
            PollFd::from_borrowed_fd(link.as_fd(), PollFlags::IN),
            PollFd::from_borrowed_fd(ended.as_fd(), PollFlags::IN),
        ];
        retry_on_intr(|| poll(&mut sources, None))?;
        let [link_event, ended_event] = sources.map(|source| !source.revents().is_empty());
        if ended_event {
            // How many signals there were says nothing about how many children have ended.
            let _ = rustix::io::read(ended, &mut signals);
            if let Some(status) = descendants.reap(process) {
                return Ok(Some(status));
            }
        }
        // The cloud sends nothing after the launch, so this is the end of its side.
        if link_event {
            return Ok(None);
        }
    }
}

fn report(mut link: &UnixStream, report: &Report) -> io::Result<()> {
    let mut line = serde_json::to_vec(report)?;
    line.push(b'\n');
    link.write_all(&line)
}

fn failed(problem: &io::Error) -> Report {
    Report::Failed {
        errno: Errno::from_io_error(problem).map(Errno::raw_os_error),
        message: problem.to_string(),
    }
}
