//! Removes unpacked code, which is read-only, and what functions leave in their temporary directories.
//! They may have made that difficult: directories that cannot be read, or so many in each other that
//! neither the stack nor the descriptors suffice to go through them.

use std::fs::{self, DirEntry, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::ids::{Ids as _, SystemIds};

/// Removes a file, or a directory with everything in it, if it exists. Blocks. No process may be
/// changing it.
///
/// # Errors
/// When something in it cannot be removed.
pub(crate) fn remove(root: &Path) -> io::Result<()> {
    match fs::symlink_metadata(root) {
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => return Ok(()),
        Ok(found) if found.is_dir() => {}
        _ => return fs::remove_file(root),
    }
    if fs::remove_dir_all(root).is_ok() {
        return Ok(());
    }
    flatten(root)?;
    fs::remove_dir(root)
}

/// Creates an empty directory. What an earlier cloud has left in it is moved aside and removed in the
/// background: it can be so much that nobody should wait for it.
///
/// # Errors
/// When the directory cannot be used.
pub(crate) fn empty_directory(directory: &Path) -> io::Result<()> {
    let aside = directory.with_extension("old");
    if directory.exists() {
        fs::create_dir_all(&aside)?;
        fs::rename(directory, aside.join(SystemIds.hex(16)))?;
    }
    fs::create_dir_all(directory)?;
    std::thread::spawn(move || {
        if let Err(problem) = remove(&aside) {
            tracing::warn!(%problem, "files of earlier functions could not be removed");
        }
    });
    Ok(())
}

/// Removes everything in a directory. What is in a directory below is moved up before that one is
/// removed, so that each is moved at most once and no path gets long.
fn flatten(root: &Path) -> io::Result<()> {
    // No name in there begins with it.
    let prefix = SystemIds.hex(16);
    let mut moved = 0_u64;
    loop {
        let found = entries(root)?;
        if found.is_empty() {
            return Ok(());
        }
        for entry in found {
            if !entry.file_type()?.is_dir() {
                fs::remove_file(entry.path())?;
                continue;
            }
            for inner in entries(&entry.path())? {
                if inner.file_type()?.is_dir() {
                    make_accessible(&inner.path())?;
                }
                moved += 1;
                fs::rename(inner.path(), root.join(format!("{prefix}-{moved}")))?;
            }
            fs::remove_dir(entry.path())?;
        }
    }
}

fn entries(directory: &Path) -> io::Result<Vec<DirEntry>> {
    make_accessible(directory)?;
    fs::read_dir(directory)?.collect()
}

fn make_accessible(directory: &Path) -> io::Result<()> {
    fs::set_permissions(directory, Permissions::from_mode(0o700))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Directories in each other, each entered by a relative path as none is allowed to be so long.
    fn nest(directory: &Path, depth: u32) {
        let script = format!(
            "import os\nfor _ in range({depth}):\n  os.mkdir('d')\n  open('f', 'w')\n  os.chdir('d')"
        );
        let mut python = std::process::Command::new("/usr/bin/python3");
        let status = python.args(["-c", &script]).current_dir(directory).status();
        assert!(status.unwrap().success());
    }

    #[test]
    fn deep_directories_are_removed() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().join("root");
        fs::create_dir(&root).unwrap();
        nest(&root, 1500);
        flatten(&root).unwrap();
        assert_eq!(entries(&root).unwrap().len(), 0);
        nest(&root, 1500);
        remove(&root).unwrap();
        assert!(!root.exists());
        remove(&root).unwrap();
    }

    #[test]
    fn closed_directories_and_links_are_removed() {
        let home = tempfile::tempdir().unwrap();
        let (root, outside) = (home.path().join("root"), home.path().join("outside"));
        fs::create_dir_all(root.join("closed/inner")).unwrap();
        fs::create_dir(&outside).unwrap();
        fs::write(outside.join("file"), "kept").unwrap();
        std::os::unix::fs::symlink(&outside, root.join("closed/link")).unwrap();
        for directory in ["closed/inner", "closed"] {
            fs::set_permissions(root.join(directory), Permissions::from_mode(0o000)).unwrap();
        }
        flatten(&root).unwrap();
        assert_eq!(entries(&root).unwrap().len(), 0);
        assert_eq!(fs::read(outside.join("file")).unwrap(), b"kept");
    }
}
