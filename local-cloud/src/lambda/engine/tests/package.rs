//! Packages from outside.

use std::io::{Cursor, Write as _};

use proptest::prelude::*;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::text;
use crate::lambda::engine::package::{UNZIPPED_BYTES, ZIPPED_BYTES, check, unpack};

fn zip_of(files: &[(&str, u32, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, mode, content) in files {
        let options = SimpleFileOptions::default().unix_permissions(*mode);
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn files_have_their_modes() {
    let zip = zip_of(&[("bootstrap", 0o755, b"#!"), ("lib/./a.txt", 0o640, b"a")]);
    let mut items = Vec::new();
    unpack(&zip, |item, content| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        items.push((item.path.display().to_string(), item.mode, bytes));
        Ok(())
    })
    .unwrap();
    let expected = [
        ("bootstrap".to_owned(), Some(0o755), b"#!".to_vec()),
        ("lib/a.txt".to_owned(), Some(0o640), b"a".to_vec()),
    ];
    assert_eq!(items, expected);
}

#[test]
fn paths_out_of_the_package_are_refused() {
    for name in ["../a", "a/../../b", "/etc/passwd", "..\\a"] {
        let message = text(check(&zip_of(&[(name, 0o644, b"")]))).2;
        assert!(
            message.starts_with("Could not unzip uploaded file"),
            "{name}: {message}"
        );
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default();
    writer.add_symlink("link", "/etc", options).unwrap();
    let zip = writer.finish().unwrap().into_inner();
    assert!(text(check(&zip)).2.contains("symbolic link"));
}

#[test]
fn names_that_cannot_be_unpacked_are_refused() {
    let long = "x".repeat(256);
    for names in [
        &[long.as_str()][..],
        &["a", "a/b"],
        &["a/b", "a"],
        &["a", "./a"],
    ] {
        let files: Vec<_> = names.iter().map(|name| (*name, 0o644, &b"x"[..])).collect();
        let (status, code, message) = text(check(&zip_of(&files)));
        assert_eq!(
            (status, code.as_str()),
            (400, "InvalidParameterValueException")
        );
        assert!(
            message.starts_with("Could not unzip uploaded file"),
            "{message}"
        );
    }
}

#[test]
fn devices_are_refused() {
    let mut zip = zip_of(&[("null", 0o644, b"")]);
    let entry = zip
        .windows(4)
        .position(|bytes| bytes == b"PK\x01\x02")
        .unwrap();
    // The upper half of the external attributes is the Unix mode.
    zip[entry + 40..entry + 42].copy_from_slice(&0o020_644_u16.to_le_bytes());
    assert!(text(check(&zip)).2.contains("device"));
}

#[test]
fn damaged_zips_are_refused() {
    const WORDS: &str =
        "Could not unzip uploaded file. Please check your file, then try to upload again.";
    assert_eq!(text(check(b"")).2, WORDS);
    assert_eq!(text(check(b"no zip")).2, WORDS);
    let mut zip = zip_of(&[("bootstrap", 0o755, b"some text that is checked by its sum")]);
    let place = 30 + "bootstrap".len() + 3;
    zip[place] ^= 0x55;
    assert_eq!(text(check(&zip)).2, WORDS);
}

#[test]
fn sizes_are_counted() {
    let (status, code, message) = text(check(&vec![0; ZIPPED_BYTES + 1]));
    assert_eq!(
        (status, code.as_str()),
        (413, "RequestEntityTooLargeException")
    );
    assert_eq!(message, "Zipped size must be smaller than 52428800 bytes");
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let zeroes = vec![0; 1 << 20];
    for file in 0..2 {
        let options = SimpleFileOptions::default();
        writer.start_file(format!("{file}"), options).unwrap();
        for _ in 0..=(UNZIPPED_BYTES >> 21) {
            writer.write_all(&zeroes).unwrap();
        }
    }
    let zip = writer.finish().unwrap().into_inner();
    let message = text(check(&zip)).2;
    assert_eq!(
        message,
        "Unzipped size must be smaller than 262144000 bytes"
    );
}

proptest! {
    #[test]
    fn no_bytes_cause_a_panic(at in 0usize..200, byte: u8) {
        let mut zip = zip_of(&[("bootstrap", 0o755, b"text"), ("a/b", 0o644, b"more")]);
        let at = at % zip.len();
        zip[at] = byte;
        let _ = check(&zip);
        let _ = check(&zip[..at]);
    }
}
