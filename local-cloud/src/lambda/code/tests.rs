//! Packages on the disk.

use std::collections::HashSet;
use std::fs;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::CodeStore;

fn zip_of(name: &str, mode: u32, content: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().unix_permissions(mode);
    writer.start_file(name, options).unwrap();
    writer.write_all(content).unwrap();
    writer.finish().unwrap().into_inner()
}

#[test]
fn packages_are_stored_and_unpacked_once() {
    let home = tempfile::tempdir().unwrap();
    let store = CodeStore::open(home.path()).unwrap();
    let zip = zip_of("a/bootstrap", 0o755, b"#!");
    let stored = store.store(&zip).unwrap();
    let again = store.store(&zip).unwrap();
    assert_eq!(again.sha256_base64, stored.sha256_base64);
    assert_eq!(stored.size, u64::try_from(zip.len()).unwrap());
    let directory = store.directory(&stored.sha256_base64).unwrap();
    let file = directory.join("a/bootstrap");
    assert_eq!(fs::read(&file).unwrap(), b"#!");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o755);
    drop(store);
    let reopened = CodeStore::open(home.path()).unwrap();
    assert_eq!(reopened.zip(&stored.sha256_base64).unwrap(), zip);
    assert_eq!(
        reopened.directory(&stored.sha256_base64).unwrap(),
        directory
    );
    assert!(reopened.directory("../../etc").is_err());
}

#[test]
fn unfinished_and_unused_packages_are_removed() {
    let home = tempfile::tempdir().unwrap();
    let store = CodeStore::open(home.path()).unwrap();
    let kept = store.store(&zip_of("bootstrap", 0o755, b"1")).unwrap();
    let gone = store.store(&zip_of("bootstrap", 0o755, b"2")).unwrap();
    store.directory(&gone.sha256_base64).unwrap();
    fs::create_dir(home.path().join("ab.d.part")).unwrap();
    fs::write(home.path().join("ab.zip.part"), b"half").unwrap();
    let reopened = CodeStore::open(home.path()).unwrap();
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 3);
    let used = HashSet::from([kept.sha256_base64.clone()]);
    reopened.retain(&used).unwrap();
    assert!(reopened.zip(&kept.sha256_base64).is_ok());
    assert!(reopened.zip(&gone.sha256_base64).is_err());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 1);
}

#[test]
fn invalid_packages_are_not_stored() {
    let home = tempfile::tempdir().unwrap();
    let store = CodeStore::open(home.path()).unwrap();
    assert!(store.store(b"no zip").is_err());
    assert!(store.store(&zip_of("../bootstrap", 0o755, b"")).is_err());
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
}

#[test]
fn unused_packages_are_removed_unless_pinned() {
    let home = tempfile::tempdir().unwrap();
    let store = CodeStore::open(home.path()).unwrap();
    let stored = store.store(&zip_of("bootstrap", 0o755, b"1")).unwrap();
    let hash = stored.sha256_base64.clone();
    store.directory(&hash).unwrap();
    let used = HashSet::from([hash.as_str()]);
    let unused = |used: &HashSet<&str>| store.unused(used);
    assert!(
        unused(&HashSet::new()).is_empty(),
        "it is being given to a function"
    );
    let pin = store.pin(&hash);
    drop(stored);
    assert!(unused(&HashSet::new()).is_empty(), "an environment runs it");
    drop(pin);
    assert!(unused(&used).is_empty(), "a function has it");
    assert_eq!(unused(&HashSet::new()), [hash.as_str()]);
    store.remove(|| unused(&HashSet::new())).unwrap();
    assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    assert!(unused(&HashSet::new()).is_empty());
    assert!(store.directory(&hash).is_err());
}

#[test]
fn packages_of_an_earlier_run_can_be_removed() {
    let home = tempfile::tempdir().unwrap();
    let stored = CodeStore::open(home.path()).unwrap();
    let hash = stored
        .store(&zip_of("bootstrap", 0o755, b"1"))
        .unwrap()
        .sha256_base64;
    let store = CodeStore::open(home.path()).unwrap();
    store.retain(&HashSet::from([hash.clone()])).unwrap();
    assert_eq!(store.unused(&HashSet::new()), [hash]);
}
