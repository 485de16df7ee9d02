//! The code store: deployment packages by their hashes, each unpacked when it is first run.
//!
//! The packages are state. What is unpacked of them is not: it is read-only, checked before each use,
//! and removed at the start, so that nothing that has happened to it lasts. Both are written under another name and then renamed, so
//! what is found under a hash is complete, whenever the cloud was killed.

mod tree;

use std::collections::{HashMap, HashSet};
use std::fs::{self, DirBuilder, File};
use std::io::{self, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};

use self::tree::{TIME_STEP, Tree};
use crate::error::AwsError;
use crate::lambda::engine::package;
use crate::lambda::removal::remove;

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
    /// The directory of the packages.
    zips: PathBuf,
    /// The directory of what is unpacked.
    unpacked: PathBuf,
    /// What is unpacked, by hashes (base64). Held while packages are written, unpacked or removed,
    /// because two uploads may bring the same one.
    writing: Mutex<HashMap<String, Tree>>,
    /// The packages by their hashes (base64), with what is alive while they are pinned.
    packages: Mutex<HashMap<String, Weak<()>>>,
}

impl CodeStore {
    /// The store with packages in the one directory, and what is unpacked of them in the other. Both
    /// are created if they do not exist. What a killed cloud left unfinished is removed.
    ///
    /// # Errors
    /// When a directory cannot be used.
    pub fn open(zips: impl Into<PathBuf>, unpacked: impl Into<PathBuf>) -> io::Result<Self> {
        let store = Self {
            zips: zips.into(),
            unpacked: unpacked.into(),
            writing: Mutex::default(),
            packages: Mutex::default(),
        };
        make_directory(&store.zips)?;
        make_directory(&store.unpacked)?;
        for path in entries(&store.unpacked)? {
            match path.file_name() {
                // Earlier versions kept the packages here.
                Some(name) if path.extension().is_some_and(|one| one == "zip") => {
                    fs::rename(&path, store.zips.join(name))?;
                }
                _ => remove(&path)?,
            }
        }
        for path in entries(&store.zips)? {
            if path.extension().is_some_and(|one| one == "part") {
                remove(&path)?;
            }
        }
        Ok(store)
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
        // One that is there already may be damaged, so it is replaced.
        self.zip_path(&stored.sha256_base64)
            .and_then(|path| write_atomically(&path, zip))
            .map_err(|problem| {
                AwsError::internal(format!("The package could not be stored: {problem}"))
            })?;
        Ok(stored)
    }

    /// Whether the package with this hash (base64) and size is there.
    pub fn has(&self, sha256_base64: &str, size: u64) -> bool {
        let path = self.zip_path(sha256_base64);
        path.and_then(fs::metadata)
            .is_ok_and(|found| found.len() == size)
    }

    /// The zip with this hash (base64).
    ///
    /// # Errors
    /// When it does not exist, cannot be read, or is not what was stored.
    pub fn zip(&self, sha256_base64: &str) -> io::Result<Vec<u8>> {
        let zip = fs::read(self.zip_path(sha256_base64)?)?;
        if BASE64.encode(Sha256::digest(&zip)) != sha256_base64 {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the package is damaged",
            ));
        }
        Ok(zip)
    }

    /// The directory with the unpacked package of this hash (base64): what was unpacked, unchanged. One
    /// that was changed is unpacked again, and that is logged.
    ///
    /// # Errors
    /// When it does not exist or cannot be unpacked.
    pub fn directory(&self, sha256_base64: &str) -> io::Result<PathBuf> {
        let path = self.directory_path(sha256_base64)?;
        let mut trees = self.writing();
        if let Some(tree) = trees.get_mut(sha256_base64) {
            match tree.verify() {
                Ok(()) => return Ok(path),
                Err(problem) => tracing::warn!(
                    %problem,
                    directory = %path.display(),
                    "a function's code was changed, and is unpacked again"
                ),
            }
        }
        trees.remove(sha256_base64);
        let zip = self.zip(sha256_base64)?;
        let part = path.with_extension("part");
        // Its parent may have been removed while the cloud was running.
        make_directory(&self.unpacked)?;
        remove(&path)?;
        remove(&part)?;
        match Tree::unpack(&zip, &part, &path) {
            Ok(tree) => {
                trees.insert(sha256_base64.to_owned(), tree);
                Ok(path)
            }
            Err(problem) => {
                // The next attempt or start removes what could not be removed now.
                let _ = remove(&part).and(remove(&path));
                Err(problem)
            }
        }
    }

    /// Reads once what was just unpacked of this hash (base64), after a moment, and forgets it where it was
    /// changed. Takes time that a start should not wait for.
    pub fn confirm(&self, sha256_base64: &str) {
        let is_unconfirmed = |tree: &Tree| !tree.is_confirmed();
        if !self
            .writing()
            .get(sha256_base64)
            .is_some_and(is_unconfirmed)
        {
            return;
        }
        std::thread::sleep(TIME_STEP);
        let mut trees = self.writing();
        if let Some(Err(problem)) = trees.get_mut(sha256_base64).map(Tree::confirm) {
            tracing::warn!(%problem, "a function's code was changed, and is unpacked again");
            trees.remove(sha256_base64);
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
        let mut trees = self.writing();
        for hash in unused() {
            trees.remove(&hash);
            remove(&self.directory_path(&hash)?)?;
            remove(&self.zip_path(&hash)?)?;
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

    /// Removes what is unpacked. To be called when no execution environment is left: a directory that
    /// may not be written to is hard to remove for people.
    ///
    /// # Errors
    /// When something cannot be removed. The next start removes it.
    pub fn close(&self) -> io::Result<()> {
        let mut trees = self.writing();
        trees.clear();
        entries(&self.unpacked)?
            .iter()
            .try_for_each(|path| remove(path))
    }

    /// Removes all packages except those with these hashes (base64). To be called at the start,
    /// when no execution environment uses another one and none is being uploaded.
    ///
    /// # Errors
    /// When the directory cannot be read or something in it cannot be removed.
    pub fn retain(&self, used: &HashSet<String>) -> io::Result<()> {
        self.packages()
            .extend(used.iter().map(|hash| (hash.clone(), Weak::new())));
        let used: HashSet<String> = used
            .iter()
            .filter_map(|hash| hexadecimal(hash).ok())
            .collect();
        let _writing = self.writing();
        for path in entries(&self.zips)? {
            let stem = path.file_stem().and_then(|stem| stem.to_str());
            if !stem.is_some_and(|stem| used.contains(stem)) {
                remove(&path)?;
            }
        }
        Ok(())
    }

    fn writing(&self) -> MutexGuard<'_, HashMap<String, Tree>> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn packages(&self) -> MutexGuard<'_, HashMap<String, Weak<()>>> {
        self.packages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn zip_path(&self, sha256_base64: &str) -> io::Result<PathBuf> {
        let name = hexadecimal(sha256_base64)?;
        Ok(self.zips.join(name).with_extension("zip"))
    }

    fn directory_path(&self, sha256_base64: &str) -> io::Result<PathBuf> {
        Ok(self.unpacked.join(hexadecimal(sha256_base64)?))
    }
}

/// A hash as a file name: base64 has slashes.
fn hexadecimal(sha256_base64: &str) -> io::Result<String> {
    let hash = BASE64.decode(sha256_base64).unwrap_or_default();
    if hash.len() != 32 {
        let problem = "this is not a package's hash";
        return Err(io::Error::new(io::ErrorKind::InvalidInput, problem));
    }
    Ok(hex::encode(hash))
}

fn make_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

fn entries(directory: &Path) -> io::Result<Vec<PathBuf>> {
    fs::read_dir(directory)?
        .map(|entry| Ok(entry?.path()))
        .collect()
}

fn write_atomically(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let part = path.with_extension("zip.part");
    if let Some(directory) = path.parent() {
        make_directory(directory)?;
    }
    let mut file = File::create(&part)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&part, path)
}

#[cfg(test)]
mod tests;
