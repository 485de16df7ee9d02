//! The journal of a transfer: a file that says, before each send, which messages it is of, and
//! afterwards what came of it. So whatever ends a transfer, the next one knows what was sent.
//!
//! A line is a JSON document: first what the transfer is, then its steps. A last line that was cut off
//! is of a step that was not taken.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Why a journal cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JournalError {
    /// It cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Another process has it open.
    #[error("another process is at work on it")]
    Busy,
    /// A line is not what this version writes.
    #[error("line {0} is damaged")]
    Damaged(usize),
}

/// What is known of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MessageState {
    /// It was not sent.
    Unsent,
    /// It was about to be sent, and whether it was is not known.
    Sending,
    /// Its successor was accepted, under this id.
    Sent(String),
    /// Its successor was accepted, and it was removed.
    Removed,
}

/// A step of a transfer. Messages are named by their ids.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Step {
    /// These are about to be sent.
    Sending(Vec<String>),
    /// The successors of these were accepted, under the ids given.
    Sent(BTreeMap<String, String>),
    /// These were not sent.
    Unsent(Vec<String>),
    /// These were removed.
    Removed(Vec<String>),
}

/// An open journal, of a transfer that `H` describes.
#[derive(Debug)]
pub(crate) struct Journal<H> {
    file: File,
    header: H,
    states: HashMap<String, MessageState>,
    successors: HashSet<String>,
}

impl<H: Serialize + DeserializeOwned> Journal<H> {
    /// Begins a journal, in a file that must not exist.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub(crate) fn create(path: &Path, header: H) -> Result<Self, JournalError> {
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create_new(true)
            .mode(0o600)
            .open(path)?;
        lock(&file)?;
        let mut journal = Self {
            file,
            header,
            states: HashMap::new(),
            successors: HashSet::new(),
        };
        let line = line(&journal.header)?;
        journal.file.write_all(&line)?;
        journal.file.sync_all()?;
        Ok(journal)
    }

    /// Opens a journal, to go on with its transfer.
    ///
    /// # Errors
    /// When it cannot be read, is damaged, or another process has it open.
    pub(crate) fn open(path: &Path) -> Result<Self, JournalError> {
        let mut file = OpenOptions::new().read(true).append(true).open(path)?;
        lock(&file)?;
        let mut lines = Lines::new(&file);
        let first = lines.next()?.ok_or(JournalError::Damaged(1))?;
        let header = serde_json::from_slice(&first).map_err(|_| JournalError::Damaged(1))?;
        let mut steps = Vec::new();
        while let Some(line) = lines.next()? {
            let step: Step = serde_json::from_slice(&line).map_err(|_| lines.damaged())?;
            steps.push(step);
        }
        let whole = lines.bytes;
        file.set_len(whole)?;
        file.seek(SeekFrom::End(0))?;
        let mut journal = Self {
            file,
            header,
            states: HashMap::new(),
            successors: HashSet::new(),
        };
        steps.into_iter().for_each(|step| journal.apply(step));
        Ok(journal)
    }

    /// What the transfer is.
    pub(crate) fn header(&self) -> &H {
        &self.header
    }

    /// What is known of a message.
    pub(crate) fn state(&self, id: &str) -> MessageState {
        let state = self.states.get(id);
        state.cloned().unwrap_or(MessageState::Unsent)
    }

    /// Whether this is the id of an accepted successor.
    pub(crate) fn is_successor(&self, id: &str) -> bool {
        self.successors.contains(id)
    }

    /// The messages of which it is not known whether they were sent.
    pub(crate) fn uncertain(&self) -> Vec<String> {
        let sending = self.states.iter();
        let mut ids: Vec<String> = sending
            .filter(|(_, state)| **state == MessageState::Sending)
            .map(|(id, _)| id.clone())
            .collect();
        ids.sort();
        ids
    }

    /// How many messages were sent, removed or not.
    pub(crate) fn sent_count(&self) -> usize {
        let states = self.states.values();
        states
            .filter(|state| matches!(state, MessageState::Sent(_) | MessageState::Removed))
            .count()
    }

    /// Records that these are about to be sent. It is on the disk when this returns.
    ///
    /// # Errors
    /// When it cannot be written: then nothing may be sent.
    pub(crate) fn sending(&mut self, ids: Vec<String>) -> Result<(), JournalError> {
        self.write(Step::Sending(ids))?;
        Ok(self.file.sync_data()?)
    }

    /// Records the ids of what was accepted, by those of the messages.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn sent(&mut self, ids: BTreeMap<String, String>) -> Result<(), JournalError> {
        self.write(Step::Sent(ids))
    }

    /// Records that these were not sent.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn unsent(&mut self, ids: Vec<String>) -> Result<(), JournalError> {
        self.write(Step::Unsent(ids))
    }

    /// Records that these were removed.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn removed(&mut self, ids: Vec<String>) -> Result<(), JournalError> {
        self.write(Step::Removed(ids))
    }

    fn write(&mut self, step: Step) -> Result<(), JournalError> {
        // One write for a line, so that only its end can be missing.
        self.file.write_all(&line(&step)?)?;
        self.apply(step);
        Ok(())
    }

    fn apply(&mut self, step: Step) {
        let (ids, state) = match step {
            Step::Sent(sent) => {
                for (id, successor) in sent {
                    self.successors.insert(successor.clone());
                    self.states.insert(id, MessageState::Sent(successor));
                }
                return;
            }
            Step::Sending(ids) => (ids, MessageState::Sending),
            Step::Unsent(ids) => (ids, MessageState::Unsent),
            Step::Removed(ids) => (ids, MessageState::Removed),
        };
        let states = ids.into_iter().map(|id| (id, state.clone()));
        self.states.extend(states);
    }
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

/// Held until the file is closed, also by the end of the process.
fn lock(file: &File) -> Result<(), JournalError> {
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => JournalError::Busy,
        TryLockError::Error(error) => error.into(),
    })
}

/// The complete lines of a file.
struct Lines<'a> {
    reader: BufReader<&'a File>,
    /// How many there were, and their bytes.
    count: usize,
    bytes: u64,
}

impl<'a> Lines<'a> {
    fn new(file: &'a File) -> Self {
        Self {
            reader: BufReader::new(file),
            count: 0,
            bytes: 0,
        }
    }

    fn next(&mut self) -> Result<Option<Vec<u8>>, JournalError> {
        let mut line = Vec::new();
        let read = self.reader.read_until(b'\n', &mut line)?;
        if line.pop() != Some(b'\n') {
            return Ok(None);
        }
        self.count += 1;
        self.bytes += read as u64;
        Ok(Some(line))
    }

    fn damaged(&self) -> JournalError {
        JournalError::Damaged(self.count)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::*;

    fn ids(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    /// A journal with every kind of step.
    fn written() -> (TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal");
        let mut journal = Journal::create(&path, "header".to_owned()).expect("a journal");
        journal
            .sending(ids(&["a", "b", "c", "d"]))
            .expect("written");
        let accepted = [("a", "1"), ("b", "2")].map(|(id, new)| (id.to_owned(), new.to_owned()));
        journal.sent(accepted.into()).expect("written");
        journal.unsent(ids(&["c"])).expect("written");
        journal.removed(ids(&["a"])).expect("written");
        (folder, path)
    }

    fn reopened(path: &Path) -> Journal<String> {
        Journal::open(path).expect("a journal")
    }

    #[test]
    fn what_was_written_is_read_again() {
        let (_folder, path) = written();
        let journal = reopened(&path);
        assert_eq!(journal.header(), "header");
        assert_eq!(journal.state("a"), MessageState::Removed);
        assert_eq!(journal.state("b"), MessageState::Sent("2".to_owned()));
        assert_eq!(journal.state("c"), MessageState::Unsent);
        assert_eq!(journal.state("d"), MessageState::Sending);
        assert_eq!(journal.state("e"), MessageState::Unsent);
        assert_eq!(journal.uncertain(), ids(&["d"]));
        assert_eq!(journal.sent_count(), 2);
    }

    #[test]
    fn a_line_that_was_cut_off_does_not_count() {
        let (_folder, path) = written();
        let whole = fs::read(&path).expect("the journal");
        fs::write(&path, &whole[..whole.len() - 3]).expect("written");
        let mut journal = reopened(&path);
        assert_eq!(journal.state("a"), MessageState::Sent("1".to_owned()));
        journal.removed(ids(&["b"])).expect("written");
        drop(journal);
        assert_eq!(reopened(&path).state("b"), MessageState::Removed);
    }

    #[test]
    fn a_damaged_line_is_named() {
        let (_folder, path) = written();
        let text = fs::read_to_string(&path).expect("the journal");
        fs::write(&path, text.replace("unsent", "unknown")).expect("written");
        let refused = Journal::<String>::open(&path);
        assert!(
            matches!(refused, Err(JournalError::Damaged(4))),
            "{refused:?}"
        );
        fs::write(&path, "").expect("written");
        let refused = Journal::<String>::open(&path);
        assert!(
            matches!(refused, Err(JournalError::Damaged(1))),
            "{refused:?}"
        );
    }

    #[test]
    fn two_processes_do_not_share_one() {
        let (_folder, path) = written();
        let first = reopened(&path);
        let second = Journal::<String>::open(&path);
        assert!(matches!(second, Err(JournalError::Busy)), "{second:?}");
        drop(first);
        reopened(&path);
    }
}
