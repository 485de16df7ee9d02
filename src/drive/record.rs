//! What this machine remembers of a lab's runs, one append-only file for each: a header, then a
//! line before and a line after each range of orders is sent. A range that was begun and not
//! sent is in doubt: its orders may be anywhere or nowhere. What the lines are is in `text`.

pub mod text;

pub use text::{Header, Range, Run, Step, parse};

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind as IoKind, Write as _};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::error::CommandError;
use crate::home;

/// Reads every run recorded under `memory`, the oldest name first.
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
    parse(&text).map_err(|wrong| {
        CommandError::environment(format!("the record {} is unusable", path.display()))
            .because(wrong)
    })
}

/// A run's file, open to be written on.
#[derive(Debug)]
pub struct Recorder {
    file: File,
    path: PathBuf,
}

impl Recorder {
    /// Begins the file of a new run under `memory`. `plan` makes its header from the runs that
    /// are recorded already, and no other command can begin one meanwhile, so that no two take
    /// the same block of numbers.
    ///
    /// # Errors
    /// `plan`'s, or when the records cannot be read or written.
    pub fn begin(
        memory: &Path,
        plan: impl FnOnce(&[Run]) -> Result<Header, CommandError>,
    ) -> Result<(Self, Header), CommandError> {
        let directory = memory.join("runs");
        home::make_directory(&directory)?;
        let path = directory.join("lock");
        let lock = File::create(&path).and_then(|lock| lock.lock().map(|()| lock));
        let _lock = lock.map_err(|problem| home::unusable(&path, problem))?;
        let header = plan(&load(memory)?)?;
        let path = directory.join(format!("{}.ndjson", header.run));
        // Whole or not at all: a file without a header would be a damaged record.
        home::write(&path, &line(&header)?)?;
        let file = OpenOptions::new().append(true).open(&path);
        let file = file.map_err(|problem| home::unusable(&path, problem))?;
        Ok((Self { file, path }, header))
    }

    /// Adds a step; it survives the kill of this program when this returns.
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
