//! The code store: deployment packages by their hashes, each unpacked once.
//!
//! A package is written to a temporary file and then renamed, so that what is stored under a hash is
//! complete, whenever the cloud was killed.

use std::collections::{HashMap, HashSet};
use std::fs::{self, DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};

use crate::error::AwsError;
use crate::lambda::engine::package::{self, Item, UnpackError};

/// A stored package.
#[derive(Debug, Clone)]
pub struct StoredPackage {
    /// The SHA-256 of the zip, in base64, as Lambda reports it.
    pub sha256_base64: String,
    /// The size of the zip in bytes.
    pub size: u64,
    /// Keeps the package until a function has it.
    pub pin: Pin,
}

/// Keeps a package in the store until it is dropped.
#[derive(Debug, Clone)]
pub struct Pin {
    _alive: Arc<()>,
}

/// The packages in a directory. All calls block.
#[derive(Debug)]
pub struct CodeStore {
    home: PathBuf,
    /// Held while packages are written or removed, because two uploads may bring the same one.
    writing: Mutex<()>,
    /// The packages by their hashes (base64), with what is alive while they are pinned.
    packages: Mutex<HashMap<String, Weak<()>>>,
}

impl CodeStore {
    /// The store in this directory, which is created if it does not exist. What a killed cloud
    /// left unfinished is removed.
    ///
    /// # Errors
    /// When the directory cannot be used.
    pub fn open(home: impl Into<PathBuf>) -> io::Result<Self> {
        let home = home.into();
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&home)?;
        for entry in fs::read_dir(&home)? {
            let entry = entry?;
            if entry.file_name().to_string_lossy().ends_with(".part") {
                remove(&entry.path())?;
            }
        }
        Ok(Self {
            home,
            writing: Mutex::default(),
            packages: Mutex::default(),
        })
    }

    /// Checks a zip and stores it.
    ///
    /// # Errors
    /// Those of [`package::check`], and `InternalFailure` when it could not be written.
    pub fn store(&self, zip: &[u8]) -> Result<StoredPackage, AwsError> {
        package::check(zip)?;
        let sha256 = Sha256::digest(zip);
        let sha256_base64 = BASE64.encode(sha256);
        let _writing = self.writing();
        let stored = StoredPackage {
            pin: self.pin(&sha256_base64),
            sha256_base64,
            size: u64::try_from(zip.len()).unwrap_or(u64::MAX),
        };
        let path = self.home.join(format!("{}.zip", hex::encode(sha256)));
        if !path.exists() {
            write_atomically(&path, zip).map_err(|problem| {
                AwsError::internal(format!("The package could not be stored: {problem}"))
            })?;
        }
        Ok(stored)
    }

    /// The zip with this hash (base64).
    ///
    /// # Errors
    /// When it does not exist or cannot be read.
    pub fn zip(&self, sha256_base64: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path(sha256_base64, "zip")?)
    }

    /// The directory with the unpacked package of this hash (base64).
    ///
    /// # Errors
    /// When it does not exist or cannot be unpacked.
    pub fn directory(&self, sha256_base64: &str) -> io::Result<PathBuf> {
        let path = self.path(sha256_base64, "d")?;
        let _writing = self.writing();
        if path.is_dir() {
            return Ok(path);
        }
        let zip = self.zip(sha256_base64)?;
        let part = path.with_extension("d.part");
        remove(&part)?;
        let unpacked = DirBuilder::new().mode(0o700).create(&part).and_then(|()| {
            package::unpack(&zip, |item, content| write_item(&part, item, content)).map_err(
                |problem| match problem {
                    UnpackError::Io(problem) => problem,
                    UnpackError::Refused(error) => io::Error::other(error),
                },
            )
        });
        match unpacked.and_then(|()| fs::rename(&part, &path)) {
            Ok(()) => Ok(path),
            Err(problem) => {
                // The next start removes what could not be removed now.
                let _ = remove(&part);
                Err(problem)
            }
        }
    }

    /// Keeps the package with this hash (base64), which may not be stored yet.
    pub fn pin(&self, sha256_base64: &str) -> Pin {
        let mut packages = self.packages();
        if let Some(alive) = packages.get(sha256_base64).and_then(Weak::upgrade) {
            return Pin { _alive: alive };
        }
        let alive = Arc::new(());
        packages.insert(sha256_base64.to_owned(), Arc::downgrade(&alive));
        Pin { _alive: alive }
    }

    /// The hashes (base64) of the packages that are neither pinned nor in `used`.
    pub fn unused(&self, used: &HashSet<&str>) -> Vec<String> {
        let packages = self.packages();
        let unused = packages
            .iter()
            .filter(|(hash, alive)| alive.strong_count() == 0 && !used.contains(hash.as_str()));
        unused.map(|(hash, _)| hash.clone()).collect()
    }

    /// Removes the packages that `unused` returns, which is called while nothing can be stored.
    ///
    /// # Errors
    /// When one cannot be removed. It stays among the unused ones.
    pub fn remove(&self, unused: impl FnOnce() -> Vec<String>) -> io::Result<()> {
        let _writing = self.writing();
        for hash in unused() {
            remove(&self.path(&hash, "d")?)?;
            remove(&self.path(&hash, "zip")?)?;
            let mut packages = self.packages();
            if packages
                .get(&hash)
                .is_some_and(|alive| alive.strong_count() == 0)
            {
                packages.remove(&hash);
            }
        }
        Ok(())
    }

    /// Removes all packages except those with these hashes (base64). To be called at the start,
    /// when no execution environment uses another one and none is being uploaded.
    ///
    /// # Errors
    /// When the directory cannot be read or something in it cannot be removed.
    pub fn retain(&self, used: &HashSet<String>) -> io::Result<()> {
        self.packages()
            .extend(used.iter().map(|hash| (hash.clone(), Weak::new())));
        let used: HashSet<String> = used.iter().filter_map(|hash| hexadecimal(hash)).collect();
        let _writing = self.writing();
        for entry in fs::read_dir(&self.home)? {
            let path = entry?.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            if !stem.is_some_and(|stem| used.contains(stem)) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn writing(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn packages(&self) -> MutexGuard<'_, HashMap<String, Weak<()>>> {
        self.packages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn path(&self, sha256_base64: &str, extension: &str) -> io::Result<PathBuf> {
        let hash = hexadecimal(sha256_base64).ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "this is not a package's hash")
        })?;
        Ok(self.home.join(hash).with_extension(extension))
    }
}

/// A hash as a file name: base64 has slashes.
fn hexadecimal(sha256_base64: &str) -> Option<String> {
    let hash = BASE64.decode(sha256_base64).ok()?;
    (hash.len() == 32).then(|| hex::encode(hash))
}

fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("zip.part");
    let mut file = File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

/// Removes a file or directory, if it exists.
fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(()),
        removed => removed,
    }
}

/// Writes one item of a package. Whatever the zip's permissions are, the owner may read files and
/// write to directories: otherwise the package could be neither run nor removed.
fn write_item(root: &Path, item: &Item, content: &mut dyn Read) -> io::Result<()> {
    let path = root.join(&item.path);
    if item.is_directory {
        return fs::create_dir_all(&path);
    }
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&path)?;
    io::copy(content, &mut file)?;
    file.set_permissions(Permissions::from_mode(item.mode.unwrap_or(0o644) | 0o400))
}

#[cfg(test)]
mod tests;
