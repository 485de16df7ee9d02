//! The state directory: where the local cloud keeps its state and where runs are recorded.

use std::fs::{self, DirBuilder};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::CommandError;

/// The variable that names another state directory.
pub const HOME_VARIABLE: &str = "ORDERS_LAB_HOME";

/// The state directory.
#[derive(Debug, Clone)]
pub struct Home {
    root: PathBuf,
}

impl Home {
    /// Finds the state directory: `chosen` (from `ORDERS_LAB_HOME`), or `orders-lab` in the
    /// user's state directory (XDG). Makes nothing.
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

    /// The directory itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What the local cloud keeps.
    pub fn cloud(&self) -> PathBuf {
        self.root.join("cloud")
    }

    /// What is remembered of one lab on one target (for example `local` or
    /// `aws-123456789012-us-east-1`).
    pub fn lab(&self, target: &str, lab: &str) -> PathBuf {
        self.root.join("labs").join(target).join(lab)
    }

    /// The file that remembers that the user agreed to act on an AWS account.
    pub fn account(&self, account: &str) -> PathBuf {
        self.root.join("accounts").join(format!("{account}.json"))
    }

    /// Where the labs' targets are remembered.
    pub fn target_records(&self) -> PathBuf {
        self.root.join("targets")
    }

    /// The file that remembers a lab's target.
    pub fn target_record(&self, lab: &str) -> PathBuf {
        self.target_records().join(format!("{lab}.json"))
    }
}

/// Makes a directory, and those above it, readable by its owner alone.
///
/// # Errors
/// When it cannot be made; the error names it.
pub fn make_directory(path: &Path) -> Result<(), CommandError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .map_err(|problem| unusable(path, problem))
}

/// Reads a file; `None` where there is none.
///
/// # Errors
/// When it is there and cannot be read; the error names it.
pub fn read(path: &Path) -> Result<Option<String>, CommandError> {
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(problem) => Err(unusable(path, problem)),
    }
}

/// Replaces a file's content in one step, readable by its owner alone: a reader sees the old
/// content or the new, never a part.
///
/// # Errors
/// When it cannot be written; the error names it.
pub fn write(path: &Path, content: &str) -> Result<(), CommandError> {
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
        .and_then(|mut file| file.write_all(content.as_bytes()))
        .and_then(|()| fs::rename(&draft, path));
    written.map_err(|problem| {
        let _ = fs::remove_file(&draft);
        unusable(path, problem)
    })
}

/// Reads a record; `None` where there is none.
///
/// # Errors
/// When it is there and cannot be read or makes no sense; the error names it, and leaves to the
/// caller what to do about it.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, CommandError> {
    let Some(text) = read(path)? else {
        return Ok(None);
    };
    serde_json::from_str(&text).map(Some).map_err(|problem| {
        CommandError::environment(format!("{} is damaged", path.display())).because(problem)
    })
}

/// Replaces a record in one step, as [`write`] does.
///
/// # Errors
/// When it cannot be written; the error names it.
pub fn write_json(path: &Path, record: &impl Serialize) -> Result<(), CommandError> {
    let text = serde_json::to_string_pretty(record).map_err(|problem| {
        CommandError::bug("a record could not be written as JSON").because(problem)
    })?;
    write(path, &text)
}

/// Writes a file that is not the lab's own and that anybody may read, such as a manual page.
///
/// # Errors
/// When it cannot be written; the error names it.
pub fn write_public(path: &Path, content: &str) -> Result<(), CommandError> {
    let folder = path.parent().map_or(Ok(()), fs::create_dir_all);
    folder
        .and_then(|()| fs::write(path, content))
        .map_err(|problem| {
            CommandError::environment(format!("cannot write {}", path.display()))
                .because(problem)
                .hint("Name a folder that you may write to.")
        })
}

/// What is in a directory; nothing where there is none.
///
/// # Errors
/// When it is there and cannot be read; the error names it.
pub fn files(path: &Path) -> Result<Vec<PathBuf>, CommandError> {
    match fs::read_dir(path) {
        Ok(entries) => Ok(entries.flatten().map(|entry| entry.path()).collect()),
        Err(problem) if problem.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(problem) => Err(unusable(path, problem)),
    }
}

/// Removes a file or a whole directory; it is no error when there is none.
///
/// # Errors
/// When it cannot be removed; the error names it.
pub fn remove(path: &Path) -> Result<(), CommandError> {
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

/// The error for something in the state directory that cannot be used.
pub fn unusable(path: &Path, problem: io::Error) -> CommandError {
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
