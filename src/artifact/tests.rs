//! Folders of builds, the bytes of a package, and the choice among embedded builds.

use std::fs;

use tempfile::TempDir;

use super::*;

mod elf;
mod package;
mod program;

use elf::Elf;

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
fn every_layout_gives_the_same_package() {
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
fn a_package_has_an_executable_bootstrap() {
    let zip = zip::bootstrap_zip(b"program").expect("zipped");
    assert_eq!(zip, zip::bootstrap_zip(b"program").expect("zipped"));
    let mut archive = ::zip::ZipArchive::new(io::Cursor::new(zip)).expect("a zip");
    let entry = archive.by_name("bootstrap").expect("at the root");
    assert_eq!(entry.unix_mode().map(|mode| mode & 0o777), Some(0o755));
    assert_eq!(entry.last_modified().map(|date| date.year()), Some(1980));
}

#[test]
fn errors_say_what_to_do() {
    let refused = |files: &[(&str, &[u8])], expected: &str| {
        let error = load_from(&folder(files)).expect_err("refused").to_string();
        assert!(error.contains(expected), "{error}");
    };
    refused(&[], "neither order-processor.zip nor");
    refused(&[("order-processor/README", b"")], "pass --handlers ''");
    refused(
        &[("order-processor", b"#!/bin/sh\n")],
        "not a 64-bit Linux program",
    );
    refused(
        &[("order-processor.zip", b"PK no zip")],
        "cannot be unzipped",
    );
    let newer = Elf {
        versions: &[("GLIBC_2.36", false)],
        ..Elf::ARM64
    };
    let artifact = load_from(&folder(&[("order-processor", &newer.bytes())])).expect("a program");
    let error = artifact
        .check(Platform::Lambda)
        .expect_err("too new")
        .to_string();
    assert_eq!(
        error,
        "the build of order-processor does not fit: it needs glibc 2.36, and Lambda's runtime \
         provided.al2023 has 2.34; in the project's folder, `cargo zigbuild --locked --profile handler \
         --target aarch64-unknown-linux-gnu.2.34 -p order-simulator -p order-processor` builds what is \
         missing, and `--handlers target/aarch64-unknown-linux-gnu/handler` uses it (once: `pip install \
         ziglang cargo-zigbuild` and `rustup target add aarch64-unknown-linux-gnu`)"
    );
}

#[test]
fn a_folders_architecture_can_be_required() {
    let folder = folder(&[("order-processor", &Elf::ARM64.bytes())]);
    let source = Source::Folder(folder.path().to_owned());
    let load = |wanted| load(Handler::Processor, &source, wanted);
    for wanted in [None, Some(Architecture::Arm64)] {
        let found = load(wanted).expect("there").program.architecture;
        assert_eq!(found, Architecture::Arm64);
    }
    let error = load(Some(Architecture::X86_64)).expect_err("another");
    assert!(matches!(error, ArtifactError::OtherArchitecture { .. }));
    let message = error.to_string();
    assert!(
        message.contains("built for arm64, not for x86_64"),
        "{message}"
    );
    assert!(
        message.contains("x86_64-unknown-linux-gnu.2.34"),
        "{message}"
    );
}

#[test]
fn the_requested_embedded_build_is_used() {
    let (x86_64, arm64) = (
        (Architecture::X86_64, b"x".as_slice()),
        (Architecture::Arm64, b"a".as_slice()),
    );
    let choose = |builds: &[_], wanted| choose(Handler::Simulator, builds, wanted);
    let own = if Architecture::HOST == Some(Architecture::Arm64) {
        arm64
    } else {
        x86_64
    };
    for both in [[x86_64, arm64], [arm64, x86_64]] {
        assert_eq!(choose(&both, None).expect("there"), own.1);
        for (architecture, zip) in both {
            assert_eq!(choose(&both, Some(architecture)).expect("there"), zip);
            let alone = [(architecture, zip)];
            assert_eq!(choose(&alone, None).expect("there"), zip);
        }
    }
    let missing = choose(&[x86_64], Some(Architecture::Arm64))
        .expect_err("not there")
        .to_string();
    assert!(
        missing.contains("has order-simulator for x86_64, not for arm64; in the project's folder"),
        "{missing}"
    );
    let none = choose(&[], None);
    assert!(matches!(none, Err(ArtifactError::NotEmbedded)));
}

#[test]
fn truncated_programs_never_panic() {
    let program = program();
    for length in (0..4096).chain([program.len() / 2, program.len() - 1]) {
        // Whatever the result, inspecting must end.
        let _ = inspect(&program[..length]);
    }
}
