//! The state directory: where the local cloud keeps its state and where runs are recorded.

mod ownership;

use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::CommandError;

/// The environment variable that names another state directory.
pub(crate) const HOME_VARIABLE: &str = "ORDERS_LAB_HOME";

/// The state directory.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// Finds the state directory: `chosen` (from `ORDERS_LAB_HOME`), or `orders-lab` in the
    /// user's state directory (XDG). Creates nothing.
    ///
    /// # Errors
    /// When the user has no home directory.
    pub fn find(chosen: Option<PathBuf>) -> Result<Self, CommandError> {
        if let Some(root) = chosen.filter(|path| !path.as_os_str().is_empty()) {
            let root = std::path::absolute(&root).unwrap_or(root);
            return Ok(Self { root });
        }
        let strategy = etcetera::choose_base_strategy().map_err(|problem| {
            CommandError::environment("there is no home directory to keep the lab's state in")
                .because(problem)
                .hint(format!("Set {HOME_VARIABLE} to a directory of yours."))
        })?;
        let base = strategy.state_dir().unwrap_or_else(|| strategy.data_dir());
        Ok(Self {
            root: base.join("orders-lab"),
        })
    }

    /// Checks that the directory and what is in it are the user's alone. It need not exist.
    ///
    /// # Errors
    /// Another user can change it, or read the local cloud's keys; the error says what to do.
    pub(crate) fn check_ownership(&self) -> Result<(), CommandError> {
        ownership::check(&self.root, &self.cloud())
    }

    /// The path of the directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The directory of the local cloud's state.
    pub fn cloud(&self) -> PathBuf {
        self.root.join("cloud")
    }

    /// The directory of one lab's records on one target (for example `local` or
    /// `aws-123456789012-us-east-1`).
    pub fn lab(&self, target: &str, lab: &str) -> PathBuf {
        self.root.join("labs").join(target).join(lab)
    }

    /// The file that records that the user agreed to act on an AWS account.
    pub fn account(&self, account: &str) -> PathBuf {
        self.root.join("accounts").join(format!("{account}.json"))
    }

    /// The directory of the functions' packages that shown commands name.
    pub fn packages(&self) -> PathBuf {
        self.root.join("packages")
    }

    /// The directory of the labs' target records.
    pub fn target_records(&self) -> PathBuf {
        self.root.join("targets")
    }

    /// The file that records a lab's target.
    pub fn target_record(&self, lab: &str) -> PathBuf {
        self.target_records().join(format!("{lab}.json"))
    }
}

/// Creates a directory and its parents, readable by the owner only.
///
/// # Errors
/// When it cannot be created; the error names it.
pub(crate) fn make_directory(path: &Path) -> Result<(), CommandError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|problem| unusable(path, problem))
}

/// Reads a file; `None` where it does not exist.
///
/// # Errors
/// When it exists and cannot be read; the error names it.
pub(crate) fn read(path: &Path) -> Result<Option<String>, CommandError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(problem) => Err(unusable(path, problem)),
    }
}

/// Replaces a file's content atomically, readable by the owner only: a reader sees the old content
/// or the new, never a part.
///
/// # Errors
/// When it cannot be written; the error names it.
pub(crate) fn write(path: &Path, content: &str) -> Result<(), CommandError> {
    write_bytes(path, content.as_bytes())
}

/// The same for content that is no text.
///
/// # Errors
/// When it cannot be written; the error names it.
pub(crate) fn write_bytes(path: &Path, content: &[u8]) -> Result<(), CommandError> {
    if let Some(parent) = path.parent() {
        make_directory(parent)?;
    }
    let draft = path.with_extension(format!("new-{}", std::process::id()));
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .and_then(|mut file| file.write_all(content))
        .and_then(|()| fs::rename(&draft, path));
    written.map_err(|problem| {
        let _ = fs::remove_file(&draft);
        unusable(path, problem)
    })
}

/// Reads a JSON file; `None` where it does not exist.
///
/// # Errors
/// When it exists and cannot be read or is damaged; the error names it. The caller adds the hint
/// that says what to do.
pub(crate) fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, CommandError> {
    let Some(text) = read(path)? else {
        return Ok(None);
    };
    serde_json::from_str(&text).map(Some).map_err(|problem| {
        CommandError::environment(format!("{} is damaged", path.display())).because(problem)
    })
}

/// Replaces a JSON file atomically, as [`write`] does.
///
/// # Errors
/// When it cannot be written; the error names it.
pub(crate) fn write_json(path: &Path, record: &impl Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(record).map_err(|problem| {
        CommandError::bug("a record could not be written as JSON").because(problem)
    })?;
    write(path, &text)
}

/// Writes a file outside the state directory that anybody may read, such as a manual page.
///
/// # Errors
/// When it cannot be written; the error names it.
pub(crate) fn write_public(path: &Path, content: &str) -> Result<(), CommandError> {
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder
        .and_then(|()| fs::write(path, content))
        .map_err(|problem| {
            CommandError::environment(format!("cannot write {}", path.display()))
                .because(problem)
                .hint("Name a folder that you may write to.")
        })
}

/// The entries of a directory; none where it does not exist.
///
/// # Errors
/// When it exists and cannot be read; the error names it.
pub(crate) fn files(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    match fs::read_dir(path) {
        Ok(entries) => Ok(entries.flatten().map(|entry| entry.path()).collect()),
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(problem) => Err(unusable(path, problem)),
    }
}

/// Removes a file or a whole directory, if it exists.
///
/// # Errors
/// When it cannot be removed; the error names it.
pub(crate) fn remove(path: &Path) -> Result<(), CommandError> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(problem) if problem.kind() != io::ErrorKind::NotFound => Err(unusable(path, problem)),
        _ => Ok(()),
    }
}

/// The error for a path in the state directory that cannot be used.
pub(crate) fn unusable(path: &Path, problem: io::Error) -> CommandError {
    let full = problem.kind() == io::ErrorKind::StorageFull;
    CommandError::environment(format!("cannot use {}", path.display()))
        .because(problem)
        .hint(if full {
            "Make room on the disk and run the command again.".to_owned()
        } else {
            format!(
                "Check its owner and permissions, or set {HOME_VARIABLE} to a directory of yours."
            )
        })
}
