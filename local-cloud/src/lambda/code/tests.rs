//! Packages on the disk.

use std::collections::HashSet;
use std::fs;
use std::io::{Cursor, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::CodeStore;

fn open(home: &Path) -> CodeStore {
    CodeStore::open(home.join("packages"), home.join("code")).unwrap()
}

/// How many packages are in the store, and how many of them are unpacked.
fn count(home: &Path) -> (usize, usize) {
    let entries = |name| fs::read_dir(home.join(name)).unwrap().count();
    (entries("packages"), entries("code"))
}

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
    let store = open(home.path());
    let zip = zip_of("a/bootstrap", 0o755, b"#!");
    let stored = store.store(&zip).unwrap();
    let again = store.store(&zip).unwrap();
    assert_eq!(again.sha256_base64, stored.sha256_base64);
    assert_eq!(stored.size, u64::try_from(zip.len()).unwrap());
    let directory = store.directory(&stored.sha256_base64).unwrap();
    let file = directory.join("a/bootstrap");
    assert_eq!(fs::read(&file).unwrap(), b"#!");
    assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o555);
    drop(store);
    let reopened = open(home.path());
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
    let store = open(home.path());
    let kept = store.store(&zip_of("bootstrap", 0o755, b"1")).unwrap();
    let gone = store.store(&zip_of("bootstrap", 0o755, b"2")).unwrap();
    store.directory(&gone.sha256_base64).unwrap();
    fs::create_dir(home.path().join("code/ab.part")).unwrap();
    fs::write(home.path().join("packages/ab.zip.part"), b"half").unwrap();
    let reopened = open(home.path());
    assert_eq!(count(home.path()), (2, 0));
    let used = HashSet::from([kept.sha256_base64.clone()]);
    reopened.retain(&used).unwrap();
    assert!(reopened.zip(&kept.sha256_base64).is_ok());
    assert!(reopened.zip(&gone.sha256_base64).is_err());
    assert_eq!(count(home.path()), (1, 0));
}

#[test]
fn invalid_packages_are_not_stored() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path());
    assert!(store.store(b"no zip").is_err());
    assert!(store.store(&zip_of("../bootstrap", 0o755, b"")).is_err());
    assert_eq!(count(home.path()), (0, 0));
}

#[test]
fn unused_packages_are_removed_unless_pinned() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path());
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
    assert_eq!(count(home.path()), (0, 0));
    assert!(unused(&HashSet::new()).is_empty());
    assert!(store.directory(&hash).is_err());
}

#[test]
fn packages_of_an_earlier_run_can_be_removed() {
    let home = tempfile::tempdir().unwrap();
    let stored = open(home.path());
    let hash = stored
        .store(&zip_of("bootstrap", 0o755, b"1"))
        .unwrap()
        .sha256_base64;
    let store = open(home.path());
    store.retain(&HashSet::from([hash.clone()])).unwrap();
    assert_eq!(store.unused(&HashSet::new()), [hash]);
}

#[test]
fn what_is_unpacked_can_be_unpacked_again() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path());
    let stored = store.store(&zip_of("bootstrap", 0o755, b"1")).unwrap();
    let directory = store.directory(&stored.sha256_base64).unwrap();
    fs::remove_dir_all(home.path().join("code")).unwrap();
    assert_eq!(store.directory(&stored.sha256_base64).unwrap(), directory);
    // What was changed in it does not outlive a restart.
    change(&directory.join("bootstrap"), b"2");
    let store = open(home.path());
    store.directory(&stored.sha256_base64).unwrap();
    assert_eq!(fs::read(directory.join("bootstrap")).unwrap(), b"1");
    store.close().unwrap();
    assert_eq!(count(home.path()), (1, 0));
}

/// Changes a file as its owner can, and leaves size, permissions and time of change as they were.
fn change(path: &Path, content: &[u8]) {
    let before = path.metadata().unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(path, content).unwrap();
    let file = fs::File::open(path).unwrap();
    file.set_modified(before.modified().unwrap()).unwrap();
    file.set_permissions(before.permissions()).unwrap();
}

#[test]
fn unpacked_code_is_read_only() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path());
    let stored = store.store(&zip_of("a/b/file", 0o777, b"1")).unwrap();
    let directory = store.directory(&stored.sha256_base64).unwrap();
    for path in ["", "a", "a/b", "a/b/file"] {
        let mode = directory
            .join(path)
            .metadata()
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o222, 0, "{path:?} has mode {mode:o}");
    }
    drop(store);
    open(home.path());
    assert_eq!(count(home.path()), (1, 0));
}

#[test]
fn changed_code_is_unpacked_again() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path());
    let stored = store.store(&zip_of("a/file", 0o755, b"1")).unwrap();
    let unpacked = || store.directory(&stored.sha256_base64).unwrap();
    let directory = unpacked();
    let file = directory.join("a/file");
    let changes: [(&str, &dyn Fn()); 6] = [
        ("content", &|| change(&file, b"2")),
        ("permissions", &|| {
            fs::set_permissions(&file, fs::Permissions::from_mode(0o777)).unwrap();
        }),
        ("another file", &|| {
            fs::set_permissions(directory.join("a"), fs::Permissions::from_mode(0o700)).unwrap();
            fs::write(directory.join("a/more"), b"").unwrap();
            fs::set_permissions(directory.join("a"), fs::Permissions::from_mode(0o500)).unwrap();
        }),
        ("removed", &|| {
            fs::set_permissions(directory.join("a"), fs::Permissions::from_mode(0o700)).unwrap();
            fs::remove_file(&file).unwrap();
        }),
        ("a link to the same", &|| {
            let other = home.path().join("other");
            fs::set_permissions(directory.join("a"), fs::Permissions::from_mode(0o700)).unwrap();
            fs::rename(&file, &other).unwrap();
            std::os::unix::fs::symlink(&other, &file).unwrap();
            fs::set_permissions(directory.join("a"), fs::Permissions::from_mode(0o500)).unwrap();
        }),
        ("another directory", &|| {
            crate::lambda::removal::remove(&directory).unwrap();
            fs::create_dir(&directory).unwrap();
        }),
    ];
    for (what, change) in changes {
        change();
        assert_eq!(unpacked(), directory);
        assert_eq!(fs::read(&file).unwrap(), b"1", "{what}");
        let metadata = fs::symlink_metadata(&file).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o7777, 0o555, "{what}");
        assert!(!directory.join("a/more").exists(), "{what}");
    }
}

#[test]
fn a_change_right_after_unpacking_is_noticed() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path());
    let stored = store.store(&zip_of("bootstrap", 0o755, b"1")).unwrap();
    let unpacked = || store.directory(&stored.sha256_base64).unwrap();
    let file = unpacked().join("bootstrap");
    change(&file, b"2");
    // As if the system's time had stood still meanwhile.
    store
        .writing()
        .values_mut()
        .for_each(|tree| tree.stamp().unwrap());
    store.confirm(&stored.sha256_base64);
    unpacked();
    assert_eq!(fs::read(&file).unwrap(), b"1");
}

#[test]
fn unchanged_code_is_not_unpacked_again() {
    use std::os::unix::fs::MetadataExt as _;
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path());
    let stored = store.store(&zip_of("bootstrap", 0o755, b"1")).unwrap();
    let unpacked = || store.directory(&stored.sha256_base64).unwrap();
    let file = unpacked().join("bootstrap");
    let inode = || file.metadata().unwrap().ino();
    let first = inode();
    store.confirm(&stored.sha256_base64);
    unpacked();
    // Its times differ, and its content does not.
    change(&file, b"1");
    unpacked();
    assert_eq!(inode(), first);
}

#[test]
fn a_lost_package_is_noticed_and_can_be_stored_again() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path());
    let zip = zip_of("bootstrap", 0o755, b"1");
    let stored = store.store(&zip).unwrap();
    let has = |size| store.has(&stored.sha256_base64, size);
    assert!(has(stored.size) && !has(stored.size + 1));
    fs::remove_dir_all(home.path().join("packages")).unwrap();
    assert!(!has(stored.size));
    assert!(store.directory(&stored.sha256_base64).is_err());
    store.store(&zip).unwrap();
    assert!(has(stored.size));
    store.directory(&stored.sha256_base64).unwrap();
}

#[test]
fn a_damaged_package_is_not_run() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path());
    let stored = store.store(&zip_of("bootstrap", 0o755, b"1")).unwrap();
    let other = store.store(&zip_of("bootstrap", 0o755, b"2")).unwrap();
    let path = |one: &super::StoredPackage| store.zip_path(&one.sha256_base64).unwrap();
    fs::copy(path(&other), path(&stored)).unwrap();
    let problem = store.directory(&stored.sha256_base64).unwrap_err();
    assert_eq!(problem.to_string(), "the package is damaged");
}

#[test]
fn packages_of_an_earlier_version_are_kept() {
    let home = tempfile::tempdir().unwrap();
    let store = open(home.path());
    let stored = store.store(&zip_of("bootstrap", 0o755, b"1")).unwrap();
    let new = store.zip_path(&stored.sha256_base64).unwrap();
    let old = home.path().join("code").join(new.file_name().unwrap());
    fs::rename(&new, &old).unwrap();
    assert!(open(home.path()).has(&stored.sha256_base64, stored.size));
    assert!(!old.exists());
}
