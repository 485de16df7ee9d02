//! Functions that try to get out of their confinement, or to outlive it. Each test tries one thing.

use std::net::TcpListener;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open, test_kill_process};

use crate::support::hostile::{Hostile, REFUSED};
use crate::support::lab::{Lab, kill};

/// How long to wait for what should happen at once.
const LIMIT: Duration = Duration::from_secs(20);

/// Starts a process in a session of its own that ignores what it can, and returns its id.
const DETACH: &str = r#"
reader, writer = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        libc.prctl(1, 0)
        os.write(writer, str(os.getpid()).encode())
        os.closerange(0, 256)
        while True:
            time.sleep(60)
    os._exit(0)
result = int(os.read(reader, 20))
"#;

/// Processes that each start the next one and end, as fast as they can.
const HOP: &str = r#"
if os.fork() == 0:
    os.setsid()
    while True:
        if os.fork():
            os._exit(0)
result = True
"#;

#[test]
fn files_of_the_user_cannot_be_read() {
    let hostile = Hostile::new();
    if !hostile.enforces("files") {
        return;
    }
    let home = hostile.lab.home();
    std::fs::create_dir(home.join(".aws")).expect("a directory");
    std::fs::write(home.join(".aws/credentials"), "secret").expect("written");
    for file in [
        "cloud/owner.json",
        "cloud/process.json",
        "cloud/state.db",
        "cloud/tables.db",
        "cloud/cloud.log",
        ".aws/credentials",
    ] {
        let path = home.join(file);
        assert!(path.exists(), "{}", path.display());
        hostile.refuse(&format!("open({path:?}).read()"));
        hostile.refuse(&format!("open({path:?}, 'a')"));
    }
    for directory in [home, &home.join("cloud"), "/".as_ref(), "/tmp".as_ref()] {
        hostile.refuse(&format!("os.listdir({directory:?})"));
    }
    hostile.refuse(&format!("open({:?}, 'w')", home.join("cloud/new")));
    hostile.refuse(&format!("os.unlink({:?})", home.join("cloud/owner.json")));
    hostile.refuse(&format!(
        "os.rename({:?}, tempfile.gettempdir() + '/key')",
        home.join("cloud/owner.json")
    ));
    // Landlock refuses a link from elsewhere as one across devices.
    let link = format!(
        "os.link({:?}, tempfile.gettempdir() + '/key')",
        home.join("cloud/owner.json")
    );
    assert_eq!(hostile.run("eve", &link), "OSError");
    hostile.refuse("open('/etc/shadow').read()");
}

#[test]
fn temporary_files_can_be_used() {
    let hostile = Hostile::new();
    let python = r##"
with tempfile.TemporaryDirectory() as directory:
    path = directory + "/program"
    open(path, "w").write("#!/bin/sh\necho ran\n")
    os.chmod(path, 0o700)
    os.rename(path, path + "2")
    result = subprocess.run([path + "2"], capture_output=True, text=True).stdout
"##;
    assert_eq!(hostile.run("eve", python), "ran\n");
    let python = "result = subprocess.run('echo $(mktemp -u)', shell=True, capture_output=True, text=True).stdout.startswith(tempfile.gettempdir())";
    assert_eq!(hostile.run("eve", python), true);
}

#[test]
fn code_cannot_be_changed() {
    let hostile = Hostile::new();
    if !hostile.enforces("files") {
        return;
    }
    let theirs = hostile.run("victim", "result = os.environ['LAMBDA_TASK_ROOT']");
    let temporary = hostile.run("victim", "result = tempfile.gettempdir()");
    for file in [
        format!("{theirs}"),
        "os.environ['LAMBDA_TASK_ROOT']".to_owned(),
    ] {
        hostile.refuse(&format!("open({file} + '/bootstrap', 'a')"));
        hostile.refuse(&format!("open({file} + '/new', 'w')"));
        hostile.refuse(&format!("os.unlink({file} + '/bootstrap')"));
    }
    hostile.refuse(&format!("open({theirs} + '/bootstrap').read()"));
    hostile.refuse(&format!("os.listdir({temporary})"));
    hostile.refuse(&format!("open({temporary} + '/new', 'w')"));
}

#[test]
fn other_processes_cannot_be_read() {
    let hostile = Hostile::new();
    if !hostile.enforces("files") {
        return;
    }
    let victim = hostile.pid("victim", "result = os.getpid()");
    let cloud = hostile.lab.cloud_pid().expect("a cloud");
    let supervisor = hostile.pid("eve", "result = os.getppid()");
    for pid in [victim, cloud, supervisor] {
        for file in [
            "environ",
            "mem",
            "maps",
            "cmdline",
            "status",
            "fd/0",
            "root/etc/hosts",
        ] {
            hostile.refuse(&format!("open('/proc/{pid}/{file}', 'rb').read(1)"));
        }
        hostile.refuse(&format!("os.listdir('/proc/{pid}/fd')"));
        // PTRACE_ATTACH and PTRACE_SEIZE
        hostile.refuse(&format!("check(libc.ptrace(16, {pid}, 0, 0))"));
        hostile.refuse(&format!("check(libc.ptrace(0x4206, {pid}, 0, 0))"));
        // process_vm_readv: the addresses are never looked at.
        hostile.refuse(&format!(
            "check(libc.process_vm_readv({pid}, (ctypes.c_long * 2)(1, 1), 1, (ctypes.c_long * 2)(1, 1), 1, 0))"
        ));
    }
    hostile.refuse("os.listdir('/proc')");
    let own = "result = open('/proc/self/environ').read() != ''";
    assert_eq!(hostile.run("eve", own), true);
}

#[test]
fn other_processes_cannot_be_signalled() {
    let hostile = Hostile::new();
    if !hostile.enforces("signals") {
        return;
    }
    let victim = hostile.pid("victim", "result = os.getpid()");
    let cloud = hostile.lab.cloud_pid().expect("a cloud");
    let supervisor = hostile.pid("eve", "result = os.getppid()");
    let this = std::process::id().cast_signed();
    for pid in [victim, cloud, supervisor, this] {
        hostile.refuse(&format!("os.kill({pid}, 0)"));
        hostile.refuse(&format!(
            "signal.pidfd_send_signal(os.pidfd_open({pid}), 0)"
        ));
    }
    let own = "child = subprocess.Popen(['sleep', '60']); child.kill(); result = child.wait()";
    assert_eq!(hostile.run("eve", own), -9);
}

#[test]
fn limits_of_other_processes_cannot_be_changed() {
    let hostile = Hostile::new();
    if !hostile.enforces("system_calls") {
        return;
    }
    let cloud = hostile.lab.cloud_pid().expect("a cloud");
    let limit = "(ctypes.c_ulong * 2)(0, 0)";
    hostile.refuse(&format!("check(libc.prlimit({cloud}, 0, {limit}, None))"));
    hostile.refuse(&format!("os.setpriority(os.PRIO_PROCESS, {cloud}, 19)"));
    hostile.refuse("os.setpriority(os.PRIO_USER, 0, 19)");
    hostile.refuse(&format!("os.sched_setaffinity({cloud}, [0])"));
    hostile.refuse(&format!(
        "os.sched_setscheduler({cloud}, os.SCHED_IDLE, os.sched_param(0))"
    ));
}

#[test]
fn nothing_is_shared_with_other_processes() {
    let hostile = Hostile::new();
    if !hostile.enforces("system_calls") {
        return;
    }
    hostile.refuse("check(libc.shmget(7, 4096, 0o1600))");
    hostile.refuse("check(libc.semget(7, 1, 0o1600))");
    hostile.refuse("check(libc.msgget(7, 0o1600))");
    // add_key, request_key and keyctl
    for number in if cfg!(target_arch = "aarch64") {
        217..=219
    } else {
        248..=250
    } {
        hostile.refuse(&format!("check(libc.syscall({number}, 0, 0, 0, 0, 0))"));
    }
    // io_uring_setup
    hostile.refuse("check(libc.syscall(425, 8, ctypes.create_string_buffer(256)))");
}

#[test]
fn only_the_cloud_can_be_connected_to() {
    let hostile = Hostile::new();
    if !hostile.enforces("connections") {
        return;
    }
    let other = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let port = other.local_addr().expect("an address").port();
    hostile.refuse(&format!("socket.create_connection(('127.0.0.1', {port}))"));
    hostile.refuse("socket.create_server(('127.0.0.1', 0))");
    let cloud = hostile.cloud.port;
    let allowed = format!("socket.create_connection(('127.0.0.1', {cloud})); result = True");
    assert_eq!(hostile.run("eve", &allowed), true);
}

#[test]
fn only_tcp_sockets_can_be_made() {
    let hostile = Hostile::new();
    if !hostile.enforces("system_calls") {
        return;
    }
    for kind in [
        "socket.AF_INET, socket.SOCK_DGRAM",
        "socket.AF_INET6, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC",
        "socket.AF_INET, socket.SOCK_RAW, 1",
        "socket.AF_INET, socket.SOCK_STREAM, 262",
        "socket.AF_INET, socket.SOCK_SEQPACKET, 132",
        "socket.AF_UNIX, socket.SOCK_STREAM",
        "socket.AF_UNIX, socket.SOCK_DGRAM",
        "socket.AF_NETLINK, socket.SOCK_RAW",
        "socket.AF_VSOCK, socket.SOCK_STREAM",
    ] {
        hostile.refuse(&format!("socket.socket({kind})"));
    }
    let cloud = hostile.cloud.port;
    // MSG_FASTOPEN connects without `connect`.
    hostile.refuse(&format!(
        "socket.socket().sendto(b'', 0x20000000, ('127.0.0.1', {cloud}))"
    ));
    let pair = "a, b = socket.socketpair(); a.send(b'x'); result = b.recv(1) == b'x'";
    assert_eq!(hostile.run("eve", pair), true);
}

#[test]
fn sockets_of_the_user_cannot_be_connected_to() {
    let hostile = Hostile::new();
    if !hostile.enforces("signals") {
        return;
    }
    let name = format!("orders-lab-{}", std::process::id());
    let address = SocketAddr::from_abstract_name(&name).expect("an address");
    let _abstract = UnixListener::bind_addr(&address).expect("a listener");
    let path = hostile.lab.home().join("socket");
    let _named = UnixListener::bind(&path).expect("a listener");
    for address in [format!("'\\0{name}'"), format!("{path:?}")] {
        hostile.refuse(&format!("socket.socket(socket.AF_UNIX).connect({address})"));
    }
}

#[test]
fn functions_have_no_terminal() {
    let hostile = Hostile::new();
    let open = hostile.run("eve", "open('/dev/tty', 'w')");
    assert!(open == REFUSED || open == "OSError", "{open}");
    let terminals = "result = [os.isatty(number) for number in range(3)]";
    let none = serde_json::json!([false, false, false]);
    assert_eq!(hostile.run("eve", terminals), none);
    // The seventh field is the controlling terminal; the name before it has no spaces.
    let controlling = "result = open('/proc/self/stat').read().split()[6]";
    assert_eq!(hostile.run("eve", controlling), "0");
    let session = "result = os.getsid(0) == os.getppid()";
    assert_eq!(hostile.run("eve", session), true);
}

#[test]
fn descriptors_are_not_inherited() {
    let lab = Lab::new();
    let secret = lab.home().join("secret");
    std::fs::write(&secret, "secret").expect("written");
    let script = r#"exec 7<"$1"; shift; exec "$@""#;
    let tool = lab.command(&["local", "start"]);
    let mut shell = Command::new("/bin/sh");
    shell
        .args(["-c", script, "sh"])
        .arg(&secret)
        .arg(tool.get_program())
        .args(tool.get_args())
        .env_clear()
        .envs(
            tool.get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .stdin(Stdio::null());
    assert!(shell.output().expect("the shell runs").status.success());
    let hostile = Hostile::on(lab);
    let cloud = hostile.lab.cloud_pid().expect("a cloud");
    let supervisor = hostile.pid("eve", "result = os.getppid()");
    for pid in [cloud, supervisor] {
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd")).expect("descriptors");
        for descriptor in descriptors.flatten() {
            let target = std::fs::read_link(descriptor.path()).unwrap_or_default();
            assert_ne!(target, secret, "process {pid} has inherited it");
        }
    }
    // The standard ones, the connection to the cloud, and the directory that is being read.
    let own = "result = sorted(map(int, os.listdir('/proc/self/fd')))";
    let expected = serde_json::json!([0, 1, 2, 3, 4]);
    assert_eq!(hostile.run("eve", own), expected);
}

#[test]
fn detached_processes_end_with_the_function() {
    let hostile = Hostile::new();
    if !hostile.enforces("processes") {
        return;
    }
    let detached = Watched::new(hostile.pid("eve", DETACH));
    hostile.delete();
    detached.await_end();
}

#[test]
fn detached_processes_end_with_a_crash() {
    let hostile = Hostile::new();
    if !hostile.enforces("processes") {
        return;
    }
    let detached = Watched::new(hostile.pid("eve", DETACH));
    let bootstrap = hostile.pid("eve", "result = os.getpid()");
    kill(bootstrap);
    detached.await_end();
}

#[test]
fn detached_processes_end_with_a_killed_cloud() {
    let hostile = Hostile::new();
    if !hostile.enforces("processes") {
        return;
    }
    let detached = Watched::new(hostile.pid("eve", DETACH));
    let function = Watched::new(hostile.pid("eve", "result = os.getpid()"));
    hostile.lab.kill_cloud();
    detached.await_end();
    function.await_end();
}

#[test]
fn function_ends_with_its_supervisor() {
    let hostile = Hostile::new();
    if !hostile.enforces("processes") {
        return;
    }
    let function = Watched::new(hostile.pid("eve", "result = os.getpid()"));
    kill(hostile.pid("eve", "result = os.getppid()"));
    function.await_end();
    // The next invocation has a new environment.
    let next = hostile.pid("eve", "result = os.getpid()");
    assert_ne!(function.pid.as_raw_nonzero().get(), next);
}

#[test]
fn processes_that_hop_end_with_the_cloud() {
    let hostile = Hostile::new();
    if !hostile.enforces("processes") {
        return;
    }
    assert_eq!(hostile.run("eve", HOP), true);
    let is_running = || {
        let code = hostile.lab.home().join("cloud/functions");
        let code = code.to_str().expect("text").to_owned();
        let processes = std::fs::read_dir("/proc").expect("processes").flatten();
        let mut lines =
            processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
        lines.any(|line| String::from_utf8_lossy(&line).contains(&code))
    };
    assert!(is_running());
    hostile.lab.good(&["local", "stop"]);
    assert!(!is_running());
}

#[test]
fn temporary_files_do_not_prevent_the_next_start() {
    let hostile = Hostile::new();
    // More directories in each other than a process may have descriptors.
    let python = r#"
os.chdir(tempfile.gettempdir())
os.mkdir("closed", 0)
for _ in range(1100):
    os.mkdir("d")
    os.chdir("d")
result = True
"#;
    assert_eq!(hostile.run("eve", python), true);
    hostile.lab.kill_cloud();
    hostile.lab.await_cloud_end();
    hostile.lab.good(&["local", "start"]);
    let left = std::fs::read_dir(hostile.lab.home().join("cloud/functions/environments"));
    assert_eq!(left.expect("a directory").count(), 0);
}

#[test]
fn ended_processes_leave_no_zombies() {
    let hostile = Hostile::new();
    if !hostile.enforces("processes") {
        return;
    }
    let python = r#"
reader, writer = os.pipe()
if os.fork() == 0:
    if os.fork() == 0:
        os.write(writer, str(os.getpid()).encode())
        time.sleep(0.2)
    os._exit(0)
result = int(os.read(reader, 20))
"#;
    let orphan = Watched::new(hostile.pid("eve", python));
    orphan.await_end();
    hostile.run("eve", "os.wait()");
    // A zombie has ended as well; what is gone has been waited for.
    orphan.await_reaped();
}

/// A process whose end can be waited for.
struct Watched {
    pid: Pid,
    descriptor: OwnedFd,
}

impl Watched {
    fn new(pid: i32) -> Self {
        let pid = Pid::from_raw(pid).expect("a process id");
        let descriptor = pidfd_open(pid, PidfdFlags::empty()).expect("it runs");
        Self { pid, descriptor }
    }

    /// Waits until it has ended.
    fn await_end(&self) {
        let mut sources = [PollFd::from_borrowed_fd(
            self.descriptor.as_fd(),
            PollFlags::IN,
        )];
        let limit = Timespec::try_from(LIMIT).expect("a time");
        let ready = poll(&mut sources, Some(&limit)).expect("waiting works");
        assert_eq!(ready, 1, "process {:?} goes on", self.pid);
    }

    /// Waits until its parent has been told of its end.
    fn await_reaped(&self) {
        let began = Instant::now();
        while test_kill_process(self.pid).is_ok() {
            assert!(
                began.elapsed() < LIMIT,
                "process {:?} is a zombie",
                self.pid
            );
            std::thread::yield_now();
        }
    }
}
