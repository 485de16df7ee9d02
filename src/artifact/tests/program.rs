//! The requirements read from a program's headers, and whether it would start.

use proptest::prelude::*;

use super::elf::Elf;
use super::*;
use crate::artifact::program::System;

fn glibc(elf: Elf) -> Option<(u32, u32)> {
    let program = inspect(&elf.bytes()).expect("a program");
    let System::Linux { glibc, .. } = program.system else {
        panic!("an ELF file is for Linux");
    };
    glibc.map(|Glibc { major, minor }| (major, minor))
}

fn unfit(elf: Elf, platform: Platform) -> Option<Incompatible> {
    let program = inspect(&elf.bytes()).expect("a program");
    platform.check(&program).err()
}

#[test]
fn the_highest_required_glibc_counts() {
    let with = |versions| Elf {
        versions,
        ..Elf::X86_64
    };
    assert_eq!(glibc(Elf::STATIC), None);
    assert_eq!(glibc(Elf::ARM64), Some((2, 34)));
    let numbers: &[_] = &[
        ("GLIBC_2.34", false),
        ("GLIBC_2.5", false),
        ("GLIBC_2.2.5", false),
    ];
    assert_eq!(glibc(with(numbers)), Some((2, 34)));
    let weak: &[_] = &[("GLIBC_2.39", true), ("GLIBC_2.28", false)];
    assert_eq!(glibc(with(weak)), Some((2, 28)));
    let others: &[_] = &[
        ("GCC_3.0", false),
        ("GLIBC_PRIVATE", false),
        ("GLIBC_ABI_DT_RELR", false),
    ];
    assert_eq!(glibc(with(others)), None);
}

#[test]
fn files_that_are_no_programs_are_refused() {
    let refused = |elf: Elf| inspect(&elf.bytes()).expect_err("refused");
    let library = Elf {
        entry: 0,
        interpreter: None,
        ..Elf::X86_64
    };
    assert_eq!(refused(library), ProgramError::NotExecutable);
    let object = Elf {
        kind: 1,
        ..Elf::X86_64
    };
    assert_eq!(refused(object), ProgramError::NotExecutable);
    let risc_v = Elf {
        machine: 243,
        ..Elf::X86_64
    };
    assert_eq!(refused(risc_v), ProgramError::Machine(243));

    // Byte 4 of an ELF file says 32 or 64 bits, byte 5 little or big end first.
    for (position, value) in [(4, 1), (5, 2), (0, b'E')] {
        let mut bytes = Elf::X86_64.bytes();
        bytes[position] = value;
        assert_eq!(inspect(&bytes), Err(ProgramError::NotElf), "{position}");
    }
}

#[test]
fn offsets_outside_the_file_are_damage() {
    let whole = Elf::X86_64.bytes();
    let cut = whole.len() - 4;
    let mut bytes = whole.clone();
    // The name of the last version that is needed: 8 bytes before the strings.
    let strings: usize = "\0GLIBC_2.17\0GLIBC_2.34\0".len();
    let name = whole.len() - strings - 8;
    bytes[name..name + 4].copy_from_slice(&u32::MAX.to_le_bytes());
    for damaged in [&whole[..cut], &bytes] {
        let error = inspect(damaged).expect_err("damaged");
        assert!(matches!(error, ProgramError::Damaged(_)), "{error}");
    }
}

#[test]
fn lambda_accepts_what_its_runtime_can_start() {
    for fits in [Elf::X86_64, Elf::ARM64, Elf::STATIC] {
        assert_eq!(unfit(fits, Platform::Lambda), None);
    }
    let newer = Elf {
        versions: &[("GLIBC_2.35", false)],
        ..Elf::ARM64
    };
    let needed = Glibc {
        major: 2,
        minor: 35,
    };
    assert_eq!(
        unfit(newer, Platform::Lambda),
        Some(Incompatible::Glibc(needed))
    );
    // musl's, glibc's of another architecture, and one of a distribution's own.
    for loader in [
        "/lib/ld-musl-aarch64.so.1",
        "/lib64/ld-linux-x86-64.so.2",
        "/nix/store/abc-glibc-2.34/lib/ld-linux-aarch64.so.1",
    ] {
        let other = Elf {
            interpreter: Some(loader),
            versions: &[],
            ..Elf::ARM64
        };
        let expected = Some(Incompatible::Interpreter(loader.to_owned()));
        assert_eq!(unfit(other, Platform::Lambda), expected);
    }
}

#[test]
fn this_machine_accepts_any_glibc() {
    let newer = Elf {
        versions: &[("GLIBC_2.99", false)],
        ..Elf::here()
    };
    let is_linux = cfg!(target_os = "linux");
    assert_eq!(unfit(newer, Platform::Local).is_none(), is_linux);
    let error = unfit(Elf::elsewhere(), Platform::Local).expect("another machine's");
    assert!(matches!(error, Incompatible::Machine { .. }), "{error}");
}

#[test]
fn programs_for_macos_are_recognized() {
    for (cpu, architecture) in [(7, Architecture::X86_64), (12, Architecture::Arm64)] {
        let mut bytes = vec![0xcf, 0xfa, 0xed, 0xfe, cpu, 0, 0, 1];
        bytes.resize(64, 0);
        let program = inspect(&bytes).expect("a program");
        assert_eq!(program.architecture, architecture);
        assert_eq!(program.system, System::MacOs);
        assert_eq!(Platform::Lambda.check(&program), Err(Incompatible::System));
    }
}

proptest! {
    #[test]
    fn damaged_programs_never_panic(
        changes in prop::collection::vec((0_usize..600, any::<u8>()), 0..8),
        length in 0_usize..600,
    ) {
        let mut bytes = Elf::X86_64.bytes();
        for (position, value) in changes {
            if let Some(byte) = bytes.get_mut(position) {
                *byte = value;
            }
        }
        bytes.truncate(length);
        // Whatever the result, inspecting must end without a panic.
        let _ = inspect(&bytes);
    }
}
