//! A package as it was unpacked: read-only, and checked before it is run.
//!
//! Hashing everything before each cold start would take longer than the start of a process. So what
//! the system says of each file and directory is kept: where it is, its size, its permissions, and
//! when its content and its status changed last. The last of these (ctime) is the system's own, which
//! only root could set, so files of which it is the same are the same. Where anything differs, all is
//! read and hashed again.

use std::collections::BTreeMap;
use std::fs::{self, DirBuilder, File, Metadata, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{
    DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use crate::lambda::engine::package::{self, Item, UnpackError};

/// The file system's times advance in steps of at most this. A change that is made after it has passed
/// has a later time than everything before.
pub(super) const TIME_STEP: Duration = Duration::from_millis(10);

/// The permission bits that nothing unpacked has.
const WRITE: u32 = 0o222;

/// An unpacked package.
#[derive(Debug)]
pub(super) struct Tree {
    root: PathBuf,
    /// By their paths relative to the root, which itself is the empty path.
    entries: BTreeMap<PathBuf, Entry>,
    /// Whether the content was read again after the stamps were taken.
    is_confirmed: bool,
}

/// A file or directory of a package.
#[derive(Debug)]
struct Entry {
    /// The SHA-256 of a file's content; `None` for a directory.
    sha256: Option<[u8; 32]>,
    /// The permission bits.
    mode: u32,
    /// As it was when its content was last checked.
    stamp: Option<Stamp>,
}

/// What the system says of a file, which is the same only if nobody has changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    place: (u64, u64),
    mode: u32,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Stamp {
    fn of(metadata: &Metadata) -> Self {
        Self {
            place: (metadata.dev(), metadata.ino()),
            mode: metadata.mode(),
            size: metadata.size(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        }
    }
}

impl Tree {
    /// Unpacks a zip to `root`, which must not exist. Until all is written, it has the name `part` and
    /// may be written to, because a zip may have a name twice.
    ///
    /// # Errors
    /// When the zip is invalid, or something cannot be written.
    pub(super) fn unpack(zip: &[u8], part: &Path, root: &Path) -> io::Result<Self> {
        let mut tree = Self {
            root: part.to_owned(),
            entries: BTreeMap::new(),
            is_confirmed: false,
        };
        tree.add_directories(Path::new(""))?;
        package::unpack(zip, |item, content| tree.add(item, content)).map_err(|problem| {
            match problem {
                UnpackError::Io(problem) => problem,
                UnpackError::Refused(error) => io::Error::other(error),
            }
        })?;
        // Some systems rename only a directory that may be written.
        fs::rename(part, root)?;
        root.clone_into(&mut tree.root);
        for (path, entry) in &tree.entries {
            let mode = Permissions::from_mode(entry.mode);
            fs::set_permissions(root.join(path), mode)?;
        }
        tree.stamp()?;
        Ok(tree)
    }

    /// Checks that everything is as it was unpacked and nothing was added: by the stamps, or where
    /// they differ by the content.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`], naming the first difference, or the system's error where
    /// something cannot be read.
    pub(super) fn verify(&mut self) -> io::Result<()> {
        if self.is_unchanged() {
            return Ok(());
        }
        // A later change has another time than the stamps that are taken now.
        std::thread::sleep(TIME_STEP);
        self.stamp()?;
        self.compare()
    }

    /// Reads once what was unpacked, because a change right after it was unpacked may have left the
    /// stamps as they were. To be called after [`TIME_STEP`].
    ///
    /// # Errors
    /// Those of [`Tree::verify`].
    pub(super) fn confirm(&mut self) -> io::Result<()> {
        self.stamp()?;
        self.compare()
    }

    /// Whether [`Tree::confirm`] has nothing to do any more.
    pub(super) fn is_confirmed(&self) -> bool {
        self.is_confirmed
    }

    fn is_unchanged(&self) -> bool {
        self.entries.iter().all(|(path, entry)| {
            let now = fs::symlink_metadata(self.root.join(path));
            now.is_ok_and(|now| entry.stamp == Some(Stamp::of(&now)))
        })
    }

    /// Takes the stamps.
    pub(super) fn stamp(&mut self) -> io::Result<()> {
        for (path, entry) in &mut self.entries {
            let found = fs::symlink_metadata(self.root.join(path))?;
            let is_same_kind = match entry.sha256 {
                Some(_) => found.is_file(),
                None => found.is_dir(),
            };
            if !is_same_kind || found.mode() & 0o7777 != entry.mode {
                return Err(changed(path));
            }
            entry.stamp = Some(Stamp::of(&found));
        }
        Ok(())
    }

    /// Reads everything and compares it with what was unpacked.
    fn compare(&mut self) -> io::Result<()> {
        for (path, entry) in &self.entries {
            let full = self.root.join(path);
            let is_same = match entry.sha256 {
                Some(expected) => expected == copy_hashing(&mut File::open(full)?, io::sink())?,
                None => self.has_only_known(path, &full)?,
            };
            if !is_same {
                return Err(changed(path));
            }
        }
        self.is_confirmed = true;
        Ok(())
    }

    fn has_only_known(&self, path: &Path, full: &Path) -> io::Result<bool> {
        for found in fs::read_dir(full)? {
            if !self.entries.contains_key(&path.join(found?.file_name())) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn add(&mut self, item: &Item, content: &mut dyn Read) -> io::Result<()> {
        if item.is_directory {
            return self.add_directories(&item.path);
        }
        if let Some(parent) = item.path.parent() {
            self.add_directories(parent)?;
        }
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(self.root.join(&item.path))?;
        let sha256 = copy_hashing(content, &mut file)?;
        // Whatever the zip says, the owner may read it: otherwise it could not be run.
        let mode = (item.mode.unwrap_or(0o644) | 0o400) & !WRITE;
        let entry = Entry {
            sha256: Some(sha256),
            mode,
            stamp: None,
        };
        self.entries.insert(item.path.clone(), entry);
        Ok(())
    }

    /// Creates a directory and those above it, writable until all is unpacked.
    fn add_directories(&mut self, path: &Path) -> io::Result<()> {
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(self.root.join(path))?;
        for directory in path.ancestors() {
            self.entries.entry(directory.to_owned()).or_insert(Entry {
                sha256: None,
                mode: 0o500,
                stamp: None,
            });
        }
        Ok(())
    }
}

fn copy_hashing(from: &mut (impl Read + ?Sized), mut to: impl Write) -> io::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let length = match from.read(&mut chunk) {
            Ok(0) => return Ok(hash.finalize().into()),
            Ok(length) => length,
            Err(problem) if problem.kind() == io::ErrorKind::Interrupted => continue,
            Err(problem) => return Err(problem),
        };
        hash.update(&chunk[..length]);
        to.write_all(&chunk[..length])?;
    }
}

fn changed(path: &Path) -> io::Error {
    let what = if path.as_os_str().is_empty() {
        "the code's directory".to_owned()
    } else {
        format!("{path:?} in the code's directory")
    };
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{what} is not as it was unpacked"),
    )
}
