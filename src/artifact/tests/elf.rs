//! Small ELF files, laid out as linkers do it.

/// The content of an ELF file.
#[derive(Clone, Copy)]
pub(super) struct Elf {
    /// `e_machine`: 62 is x86_64, 183 is arm64.
    pub(super) machine: u16,
    /// `e_type`: 1 an object, 2 a program at a fixed address, 3 one at any address, or a library.
    pub(super) kind: u16,
    pub(super) entry: u64,
    pub(super) interpreter: Option<&'static str>,
    /// Names of symbol versions, and whether they may be missing.
    pub(super) versions: &'static [(&'static str, bool)],
}

/// Where the file's first byte is in memory.
const BASE: u64 = 0x40_0000;

impl Elf {
    /// An arm64 program like those that cargo-zigbuild makes.
    pub(super) const ARM64: Self = Self {
        machine: 183,
        kind: 3,
        entry: BASE,
        interpreter: Some("/lib/ld-linux-aarch64.so.1"),
        versions: &[("GLIBC_2.17", false), ("GLIBC_2.34", false)],
    };

    /// The same for x86_64.
    pub(super) const X86_64: Self = Self {
        machine: 62,
        interpreter: Some("/lib64/ld-linux-x86-64.so.2"),
        ..Self::ARM64
    };

    /// A static program.
    pub(super) const STATIC: Self = Self {
        kind: 2,
        interpreter: None,
        versions: &[],
        ..Self::X86_64
    };

    /// A program of this machine's architecture.
    pub(super) fn here() -> Self {
        if cfg!(target_arch = "aarch64") {
            Self::ARM64
        } else {
            Self::X86_64
        }
    }

    /// A program of another architecture than this machine's.
    pub(super) fn elsewhere() -> Self {
        if cfg!(target_arch = "aarch64") {
            Self::X86_64
        } else {
            Self::ARM64
        }
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        const SEGMENTS: usize = 3;
        let mut interpreter = self.interpreter.unwrap_or_default().as_bytes().to_vec();
        interpreter.resize(interpreter.len().next_multiple_of(8) + 8, 0);
        let (needs, strings) = self.version_table();
        let dynamic_at = 64 + SEGMENTS * 56 + interpreter.len();
        let needs_at = dynamic_at + 4 * 16;
        let strings_at = needs_at + needs.len();
        let end = strings_at + strings.len();

        let mut file = self.header(SEGMENTS);
        let absent = |wanted: bool, kind| if wanted { kind } else { 0 };
        let has_interpreter = self.interpreter.is_some();
        let has_versions = !self.versions.is_empty();
        file.extend(segment(1, 0, end));
        let interpreter_at = 64 + SEGMENTS * 56;
        file.extend(segment(
            absent(has_interpreter, 3),
            interpreter_at,
            interpreter.len(),
        ));
        file.extend(segment(absent(has_versions, 2), dynamic_at, 4 * 16));
        file.extend(interpreter);
        for (tag, value) in [
            (0x6fff_fffe, address(needs_at)),
            (0x6fff_ffff, 1),
            (5, address(strings_at)),
            (0, 0),
        ] {
            file.extend(u64::to_le_bytes(tag));
            file.extend(value.to_le_bytes());
        }
        file.extend(needs);
        file.extend(strings);
        assert_eq!(file.len(), end);
        file
    }

    fn header(&self, segments: usize) -> Vec<u8> {
        let mut header = b"\x7fELF\x02\x01\x01".to_vec();
        header.resize(16, 0);
        header.extend(self.kind.to_le_bytes());
        header.extend(self.machine.to_le_bytes());
        header.extend(1_u32.to_le_bytes());
        header.extend(self.entry.to_le_bytes());
        // Program headers follow at once; there are no section headers.
        header.extend(64_u64.to_le_bytes());
        header.extend([0; 8 + 4]);
        let segments = u16::try_from(segments).expect("few");
        for half in [64, 56, segments, 64, 0, 0] {
            header.extend(u16::to_le_bytes(half));
        }
        header
    }

    /// The needed versions of one library, and their names.
    fn version_table(&self) -> (Vec<u8>, Vec<u8>) {
        let mut strings = vec![0];
        let count = u16::try_from(self.versions.len()).expect("few");
        let mut needs = Vec::new();
        for half in [1, count] {
            needs.extend(u16::to_le_bytes(half));
        }
        for word in [0_u32, 16, 0] {
            needs.extend(word.to_le_bytes());
        }
        for (index, (name, weak)) in self.versions.iter().enumerate() {
            let name_at = u32::try_from(strings.len()).expect("short");
            let next = if index + 1 == self.versions.len() {
                0
            } else {
                16_u32
            };
            needs.extend(0_u32.to_le_bytes());
            needs.extend((u16::from(*weak) * 2).to_le_bytes());
            needs.extend(2_u16.to_le_bytes());
            needs.extend(name_at.to_le_bytes());
            needs.extend(next.to_le_bytes());
            strings.extend(name.as_bytes());
            strings.push(0);
        }
        (needs, strings)
    }
}

fn address(offset: usize) -> u64 {
    BASE + u64::try_from(offset).expect("small")
}

fn segment(kind: u32, offset: usize, size: usize) -> Vec<u8> {
    let [offset, size] = [offset, size].map(|value| u64::try_from(value).expect("small"));
    let mut header = kind.to_le_bytes().to_vec();
    header.extend(5_u32.to_le_bytes());
    for word in [offset, BASE + offset, BASE + offset, size, size, 8] {
        header.extend(word.to_le_bytes());
    }
    header
}
