//! Folders of builds, the package's bytes, and what a program needs.

use std::fs;

use tempfile::TempDir;

use super::*;

/// A program of the machine that runs the tests: this test itself.
fn program() -> Vec<u8> {
    fs::read(std::env::current_exe().expect("a path")).expect("readable")
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        fs::write(path, bytes).expect("written");
    }
    folder
}

fn load_from(folder: &TempDir) -> Result<Artifact, ArtifactError> {
    load(
        Handler::Processor,
        &Source::Folder(folder.path().to_owned()),
        None,
    )
}

#[test]
fn a_program_becomes_the_same_package_however_it_lies_there() {
    let program = program();
    let zip = zip::bootstrap_zip(&program).expect("zipped");
    let plain = load_from(&folder(&[("order-processor", &program)])).expect("a program");
    let nested =
        load_from(&folder(&[("order-processor/bootstrap", &program)])).expect("cargo-lambda's way");
    let packed = load_from(&folder(&[("order-processor.zip", &zip)])).expect("a zip");
    assert_eq!(plain, nested);
    assert_eq!(plain, packed);
    assert_eq!(
        plain
            .program
            .architecture
            .name()
            .replace("arm64", "aarch64"),
        std::env::consts::ARCH
    );
}

#[test]
fn the_package_holds_an_executable_bootstrap_and_no_date() {
    let zip = zip::bootstrap_zip(b"program").expect("zipped");
    assert_eq!(zip, zip::bootstrap_zip(b"program").expect("zipped"));
    let mut archive = ZipArchive::new(Cursor::new(zip)).expect("a zip");
    let entry = archive.by_name("bootstrap").expect("at the root");
    assert_eq!(entry.unix_mode().map(|mode| mode & 0o777), Some(0o755));
    assert_eq!(entry.last_modified().map(|date| date.year()), Some(1980));
}

#[test]
fn what_cannot_run_on_lambda_is_said() {
    assert!(matches!(
        load_from(&folder(&[])),
        Err(ArtifactError::NotFound { .. })
    ));
    let script = load_from(&folder(&[("order-processor", b"#!/bin/sh\n")]));
    assert!(matches!(
        script,
        Err(ArtifactError::Program {
            source: ProgramError::NotElf,
            ..
        })
    ));
    let damaged = load_from(&folder(&[("order-processor.zip", b"PK no zip")]));
    assert!(matches!(damaged, Err(ArtifactError::Zip { .. })));
    let mut other = program();
    // The machine stands at byte 18 of an ELF header; 243 is RISC-V.
    other[18..20].copy_from_slice(&243_u16.to_le_bytes());
    let foreign = load_from(&folder(&[("order-processor", &other)]));
    assert!(matches!(
        foreign,
        Err(ArtifactError::Program {
            source: ProgramError::Machine(243),
            ..
        })
    ));
}

#[test]
fn cut_off_programs_are_refused_and_never_panic() {
    let program = program();
    for length in (0..4096).chain([program.len() / 2, program.len() - 1]) {
        // Whatever is found in what is left, looking must end.
        let _ = inspect(&program[..length]);
    }
}
