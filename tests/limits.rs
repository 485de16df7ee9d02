//! Functions that use too much of the machine. Each test tries one thing.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::Value;

use crate::support::hostile::Hostile;
use crate::support::lab::Lab;

/// What the report of an environment that was ended says.
const KILLED: &str = "Error: Runtime exited with error: signal: killed";

#[test]
fn memory_beyond_the_functions_ends_it() {
    let hostile = Hostile::new();
    let failure = hostile.fail("eve", "held = b'x' * (160 << 20); time.sleep(60)");
    assert_eq!(failure.error, "Runtime.OutOfMemory");
    assert!(failure.message.ends_with(KILLED), "{}", failure.message);
    assert!(
        failure.log.contains("Error Type: Runtime.OutOfMemory"),
        "{}",
        failure.log
    );
    assert_eq!(
        hostile.run("eve", "result = 1"),
        1,
        "a new environment works"
    );
}

#[test]
fn memory_of_a_detached_process_counts() {
    let hostile = Hostile::new();
    if !hostile.enforces("processes") {
        return;
    }
    let python = r"
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        held = b'x' * (160 << 20)
        time.sleep(60)
    os._exit(0)
time.sleep(60)
";
    assert_eq!(hostile.fail("eve", python).error, "Runtime.OutOfMemory");
}

#[test]
fn a_memory_bomb_is_refused_at_once() {
    let hostile = Hostile::new();
    assert_eq!(hostile.run("eve", "held = b'x' * (4 << 30)"), "MemoryError");
}

#[test]
fn memory_in_files_without_a_name_counts() {
    let hostile = Hostile::new();
    let python = r"
file = os.memfd_create('hidden')
for _ in range(200):
    os.write(file, bytes(1 << 20))
time.sleep(60)
";
    assert_eq!(hostile.fail("eve", python).error, "Runtime.OutOfMemory");
}

#[test]
fn a_disk_is_not_filled_at_once() {
    let hostile = Hostile::new();
    let python = r"
libc.fallocate.argtypes = [ctypes.c_int, ctypes.c_int, ctypes.c_long, ctypes.c_long]
with tempfile.TemporaryFile() as file:
    check(libc.fallocate(file.fileno(), 0, 0, 1 << 20))
";
    assert_eq!(hostile.run("eve", python), "OSError");
}

#[test]
fn the_last_of_the_disk_is_kept_for_the_cloud() {
    let lab = Lab::new();
    let mut start = lab.command(&["local", "start"]);
    start.env("ORDERS_LAB_DISK_RESERVE", "1000000000");
    assert!(start.status().expect("the tool runs").success());
    let hostile = Hostile::on(lab);
    assert_eq!(hostile.run("eve", "result = 1"), 1);
    let python = "open(tempfile.gettempdir() + '/file', 'w').write('a'); time.sleep(60)";
    let failure = hostile.fail("eve", python);
    let why = "1000000000 MB were left on the disk, which the local cloud keeps for itself";
    assert!(failure.log.contains(why), "{}", failure.log);
}

#[test]
fn a_file_larger_than_the_ephemeral_storage_is_refused() {
    let hostile = Hostile::new();
    let python = r"
with tempfile.TemporaryFile() as file:
    file.truncate(513 << 20)
";
    assert_eq!(hostile.run("eve", python), "OSError");
}

#[test]
fn temporary_files_beyond_the_ephemeral_storage_end_the_function() {
    let hostile = Hostile::new();
    for unlink in ["", "os.unlink(path)"] {
        let python = format!(
            r"
files = []
for number in range(6):
    path = tempfile.gettempdir() + '/' + str(number)
    files.append(open(path, 'w'))
    os.posix_fallocate(files[-1].fileno(), 0, 100 << 20)
    {unlink}
time.sleep(60)
"
        );
        let failure = hostile.fail("eve", &python);
        let why = "its temporary files took more than the 512 MB of its ephemeral storage";
        assert!(failure.log.contains(why), "{}", failure.log);
        assert!(failure.message.ends_with(KILLED), "{}", failure.message);
    }
}

#[test]
fn a_fork_bomb_ends_with_its_environment() {
    let hostile = Hostile::new();
    let python = r"
for _ in range(1500):
    if os.fork() == 0:
        os.setsid()
        time.sleep(60)
time.sleep(60)
";
    // Whichever of processes and their memory is too much first.
    let failure = hostile.fail("eve", python);
    assert!(failure.message.ends_with(KILLED), "{}", failure.message);
    assert_eq!(hostile.run("victim", "result = 1"), 1, "the cloud goes on");
}

#[test]
fn open_files_are_bounded() {
    let hostile = Hostile::new();
    let python = "result = [os.dup(0) for _ in range(1100)]";
    assert_eq!(hostile.run("eve", python), "OSError");
    let raise = "import resource; resource.setrlimit(resource.RLIMIT_NOFILE, (4096, 4096))";
    assert_eq!(hostile.run("victim", raise), "ValueError");
}

#[test]
fn changed_code_does_not_run() {
    let hostile = Hostile::new();
    let code = "os.environ['LAMBDA_TASK_ROOT'] + '/bootstrap'";
    let path = hostile.run("victim", &format!("result = {code}"));
    let path = PathBuf::from(path.as_str().expect("a path"));
    let before = path.metadata().expect("a file");
    assert_eq!(before.permissions().mode() & 0o222, 0, "it is read-only");
    let text = fs::read_to_string(&path).expect("readable");
    fs::set_permissions(&path, Permissions::from_mode(0o700)).expect("changed");
    fs::write(&path, text.replace("result=None", "result='changed'")).expect("written");
    let file = File::open(&path).expect("a file");
    file.set_modified(before.modified().expect("a time"))
        .expect("set");
    hostile.fail("victim", "os._exit(1)");
    assert_eq!(hostile.run("victim", ""), Value::Null);
    assert_eq!(fs::read_to_string(&path).expect("readable"), text);
    let log = hostile.lab.home().join("cloud/cloud.log");
    let log = fs::read_to_string(log).expect("a log");
    assert!(
        log.contains("a function's code was changed, and is unpacked again"),
        "{log}"
    );
}
