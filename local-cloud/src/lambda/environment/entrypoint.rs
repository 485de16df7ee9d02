//! Whether a function's `bootstrap` can be run, checked before it is tried: when the system finds
//! that a file is not a program, `execvp` hands it to the shell, which would run anything.
//!
//! Lambda takes any package, and reports a wrong entry point when the function is invoked. The
//! messages are those of its supervisor, which is written in Go.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use rustix::io::Errno;

/// The file that a function's code must have.
pub(super) const BOOTSTRAP: &str = "bootstrap";

/// Where functions on AWS have their code; the messages name it.
const TASK: &str = "/var/task/bootstrap";

/// An ELF header's machine: x86-64 and AArch64.
const EM_X86_64: u16 = 62;
const EM_AARCH64: u16 = 183;

/// The sizes of a 64-bit ELF file's header and of one entry of its program header table.
const HEADER: usize = 64;
const ENTRY: u16 = 56;

/// Why the function cannot be started; `None` if nothing stands in the way.
///
/// # Errors
/// When the file exists and cannot be read.
pub(super) fn obstacle(code: &Path, architecture: &str) -> io::Result<Option<String>> {
    let path = code.join(BOOTSTRAP);
    let metadata = match path.metadata() {
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => return Ok(Some(missing())),
        metadata => metadata?,
    };
    if !metadata.is_file() {
        return Ok(Some(missing()));
    }
    if metadata.permissions().mode() & 0o100 == 0 {
        return Ok(Some(not_started("permission denied")));
    }
    let mut head = Vec::with_capacity(HEADER);
    let limit = u64::try_from(HEADER).unwrap_or_default();
    File::open(&path)?.take(limit).read_to_end(&mut head)?;
    Ok(unfit(&head, metadata.len(), architecture).map(|why| not_started(&why)))
}

/// What is wrong with a file of this beginning and length.
pub(super) fn unfit(head: &[u8], length: u64, architecture: &str) -> Option<String> {
    const FORMAT: &str = "exec format error";
    if head.starts_with(b"#!") {
        return None;
    }
    let linux = cfg!(target_os = "linux");
    let Some(machine) = elf_machine(head, length) else {
        // Other systems have other formats of programs.
        let native = !linux && !head.starts_with(b"\x7fELF");
        return (!native).then(|| FORMAT.to_owned());
    };
    let wanted = match architecture {
        "arm64" => EM_AARCH64,
        _ => EM_X86_64,
    };
    let own = linux
        && match machine {
            EM_X86_64 => cfg!(target_arch = "x86_64"),
            EM_AARCH64 => cfg!(target_arch = "aarch64"),
            _ => false,
        };
    match machine == wanted {
        true if own => None,
        // It would run on AWS.
        true => Some(format!(
            "{FORMAT} (this local cloud's machine does not run {architecture} programs for Linux)"
        )),
        false => Some(FORMAT.to_owned()),
    }
}

/// The machine of a 64-bit program; `None` for what Linux does not accept as one.
fn elf_machine(head: &[u8], length: u64) -> Option<u16> {
    // 64-bit, little-endian, version 1.
    if !head.starts_with(b"\x7fELF\x02\x01\x01") || head.len() < HEADER {
        return None;
    }
    let half = |at: usize| Some(u16::from_le_bytes(head.get(at..at + 2)?.try_into().ok()?));
    let table = u64::from_le_bytes(head.get(32..40)?.try_into().ok()?);
    let (kind, machine, entry, entries) = (half(16)?, half(18)?, half(54)?, half(56)?);
    let end = table.checked_add(u64::from(ENTRY) * u64::from(entries))?;
    // 2 is an executable, 3 a position-independent one.
    let program = matches!(kind, 2 | 3) && entry == ENTRY && entries > 0 && end <= length;
    program.then_some(machine)
}

/// Why the system did not run the file; `None` if the file is not to blame but the machine (no
/// memory, too many processes or files).
pub(super) fn spawn_error(problem: &io::Error) -> Option<String> {
    let why = match Errno::from_io_error(problem)? {
        // The file exists, so its interpreter does not.
        Errno::NOENT => "no such file or directory",
        // The file itself may be executed, so its interpreter may not.
        Errno::ACCESS => "permission denied (a function can run the system's programs alone)",
        Errno::NOEXEC => "exec format error",
        Errno::NOTDIR => "not a directory",
        Errno::ISDIR => "is a directory",
        _ => return None,
    };
    Some(not_started(why))
}

fn missing() -> String {
    format!("Couldn't find valid bootstrap(s): [{TASK} /opt/bootstrap]")
}

fn not_started(why: &str) -> String {
    format!("fork/exec {TASK}: {why}")
}

#[cfg(test)]
mod tests;
