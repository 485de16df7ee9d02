//! The runs recorded on this machine, one append-only file for each: a header, then one line before
//! and one line after each range of orders is sent. The orders of a range that was begun and not
//! confirmed may or may not have been sent. [`text`] defines the lines.

pub mod text;

pub use text::{Header, Range, Run, Step, parse};

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind as IoKind, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::CommandError;
use crate::home;

/// Identifies an order.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct OrderId {
    /// The name of the run that sent it.
    pub run: String,
    /// Its index in the run.
    pub index: u64,
}

/// Reads every run recorded under `memory`, in the order of their names.
///
/// # Errors
/// When the directory or a file cannot be read, or a file is damaged; the error names it.
pub fn load(memory: &Path) -> Result<Vec<Run>, CommandError> {
    let directory = memory.join("runs");
    let entries = match fs::read_dir(&directory) {
        Ok(entries) => entries,
        Err(error) if error.kind() == IoKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(home::unusable(&directory, error)),
    };
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<PathBuf>, _>>()
        .map_err(|error| home::unusable(&directory, error))?;
    paths.retain(|path| path.extension().is_some_and(|end| end == "ndjson"));
    paths.sort();
    paths.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Result<Run, CommandError> {
    let text = fs::read_to_string(path).map_err(|error| home::unusable(path, error))?;
    parse(&text).map_err(|problem| {
        CommandError::environment(format!("the record {} is unusable", path.display()))
            .because(problem)
    })
}

/// Appends to a run's file.
#[derive(Debug)]
pub struct Recorder {
    file: File,
    path: PathBuf,
}

impl Recorder {
    /// Begins the file of a new run under `memory`. `plan` makes its header from the runs that are
    /// recorded already. Meanwhile no other command can begin one, so no two runs take the same
    /// block of numbers.
    ///
    /// # Errors
    /// The error of `plan`, or why the records cannot be read or written.
    pub fn begin(
        memory: &Path,
        plan: impl FnOnce(&[Run]) -> Result<Header, CommandError>,
    ) -> Result<(Self, Header), CommandError> {
        let directory = memory.join("runs");
        home::make_directory(&directory)?;
        let lock_path = directory.join("lock");
        let _lock = File::create(&lock_path)
            .and_then(|lock| lock.lock().map(|()| lock))
            .map_err(|problem| home::unusable(&lock_path, problem))?;
        let header = plan(&load(memory)?)?;
        let path = directory.join(format!("{}.ndjson", header.run));
        // Written in one step: a file without its header would be a damaged record.
        home::write(&path, &line(&header)?)?;
        let file = OpenOptions::new()
            .append(true)
            .open(&path)
            .map_err(|problem| home::unusable(&path, problem))?;
        Ok((Self { file, path }, header))
    }

    /// Appends a step. The line survives a kill of this program once this returns.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn append(&mut self, step: Step) -> Result<(), CommandError> {
        let line = line(&step)?;
        self.file
            .write_all(line.as_bytes())
            .map_err(|problem| home::unusable(&self.path, problem))
    }
}

fn line(value: &impl Serialize) -> Result<String, CommandError> {
    text::line(value)
        .map_err(|problem| CommandError::bug("a run's record has no JSON form").because(problem))
}
