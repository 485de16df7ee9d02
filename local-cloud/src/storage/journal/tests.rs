use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command as Process, Stdio};
use std::sync::{Arc, Mutex};

use super::*;
use crate::storage::{LoggedStorage, MemoryStorage};

/// Memory that several journals can look into, that fails from the write numbered `fails_at`
/// on, and that counts its writes.
#[derive(Clone, Default)]
struct Shared {
    inner: Arc<Mutex<MemoryStorage>>,
    writes: Arc<Mutex<Vec<usize>>>,
    fails_at: Option<usize>,
}

impl Storage for Shared {
    fn load(&mut self, collection: Collection) -> Result<Vec<Entry>, StorageError> {
        self.inner.lock().unwrap().load(collection)
    }

    fn apply(&mut self, changes: &[Change]) -> Result<(), StorageError> {
        let mut writes = self.writes.lock().unwrap();
        if self.fails_at.is_some_and(|at| writes.len() >= at) {
            return Err(StorageError::Io {
                path: "memory".to_owned(),
                reason: "no room".to_owned(),
            });
        }
        writes.push(changes.len());
        self.inner.lock().unwrap().apply(changes)
    }
}

fn change(number: u32) -> Change {
    Change::put("numbers", number.to_be_bytes(), number.to_le_bytes())
}

#[tokio::test]
async fn acknowledged_changes_are_loaded() {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    journal.submit(vec![change(2), change(1)]).await.unwrap();
    journal.submit(vec![]).await.unwrap();
    let keys: Vec<_> = journal.load("numbers").unwrap();
    assert_eq!(keys.len(), 2);
    assert_eq!(keys[0].0, 1_u32.to_be_bytes());
}

#[tokio::test]
async fn changes_are_written_in_order() {
    let journal = Journal::start(Box::new(MemoryStorage::default()));
    let mut last = None;
    for round in 0..1000_u32 {
        last = Some(journal.submit(vec![Change::put("one", &b"key"[..], round.to_be_bytes())]));
    }
    last.unwrap().await.unwrap();
    assert_eq!(journal.load("one").unwrap()[0].1, 999_u32.to_be_bytes());
}

/// Holds its first write back until the gate opens, so that callers gather behind it.
struct Gated(mpsc::Receiver<()>, Shared);

impl Storage for Gated {
    fn load(&mut self, collection: Collection) -> Result<Vec<Entry>, StorageError> {
        self.1.load(collection)
    }

    fn apply(&mut self, changes: &[Change]) -> Result<(), StorageError> {
        // After the first, the sender is gone and this returns at once.
        let _ = self.0.recv();
        self.1.apply(changes)
    }
}

#[tokio::test]
async fn waiting_callers_share_a_write() {
    let (gate, gated) = mpsc::channel();
    let shared = Shared::default();
    let journal = Journal::start(Box::new(Gated(gated, shared.clone())));
    let waiting: Vec<_> = (0..100)
        .map(|number| journal.submit(vec![change(number)]))
        .collect();
    drop(gate);
    for one in waiting {
        one.await.unwrap();
    }
    let writes = shared.writes.lock().unwrap().clone();
    assert_eq!(writes.iter().sum::<usize>(), 100);
    assert!(writes.len() <= 2, "{writes:?}");
}

#[tokio::test]
async fn a_failed_write_is_final() {
    let shared = Shared {
        fails_at: Some(1),
        ..Shared::default()
    };
    let journal = Journal::start(Box::new(shared.clone()));
    journal.submit(vec![change(1)]).await.unwrap();
    journal.submit(vec![change(2)]).await.unwrap_err();
    assert!(journal.failed().await.to_string().contains("no room"));
    journal.submit(vec![]).await.unwrap_err();
    journal.submit(vec![change(3)]).await.unwrap_err();
    assert_eq!(shared.writes.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn closing_writes_what_is_queued() {
    let shared = Shared::default();
    let journal = Journal::start(Box::new(shared.clone()));
    let dropped = journal.submit(vec![change(1)]);
    drop(dropped);
    journal.close().await;
    assert_eq!(
        shared.inner.lock().unwrap().load("numbers").unwrap().len(),
        1
    );
    let late = journal.submit(vec![change(2)]).await.unwrap_err();
    assert!(late.to_string().contains("closed"));
    journal.load("numbers").unwrap_err();
    journal.close().await;
}

const STATE: &str = "JOURNAL_TEST_STATE";

/// Not a test of its own: what the killed child runs. It writes numbers one after the other, a
/// few at a time, and prints each after its write was answered.
#[tokio::test]
async fn child_that_writes_until_killed() {
    let Ok(path) = std::env::var(STATE) else {
        return;
    };
    let journal = Journal::start(Box::new(LoggedStorage::open(path.as_ref()).unwrap()));
    let mut out = std::io::stdout();
    for number in 0_u32.. {
        journal.submit(vec![change(number)]).await.unwrap();
        writeln!(out, "\nacknowledged {number}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_kill_loses_nothing_acknowledged() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let mut child = Process::new(std::env::current_exe().unwrap())
        .args(["--exact", "--nocapture"])
        .arg("storage::journal::tests::child_that_writes_until_killed")
        .env(STATE, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let acknowledged = |line: std::io::Result<String>| -> Option<u32> {
        line.ok()?.strip_prefix("acknowledged ")?.parse().ok()
    };
    let mut last = lines
        .by_ref()
        .filter_map(acknowledged)
        .find(|number| *number >= 500)
        .unwrap();
    // On Unix this is SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
    last = lines.filter_map(acknowledged).last().unwrap_or(last);

    let entries = LoggedStorage::open(&path).unwrap().load("numbers").unwrap();
    let keys: Vec<_> = entries.iter().map(|(key, _)| key.clone()).collect();
    let expected: Vec<_> = (0..=last).map(|n| n.to_be_bytes().to_vec()).collect();
    assert!(keys.starts_with(&expected), "{} < {last}", keys.len());
    assert!(keys.len() <= expected.len() + 1);
}
