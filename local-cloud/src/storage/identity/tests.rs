use std::fs;

use super::*;

/// The two files of a cloud in a directory of their own.
struct Files {
    _directory: tempfile::TempDir,
    state: PathBuf,
    tables: PathBuf,
}

impl Files {
    /// Those of a cloud that has been running, with something in both.
    fn used() -> Self {
        let files = Self::new();
        files.check().unwrap();
        for path in [&files.state, &files.tables] {
            fill(path);
        }
        files
    }

    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self {
            state: directory.path().join("state.db"),
            tables: directory.path().join("tables.db"),
            _directory: directory,
        }
    }

    fn check(&self) -> Result<(), StorageError> {
        ensure_together(&self.state, &self.tables)
    }

    fn reason(&self) -> String {
        match self.check() {
            Err(StorageError::Incomplete { reason }) => {
                let directory = format!("{}/", self.state.parent().unwrap().display());
                reason.replace(&directory, "")
            }
            other => panic!("{other:?}"),
        }
    }
}

fn fill(path: &Path) {
    let connection = Connection::open(path).unwrap();
    let sql = "PRAGMA journal_mode = WAL; CREATE TABLE something (key TEXT)";
    connection.execute_batch(sql).unwrap();
}

#[test]
fn two_files_of_one_cloud_belong_together() {
    let files = Files::used();
    files.check().unwrap();
    files.check().unwrap();
}

#[test]
fn a_first_start_that_was_killed_can_be_repeated() {
    let files = Files::new();
    files.check().unwrap();
    // The state is filled before the tables.
    fill(&files.state);
    files.check().unwrap();

    let files = Files::new();
    assign(&files.tables, 7).unwrap();
    files.check().unwrap();
    assert_eq!(
        look(&files.state).unwrap().id,
        look(&files.tables).unwrap().id
    );
}

#[test]
fn a_lost_file_is_not_replaced_by_a_new_one() {
    let files = Files::used();
    fs::write(&files.state, "").unwrap();
    let _ = fs::remove_file(beside(&files.state, "-wal"));
    let expected = "state.db is empty, but tables.db, which belongs to it, is not";
    assert_eq!(files.reason(), expected);
    fs::remove_file(&files.state).unwrap();
    let expected = "state.db is missing, but tables.db, which belongs to it, is not";
    assert_eq!(files.reason(), expected);
    assert!(!files.state.exists(), "nothing was created");

    let files = Files::used();
    fs::remove_file(&files.tables).unwrap();
    let expected = "tables.db is missing, but state.db, which belongs to it, is not";
    assert_eq!(files.reason(), expected);
}

#[test]
fn files_of_different_clouds_are_refused() {
    let (files, others) = (Files::used(), Files::used());
    fs::copy(&others.tables, &files.tables).unwrap();
    let expected = "state.db and tables.db belong to different clouds";
    assert_eq!(files.reason(), expected);
}

#[test]
fn files_of_an_earlier_version_get_an_identity() {
    let files = Files::new();
    fill(&files.state);
    fill(&files.tables);
    files.check().unwrap();
    let id = look(&files.state).unwrap().id;
    assert!(id.is_some());
    assert_eq!(id, look(&files.tables).unwrap().id);
}

#[test]
fn logs_without_their_file_are_noticed() {
    let files = Files::new();
    fs::write(beside(&files.state, ".log.1"), "a transaction").unwrap();
    assert_eq!(files.reason(), "state.db is missing, but its logs are not");
}
