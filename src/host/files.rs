//! The files of the local cloud: its locks, its process record, its settings and its owner's key.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::error::CommandError;
use crate::home::{self, Home};
use crate::system;

/// The files that hold everything but the functions' code. The cloud names them.
const STATE_FILES: [&str; 2] = ["state.db", "tables.db"];

/// The paths in the local cloud's directory.
#[derive(Debug, Clone)]
pub(crate) struct CloudFiles {
    directory: PathBuf,
}

/// The owner's access key, created at the first start.
#[derive(Clone, Serialize, Deserialize)]
pub struct Owner {
    /// The access key id.
    pub access_key: String,
    /// The secret access key.
    pub secret_key: String,
}

/// The process that runs the cloud.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ProcessRecord {
    /// Its process id.
    pub pid: u32,
    /// The port that it listens on.
    pub port: u16,
    /// Its version.
    pub version: String,
    /// How many seconds of lab time pass in a real second.
    pub speed: u32,
}

/// The settings that are kept from one start to the next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CloudSettings {
    /// How many seconds of lab time pass in a real second.
    pub speed: u32,
    /// The port last used, or the one that the user asked for; 0 for any.
    pub port: u16,
}

impl Default for CloudSettings {
    fn default() -> Self {
        Self { speed: 10, port: 0 }
    }
}

impl CloudFiles {
    /// The files in this state directory. Creates nothing.
    pub(crate) fn of(home: &Home) -> Self {
        Self {
            directory: home.cloud(),
        }
    }

    /// The path of the directory.
    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    /// The file for the output of the cloud's process.
    pub(crate) fn log(&self) -> PathBuf {
        self.directory.join("cloud.log")
    }

    /// Takes the lock of the process that runs the cloud; `None` when another process has it.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub(crate) fn try_run_lock(&self) -> Result<Option<File>, CommandError> {
        let path = self.directory.join("lock");
        let file = open_lock(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(problem)) => Err(home::unusable(&path, problem)),
        }
    }

    /// Waits until no process runs the cloud. Blocks.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub(crate) fn wait_for_end(&self) -> Result<(), CommandError> {
        let path = self.directory.join("lock");
        open_lock(&path)?
            .lock()
            .map_err(|problem| home::unusable(&path, problem))
    }

    /// Waits for and takes the lock of the command that starts or stops the cloud.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub(crate) async fn start_lock(&self) -> Result<File, CommandError> {
        let path = self.directory.join("start.lock");
        let wait = tokio::task::spawn_blocking(move || {
            let file = open_lock(&path)?;
            match file.lock() {
                Ok(()) => Ok(file),
                Err(problem) => Err(home::unusable(&path, problem)),
            }
        });
        wait.await
            .map_err(|problem| CommandError::bug("waiting for a lock failed").because(problem))?
    }

    /// Tells others, until the file is closed, that this command uses the cloud. To be called by the
    /// holder of the start lock.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub(crate) fn use_lock(&self) -> Result<Arc<File>, CommandError> {
        let path = self.directory.join("use.lock");
        let file = open_lock(&path)?;
        match file.lock_shared() {
            Ok(()) => Ok(Arc::new(file)),
            Err(problem) => Err(home::unusable(&path, problem)),
        }
    }

    /// Whether the cloud has any state.
    pub(crate) fn has_state(&self) -> bool {
        STATE_FILES.iter().any(|name| self.size(name).is_some())
    }

    /// The file of the state that is missing or empty while the other one is there, and that one.
    pub(crate) fn lost(&self) -> Option<(PathBuf, PathBuf)> {
        let [state, tables] = STATE_FILES;
        let is_there = |name: &str| self.size(name).is_some_and(|size| size > 0);
        let (lost, kept) = match (is_there(state), is_there(tables)) {
            (false, true) => (state, tables),
            (true, false) => (tables, state),
            _ => return None,
        };
        Some((self.directory.join(lost), self.directory.join(kept)))
    }

    fn size(&self, name: &str) -> Option<u64> {
        let metadata = self.directory.join(name).metadata();
        metadata.ok().map(|metadata| metadata.len())
    }

    /// The record of the running process, where there is one.
    ///
    /// # Errors
    /// When it cannot be read. A damaged record counts as none: the lock, not the record, says
    /// whether a process runs.
    pub(crate) fn process(&self) -> Result<Option<ProcessRecord>, CommandError> {
        Ok(home::read(&self.process_path())?.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Records the running process.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn record_process(&self, record: &ProcessRecord) -> Result<(), CommandError> {
        home::write_json(&self.process_path(), record)
    }

    /// Removes the record of the running process.
    ///
    /// # Errors
    /// When it cannot be removed.
    pub(crate) fn forget_process(&self) -> Result<(), CommandError> {
        home::remove(&self.process_path())
    }

    /// The settings kept from the last start.
    ///
    /// # Errors
    /// When the file exists and cannot be read or is damaged.
    pub(crate) fn settings(&self) -> Result<CloudSettings, CommandError> {
        Ok(read(&self.settings_path())?.unwrap_or_default())
    }

    /// Keeps settings for the next start.
    ///
    /// # Errors
    /// When they cannot be written.
    pub(crate) fn keep_settings(&self, settings: &CloudSettings) -> Result<(), CommandError> {
        home::write_json(&self.settings_path(), settings)
    }

    /// The owner's key; `None` before the first start.
    ///
    /// # Errors
    /// When the file exists and cannot be read or is damaged.
    pub(crate) fn owner(&self) -> Result<Option<Owner>, CommandError> {
        read(&self.owner_path())
    }

    /// The owner's key, created if it does not exist.
    ///
    /// # Errors
    /// When the file cannot be used.
    pub(crate) fn owner_or_new(&self) -> Result<Owner, CommandError> {
        if let Some(owner) = self.owner()? {
            return Ok(owner);
        }
        let owner = Owner::random();
        home::write_json(&self.owner_path(), &owner)?;
        Ok(owner)
    }

    fn process_path(&self) -> PathBuf {
        self.directory.join("process.json")
    }

    fn settings_path(&self) -> PathBuf {
        self.directory.join("settings.json")
    }

    fn owner_path(&self) -> PathBuf {
        self.directory.join("owner.json")
    }
}

impl Owner {
    /// A new key in AWS's format: 20 and 40 characters.
    fn random() -> Self {
        use base64::Engine as _;
        const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let letters =
            system::random_bytes::<16>().map(|byte| char::from(ALPHABET[usize::from(byte & 31)]));
        Self {
            access_key: format!("AKIA{}", letters.iter().collect::<String>()),
            secret_key: base64::engine::general_purpose::STANDARD
                .encode(system::random_bytes::<30>()),
        }
    }
}

impl std::fmt::Debug for Owner {
    /// Without the secret.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Owner")
            .field("access_key", &self.access_key)
            .finish_non_exhaustive()
    }
}

fn open_lock(path: &Path) -> Result<File, CommandError> {
    if let Some(parent) = path.parent() {
        home::make_directory(parent)?;
    }
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map_err(|problem| home::unusable(path, problem))
}

/// Reads a JSON file in the local cloud's directory.
fn read<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, CommandError> {
    home::read_json(path).map_err(|error| {
        error
            .hint("Repair or move the file; it has not been changed.")
            .hint("`orders-lab local reset` starts over and removes all local labs.")
    })
}
