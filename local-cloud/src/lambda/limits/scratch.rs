//! The disk space of an environment's temporary files.

use std::collections::HashSet;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::MB;

/// What a file takes at least, so that many empty ones are bounded too.
const LEAST: u64 = 4096;

/// The disk space that the cloud keeps for itself where nobody says how much: 256 MB, or 5 % of a disk
/// that is smaller than 5 GB.
pub(crate) fn default_reserve(directory: &Path) -> u64 {
    const MOST: u64 = 256 * MB;
    rustix::fs::statvfs(directory).map_or(MOST, |disk| {
        MOST.min(disk.f_blocks.saturating_mul(disk.f_frsize) / 20)
    })
}

/// The bytes that the files in a directory take, or any number above `limit` if they take more.
pub(super) fn taken(directory: &Path, limit: u64) -> u64 {
    let mut linked = HashSet::new();
    let mut bytes = 0;
    let mut unread = vec![directory.to_owned()];
    while let Some(directory) = unread.pop() {
        for path in entries(&directory) {
            let file = match fs::symlink_metadata(&path) {
                Ok(file) => file,
                // So many directories in each other hide what is in them.
                Err(problem) if problem.kind() == io::ErrorKind::InvalidFilename => {
                    return limit.saturating_add(1);
                }
                // It may have been removed meanwhile.
                Err(_) => continue,
            };
            if file.is_dir() {
                unread.push(path);
            } else if file.nlink() > 1 && !linked.insert(file.ino()) {
                continue;
            }
            bytes += (file.blocks() * 512).max(LEAST);
            if bytes > limit {
                return bytes;
            }
        }
    }
    bytes
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    let read = || -> io::Result<Vec<PathBuf>> {
        let entries = fs::read_dir(directory)?;
        Ok(entries.flatten().map(|entry| entry.path()).collect())
    };
    read().unwrap_or_else(|problem| {
        if problem.kind() != io::ErrorKind::PermissionDenied {
            return Vec::new();
        }
        // What a function hides takes space too.
        let readable = Permissions::from_mode(0o700);
        let entries = fs::set_permissions(directory, readable).and_then(|()| read());
        entries.unwrap_or_default()
    })
}

/// The bytes that are free on the disk of a directory; `None` where the system does not tell.
pub(super) fn free(directory: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(directory).ok()?;
    Some(disk.f_bavail.saturating_mul(disk.f_frsize))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_count_with_what_they_take() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        assert_eq!(taken(directory.path(), u64::MAX), 0);
        fs::write(path("empty"), "").unwrap();
        assert_eq!(taken(directory.path(), u64::MAX), LEAST);
        fs::create_dir(path("hidden")).unwrap();
        fs::write(path("hidden/file"), vec![1; 1 << 20]).unwrap();
        fs::hard_link(path("hidden/file"), path("again")).unwrap();
        fs::set_permissions(path("hidden"), Permissions::from_mode(0o0)).unwrap();
        let all = taken(directory.path(), u64::MAX);
        assert!((1 << 20..3 << 19).contains(&all), "{all}");
        fs::File::create(path("sparse"))
            .unwrap()
            .set_len(1 << 40)
            .unwrap();
        assert!(taken(directory.path(), u64::MAX) < 2 << 20);
    }

    #[test]
    fn what_is_too_deep_to_count_is_too_much() {
        let directory = tempfile::tempdir().unwrap();
        let script =
            "import os\nfor _ in range(1000):\n  os.mkdir('long-name')\n  os.chdir('long-name')";
        let mut python = std::process::Command::new("/usr/bin/python3");
        let python = python.args(["-c", script]).current_dir(directory.path());
        assert!(python.status().unwrap().success());
        assert_eq!(taken(directory.path(), 1 << 30), (1 << 30) + 1);
        crate::lambda::removal::remove(directory.path()).unwrap();
    }

    #[test]
    fn counting_ends_at_the_limit() {
        let directory = tempfile::tempdir().unwrap();
        for name in 0..100 {
            fs::write(directory.path().join(name.to_string()), "").unwrap();
        }
        assert_eq!(taken(directory.path(), 10 * LEAST), 11 * LEAST);
    }
}
