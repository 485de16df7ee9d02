//! Lambda's requirements of a zip.

use std::io::Write as _;

use ::zip::write::SimpleFileOptions;
use ::zip::{CompressionMethod, ZipWriter};

use super::*;

fn bootstrap(zip: &[u8]) -> Result<Vec<u8>, PackageError> {
    bootstrap_within(zip, ZIPPED_BYTES, UNZIPPED_BYTES)
}

fn zip_of(files: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    for (name, mode, content) in files {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .unix_permissions(*mode);
        writer.start_file(*name, options).expect("started");
        writer.write_all(content).expect("written");
    }
    writer.finish().expect("finished").into_inner()
}

#[test]
fn bootstrap_is_an_executable_at_the_root() {
    let program = |files: &[_]| bootstrap(&zip_of(files));
    let taken = program(&[("bootstrap", 0o755, b"program"), ("lib/x", 0o644, b"")]);
    assert_eq!(taken.expect("taken"), b"program");
    let elsewhere = program(&[("bin/bootstrap", 0o755, b"program")]);
    assert!(matches!(elsewhere, Err(PackageError::NoBootstrap)));
    let data = program(&[("bootstrap", 0o644, b"program")]);
    assert!(matches!(data, Err(PackageError::NotExecutable)));

    let mut writer = ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer
        .add_symlink("bootstrap", "elsewhere", options)
        .expect("added");
    let link = writer.finish().expect("finished").into_inner();
    assert!(matches!(bootstrap(&link), Err(PackageError::NoBootstrap)));
}

#[test]
fn lambdas_size_limits_apply() {
    let zip = zip_of(&[("bootstrap", 0o755, &[7; 600]), ("data", 0o644, &[7; 400])]);
    let size = u64::try_from(zip.len()).expect("small");
    assert!(bootstrap_within(&zip, size, 1000).is_ok());
    let zipped = bootstrap_within(&zip, size - 1, 1000);
    assert!(matches!(zipped, Err(PackageError::Zipped(found)) if found == zip.len()));
    let unzipped = bootstrap_within(&zip, size, 999);
    assert!(matches!(unzipped, Err(PackageError::Unzipped(1000))));
}

#[test]
fn a_zip_that_lies_about_its_size_is_refused() {
    let mut zip = zip_of(&[("bootstrap", 0o755, &vec![0; 1 << 20])]);
    let true_size = (1_u32 << 20).to_le_bytes();
    let places: Vec<_> = (0..zip.len() - 4)
        .filter(|at| zip[*at..*at + 4] == true_size)
        .collect();
    assert!(!places.is_empty(), "the size is written down");
    for at in places {
        zip[at..at + 4].copy_from_slice(&1_u32.to_le_bytes());
    }
    let refused = bootstrap_within(&zip, ZIPPED_BYTES, 1000);
    assert!(
        matches!(
            refused,
            Err(PackageError::Unzipped(1001) | PackageError::Unreadable(_))
        ),
        "{refused:?}"
    );
}
