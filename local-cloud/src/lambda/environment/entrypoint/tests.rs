//! Files that are programs, and files that are none.

use std::fs::{self, Permissions};

use super::*;

const HERE: &str = if cfg!(target_arch = "aarch64") {
    "arm64"
} else {
    "x86_64"
};
const ELSEWHERE: &str = if cfg!(target_arch = "aarch64") {
    "x86_64"
} else {
    "arm64"
};
const FORMAT: &str = "fork/exec /var/task/bootstrap: exec format error";

fn elf(machine: u16) -> Vec<u8> {
    let mut program = vec![0; HEADER + usize::from(ENTRY)];
    program[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    let mut put = |at: usize, value: u16| {
        program[at..at + 2].copy_from_slice(&value.to_le_bytes());
    };
    put(16, 3);
    put(18, machine);
    put(32, u16::try_from(HEADER).unwrap());
    put(54, ENTRY);
    put(56, 1);
    program
}

fn machine_of(architecture: &str) -> u16 {
    match architecture {
        "arm64" => EM_AARCH64,
        _ => EM_X86_64,
    }
}

fn see(content: &[u8], mode: u32, architecture: &str) -> Option<String> {
    let code = tempfile::tempdir().unwrap();
    let path = code.path().join(BOOTSTRAP);
    fs::write(&path, content).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
    obstacle(code.path(), architecture).unwrap()
}

#[test]
fn scripts_and_native_programs_can_run() {
    assert_eq!(see(b"#!/bin/sh\n", 0o755, HERE), None);
    assert_eq!(see(b"#!/bin/sh\n", 0o755, ELSEWHERE), None);
    if cfg!(target_os = "linux") {
        assert_eq!(see(&elf(machine_of(HERE)), 0o755, HERE), None);
        let own = fs::read(std::env::current_exe().unwrap()).unwrap();
        let length = u64::try_from(own.len()).unwrap();
        assert_eq!(unfit(&own[..HEADER], length, HERE), None);
    }
}

#[test]
fn programs_of_other_machines_cannot_run() {
    let other = elf(machine_of(ELSEWHERE));
    assert_eq!(see(&other, 0o755, HERE).as_deref(), Some(FORMAT));
    let mine = elf(machine_of(HERE));
    assert_eq!(see(&mine, 0o755, ELSEWHERE).as_deref(), Some(FORMAT));
    assert_eq!(see(&elf(3), 0o755, HERE).as_deref(), Some(FORMAT));
    let foreign = see(&other, 0o755, ELSEWHERE).unwrap();
    assert!(foreign.starts_with(FORMAT), "{foreign}");
    assert!(foreign.contains("does not run"), "{foreign}");
}

#[test]
fn other_files_are_not_handed_to_a_shell() {
    let mut object = elf(machine_of(HERE));
    object[16] = 1;
    let mut headless = elf(machine_of(HERE));
    headless[56] = 0;
    let whole = elf(machine_of(HERE));
    let cut = &whole[..whole.len() - 1];
    for content in [
        &b""[..],
        b"echo hello\n",
        b"\x7fELF",
        &object,
        &headless,
        cut,
    ] {
        let seen = see(content, 0o755, HERE);
        if cfg!(target_os = "linux") {
            assert_eq!(seen.as_deref(), Some(FORMAT), "{content:?}");
        }
    }
}

#[test]
fn bootstrap_must_be_an_executable_file() {
    let denied = "fork/exec /var/task/bootstrap: permission denied";
    assert_eq!(see(b"#!/bin/sh\n", 0o644, HERE).as_deref(), Some(denied));
    let missing = "Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]";
    let code = tempfile::tempdir().unwrap();
    let see = || obstacle(code.path(), HERE).unwrap();
    assert_eq!(see().as_deref(), Some(missing));
    fs::create_dir(code.path().join(BOOTSTRAP)).unwrap();
    assert_eq!(see().as_deref(), Some(missing));
}

#[test]
fn spawn_errors_blame_the_file_or_the_machine() {
    let refused = |errno: Errno| spawn_error(&errno.into());
    let gone = "fork/exec /var/task/bootstrap: no such file or directory";
    assert_eq!(refused(Errno::NOENT).as_deref(), Some(gone));
    assert_eq!(refused(Errno::NOMEM), None);
}
