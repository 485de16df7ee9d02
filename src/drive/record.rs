//! What this machine remembers of a lab's runs, one append-only file for each: a header, then a
//! line before and a line after each range of orders is sent. A range that was begun and not
//! sent is in doubt: its orders may be anywhere or nowhere.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind as IoKind, Write as _};
use std::path::{Path, PathBuf};

use order::Plan;
use serde::{Deserialize, Serialize};

use crate::error::CommandError;
use crate::home;

/// The form of the files.
const VERSION: u32 = 1;

/// A file's first line: all that is needed to know each order of the run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The run's name.
    pub run: String,
    /// What it sends.
    pub plan: Plan,
    /// How many orders it was asked for.
    pub count: u64,
    /// When it started, in milliseconds since the Unix epoch.
    pub started_ms: u64,
    /// The form of the file.
    pub version: u32,
}

impl Header {
    /// A new run's header.
    pub fn new(run: String, plan: Plan, count: u64, started_ms: u64) -> Self {
        Self {
            run,
            plan,
            count,
            started_ms,
            version: VERSION,
        }
    }
}

/// The orders `first..first + count` of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Range {
    /// The first index.
    pub first: u64,
    /// How many.
    pub count: u64,
}

/// A line after the header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Sending the range is about to begin.
    Began(Range),
    /// The whole range is in the queue, or was.
    Sent(Range),
}

/// A run as recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// The first line.
    pub header: Header,
    /// The other lines, in order.
    pub steps: Vec<Step>,
}

/// Reads a file's text; a last line without its end was torn by a crash and says nothing.
///
/// # Errors
/// What is wrong with the first damaged line.
pub fn parse(text: &str) -> Result<Run, String> {
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    let mut lines = whole.lines();
    let first = lines.next().ok_or("it has no header")?;
    let header: Header =
        serde_json::from_str(first).map_err(|error| format!("its header is damaged: {error}"))?;
    if header.version != VERSION {
        return Err(format!("its version is {}, not {VERSION}", header.version));
    }
    let steps = (2..)
        .zip(lines)
        .map(|(number, line)| {
            serde_json::from_str(line)
                .map_err(|error| format!("its line {number} is damaged: {error}"))
        })
        .collect::<Result<_, String>>()?;
    Ok(Run { header, steps })
}

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
    let text = serde_json::to_string(value);
    text.map(|text| text + "\n")
        .map_err(|problem| CommandError::bug("a run's record has no JSON form").because(problem))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = r#"{"run":"r","plan":{"seed":1,"block":{"first":1,"size":2},"faults":{"rate":0.0,"kinds":[]}},"count":2,"started_ms":3,"version":1}"#;

    #[test]
    fn a_torn_last_line_is_ignored_and_a_damaged_one_is_not() {
        let begun = r#"{"began":{"first":0,"count":2}}"#;
        let run = parse(&format!("{HEADER}\n{begun}\n{{\"sent\":{{")).expect("a whole header");
        assert_eq!(run.steps, [Step::Began(Range { first: 0, count: 2 })]);
        assert!(parse(&format!("{HEADER}\nnonsense\n")).is_err());
        assert!(parse(HEADER).is_err());
    }
}
