use proptest::prelude::*;

use super::*;

fn put(key: u32, value: &[u8]) -> Change {
    Change::put("things", key.to_be_bytes(), value)
}

fn delete(key: u32) -> Change {
    Change::delete("things", key.to_be_bytes())
}

fn keys(path: &Path) -> Vec<u32> {
    let entries = LoggedStorage::open(path).unwrap().load("things").unwrap();
    let key = |(key, _): &Entry| u32::from_be_bytes(key.as_slice().try_into().unwrap());
    entries.iter().map(key).collect()
}

#[test]
fn logged_changes_survive_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let mut storage = LoggedStorage::open(&path).unwrap();
    storage.apply(&[put(1, b"a"), put(2, b"b")]).unwrap();
    storage.apply(&[delete(1), put(3, b"")]).unwrap();
    drop(storage);
    assert_eq!(keys(&path), [2, 3]);
    let logs: Vec<_> = logs_of(&path).unwrap().into_keys().collect();
    assert_eq!(logs, [2], "compacted logs are removed");
}

#[test]
fn logged_changes_are_loaded() {
    let dir = tempfile::tempdir().unwrap();
    let mut storage = LoggedStorage::open(&dir.path().join("state.db")).unwrap();
    storage.apply(&[put(1, b"a"), put(2, b"b")]).unwrap();
    storage.apply(&[delete(1), put(3, b"")]).unwrap();
    let other = Change::put("others", 4_u32.to_be_bytes(), b"c");
    storage.apply(&[other]).unwrap();
    let entry = |key: u32, value: &[u8]| (key.to_be_bytes().to_vec(), value.to_vec());
    let expected = [entry(2, b"b"), entry(3, b"")];
    assert_eq!(storage.load("things").unwrap(), expected);
}

#[test]
fn a_torn_transaction_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let mut storage = LoggedStorage::open(&path).unwrap();
    storage.apply(&[put(1, b"a")]).unwrap();
    let whole = storage.log.bytes;
    storage.apply(&[put(2, b"b"), put(3, b"c")]).unwrap();
    let log = storage.log.path.clone();
    let bytes = std::fs::read(&log).unwrap();
    drop(storage);
    for end in usize::try_from(whole).unwrap()..bytes.len() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.db");
        std::fs::write(log_path(&path, 7), &bytes[..end]).unwrap();
        assert_eq!(keys(&path), [1], "cut at {end}");
    }
}

#[test]
fn a_damaged_log_is_named_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let mut storage = LoggedStorage::open(&path).unwrap();
    storage.apply(&[put(1, &[7; 100])]).unwrap();
    storage.apply(&[put(2, b"b")]).unwrap();
    let log = storage.log.path.clone();
    drop(storage);
    let mut bytes = std::fs::read(&log).unwrap();
    bytes[50] ^= 1;
    std::fs::write(&log, &bytes).unwrap();
    let problem = LoggedStorage::open(&path).unwrap_err();
    assert!(
        matches!(&problem, StorageError::Damaged { path, .. }
        if *path == log.display().to_string()),
        "{problem}"
    );
    assert_eq!(std::fs::read(&log).unwrap(), bytes);
}

#[test]
fn a_full_log_is_compacted_while_others_write() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let mut storage = LoggedStorage::open(&path).unwrap();
    let value = vec![7; 1 << 20];
    let mut compaction = None;
    let mut written = 0;
    while compaction.is_none() {
        storage.apply(&[put(written, &value)]).unwrap();
        written += 1;
        compaction = storage.compaction().unwrap();
    }
    // Others go on writing, and a second log is not compacted at the same time.
    for key in 0..written {
        storage
            .apply(&[delete(key), put(1000 + key, &value)])
            .unwrap();
        assert!(storage.compaction().unwrap().is_none());
    }
    let before = storage.load("things").unwrap();
    compaction.unwrap()().unwrap();
    assert_eq!(
        storage.load("things").unwrap(),
        before,
        "the same from the tables"
    );
    assert_eq!(before.len(), written as usize);
    assert!(storage.compaction().unwrap().is_some());
    drop(storage);
    assert_eq!(keys(&path), (1000..1000 + written).collect::<Vec<_>>());
}

proptest! {
    #[test]
    fn a_log_is_read_as_it_was_written(
        transactions in prop::collection::vec(
            prop::collection::vec((any::<Vec<u8>>(), any::<Option<Vec<u8>>>()), 0..5),
            0..5,
        ),
    ) {
        let mut log = Vec::new();
        let changes = |transaction: &Vec<(Vec<u8>, Option<Vec<u8>>)>| -> Vec<Change> {
            let change = |(key, value): &(Vec<u8>, Option<Vec<u8>>)| Change {
                collection: "things",
                key: key.clone(),
                value: value.clone(),
            };
            transaction.iter().map(change).collect()
        };
        for transaction in &transactions {
            frame::write(&mut log, &changes(transaction));
        }
        let mut rest = &log[..];
        for transaction in &transactions {
            let read: Vec<_> = frame::next(&mut rest).unwrap().map(Result::unwrap).collect();
            let written = changes(transaction);
            prop_assert_eq!(read.len(), written.len());
            for (read, written) in read.iter().zip(&written) {
                prop_assert_eq!(read.collection, written.collection);
                prop_assert_eq!(read.key, written.key.as_slice());
                prop_assert_eq!(read.value, written.value.as_deref());
            }
        }
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn any_bytes_are_a_log_or_broken(bytes: Vec<u8>) {
        let mut rest = &bytes[..];
        while let Ok(changes) = frame::next(&mut rest) {
            changes.for_each(drop);
            if rest.is_empty() { break; }
        }
    }
}
