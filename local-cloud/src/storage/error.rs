//! Why state cannot be used, so that the advice fits.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

/// With less room than this, a failure without another reason is put down to the full disk: SQLite
/// reports some of these as a failed read, or as a file that cannot be opened.
const NEARLY_FULL: u64 = 256 << 10;

/// Why the state could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageError {
    /// The file exists but cannot be read as state. It is not changed.
    #[error("the state in {path} is damaged: {reason}")]
    Damaged {
        /// The file.
        path: String,
        /// What was found.
        reason: String,
    },
    /// The file was written by a version with another layout.
    #[error("the state in {path} has layout {found}, this version reads layout {expected}")]
    Layout {
        /// The file.
        path: String,
        /// The layout found.
        found: u32,
        /// The layout that this version reads.
        expected: u32,
    },
    /// The files of the state do not belong together: one is lost, empty or of another cloud.
    #[error("{reason}")]
    Incomplete {
        /// Which file, and what is there.
        reason: String,
    },
    /// The disk has no room.
    #[error("the disk that holds {path} is full")]
    DiskFull {
        /// The file or directory.
        path: String,
    },
    /// The file, or the file system that it is on, can only be read.
    #[error("{path} is read-only")]
    ReadOnly {
        /// The file or directory.
        path: String,
    },
    /// The user may not use the file.
    #[error("there is no permission to use {path}")]
    Denied {
        /// The file or directory.
        path: String,
    },
    /// Another process has the file open.
    #[error("another process is using {path}")]
    InUse {
        /// The file.
        path: String,
    },
    /// Reading or writing failed for another reason, for example a broken disk.
    #[error("cannot read or write {path}: {reason}")]
    Io {
        /// The file or directory.
        path: String,
        /// The system's message.
        reason: String,
    },
}

impl StorageError {
    /// The error of the file system for this file or directory.
    pub fn io(path: &Path, problem: &io::Error) -> Self {
        let shown = path.display().to_string();
        match problem.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                Self::DiskFull { path: shown }
            }
            io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path: shown },
            io::ErrorKind::PermissionDenied => Self::Denied { path: shown },
            _ => Self::unclear(path, problem.to_string()),
        }
    }

    /// The error of SQLite for this file.
    pub fn sqlite(path: &Path, problem: &rusqlite::Error) -> Self {
        let shown = path.display().to_string();
        let reason = problem.to_string();
        match problem.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged {
                path: shown,
                reason,
            },
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                Self::InUse { path: shown }
            }
            Some(ErrorCode::DiskFull) => Self::DiskFull { path: shown },
            Some(ErrorCode::ReadOnly) => Self::ReadOnly { path: shown },
            Some(ErrorCode::PermissionDenied) => Self::Denied { path: shown },
            _ => Self::unclear(path, reason),
        }
    }

    /// Whether it lasts, unlike a file that is in use.
    pub fn is_failure(&self) -> bool {
        !matches!(self, Self::InUse { .. })
    }

    /// A failure whose reason does not say what is wrong.
    fn unclear(path: &Path, reason: String) -> Self {
        let shown = path.display().to_string();
        let room = path
            .ancestors()
            .find_map(|path| rustix::fs::statvfs(path).ok());
        if room.is_some_and(|disk| disk.f_bavail * disk.f_frsize < NEARLY_FULL) {
            return Self::DiskFull { path: shown };
        }
        Self::Io {
            path: shown,
            reason,
        }
    }
}
