use std::os::unix::fs::PermissionsExt as _;

use super::*;

fn put(key: &[u8], value: &[u8]) -> Change {
    Change::put("things", key, value)
}

#[test]
fn changes_survive_reopening_in_key_order() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let mut storage = SqliteStorage::open(&path).unwrap();
    storage
        .apply(&[put(b"b", b"2"), put(b"a", b"1"), put(b"\xff", b"")])
        .unwrap();
    storage
        .apply(&[put(b"a", b"one"), Change::delete("things", &b"b"[..])])
        .unwrap();
    drop(storage);

    let mut storage = SqliteStorage::open(&path).unwrap();
    let entries = storage.load("things").unwrap();
    assert_eq!(
        entries,
        [(b"a".to_vec(), b"one".to_vec()), (b"\xff".to_vec(), vec![])]
    );
    assert_eq!(storage.load("nothing").unwrap(), []);
}

#[test]
fn the_files_are_private() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let mut storage = SqliteStorage::open(&path).unwrap();
    storage.apply(&[put(b"a", b"1")]).unwrap();
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let mode = file.unwrap().metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn a_second_opener_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let _first = SqliteStorage::open(&path).unwrap();
    let second = SqliteStorage::open(&path).unwrap_err();
    assert!(second.to_string().contains("another process"), "{second}");
}

#[test]
fn another_layout_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "user_version", 9).unwrap();
    drop(connection);
    assert!(matches!(
        SqliteStorage::open(&path),
        Err(StorageError::Layout {
            found: 9,
            expected: 1,
            ..
        })
    ));
}

#[test]
fn a_damaged_file_is_named_and_kept() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    let mut storage = SqliteStorage::open(&path).unwrap();
    for number in 0..2000_u32 {
        storage
            .apply(&[put(&number.to_be_bytes(), &[7; 100])])
            .unwrap();
    }
    drop(storage);
    let sound = std::fs::read(&path).unwrap();

    let mut torn = sound.clone();
    let middle = torn.len() / 2 / 4096 * 4096;
    torn[middle..middle + 4096].fill(0x5a);
    let cut = &sound[..sound.len() / 2];
    for damage in [b"not a database at all".repeat(100), torn, cut.to_vec()] {
        std::fs::write(&path, &damage).unwrap();
        let problem = SqliteStorage::open(&path).unwrap_err();
        assert!(
            matches!(&problem, StorageError::Damaged { path: named, .. }
                if *named == path.display().to_string()),
            "{problem}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), damage);
    }
}

#[test]
fn an_emptied_file_beside_its_log_is_damage() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    std::fs::write(&path, b"").unwrap();
    std::fs::write(dir.path().join("state.db-wal"), b"log").unwrap();
    assert!(matches!(
        SqliteStorage::open(&path),
        Err(StorageError::Damaged { .. })
    ));
}
