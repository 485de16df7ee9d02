//! What a handler's program needs of the machine that runs it, read from its headers as the kernel and
//! the loader read them.

use std::fmt;

use object::LittleEndian as Little;
use object::elf::{self, Dyn64, FileHeader64, ProgramHeader64, Vernaux, Verneed};
use object::read::elf::{FileHeader as _, ProgramHeader as _};
use object::read::{Bytes, Error};
use schemars::JsonSchema;
use serde::Serialize;
use thiserror::Error;

/// A processor architecture that Lambda offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Architecture {
    /// 64-bit x86.
    #[serde(rename = "x86_64")]
    X86_64,
    /// 64-bit ARM.
    Arm64,
}

impl Architecture {
    /// This machine's architecture; `None` if Lambda does not offer it.
    pub const HOST: Option<Self> = if cfg!(target_arch = "x86_64") {
        Some(Self::X86_64)
    } else if cfg!(target_arch = "aarch64") {
        Some(Self::Arm64)
    } else {
        None
    };

    /// Its name in Lambda's API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
    }

    /// The architecture with this name in Lambda's API.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::X86_64, Self::Arm64]
            .into_iter()
            .find(|known| known.name() == name)
    }

    /// Rust's target for it with Linux and glibc.
    #[must_use]
    pub const fn target(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64-unknown-linux-gnu",
            Self::Arm64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// The path of glibc's loader, the same on every Linux that has it.
    #[must_use]
    pub(super) const fn loader(self) -> &'static str {
        match self {
            Self::X86_64 => "/lib64/ld-linux-x86-64.so.2",
            Self::Arm64 => "/lib/ld-linux-aarch64.so.1",
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A version of the GNU C library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Glibc {
    /// The 2 of 2.34.
    pub major: u32,
    /// The 34 of 2.34.
    pub minor: u32,
}

impl Glibc {
    /// The version on `provided.al2023`, where a program that needs a later one does not start.
    /// Source: docs.aws.amazon.com/linux/al2023/ug/core-glibc.html.
    pub const AL2023: Self = Self {
        major: 2,
        minor: 34,
    };

    /// Parses the name of a symbol version such as `GLIBC_2.34` or `GLIBC_2.2.5`; `None` for others.
    fn parse(name: &[u8]) -> Option<Self> {
        let version = std::str::from_utf8(name).ok()?.strip_prefix("GLIBC_")?;
        let mut parts = version.split('.').map(str::parse);
        Some(Self {
            major: parts.next()?.ok()?,
            minor: parts.next()?.ok()?,
        })
    }
}

impl fmt::Display for Glibc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// The requirements of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    /// The architecture it is built for.
    pub architecture: Architecture,
    /// The operating system it is built for.
    pub system: System,
}

/// An operating system, and what a program needs from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum System {
    /// Linux: an ELF file.
    Linux {
        /// The lowest version of the C library it runs with; `None` if it needs none, as a static
        /// program.
        glibc: Option<Glibc>,
        /// The path of its loader; `None` for a static program.
        interpreter: Option<String>,
    },
    /// macOS: a Mach-O file, which the local cloud can run on macOS.
    MacOs,
}

/// Why a file is not a program that Lambda or the local cloud could run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProgramError {
    /// It is not a 64-bit little-endian ELF file.
    #[error("it is not a 64-bit Linux program (ELF)")]
    NotElf,
    /// Its machine is not offered by Lambda.
    #[error("it is built for ELF machine {0}; Lambda runs x86_64 and arm64")]
    Machine(u16),
    /// It is an ELF file, but not a program.
    #[error("it is an ELF file, but not a program")]
    NotExecutable,
    /// Its headers are inconsistent.
    #[error("its ELF headers cannot be read: {0}")]
    Damaged(String),
}

impl From<Error> for ProgramError {
    fn from(error: Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// Reads the requirements of a program from its bytes.
///
/// # Errors
///
/// It is not a program that Lambda or the local cloud could run.
pub fn inspect(bytes: &[u8]) -> Result<Program, ProgramError> {
    if let Some(architecture) = mac_program(bytes) {
        let system = System::MacOs;
        return Ok(Program {
            architecture,
            system,
        });
    }
    let header = FileHeader64::<Little>::parse(bytes).map_err(|_| ProgramError::NotElf)?;
    header.endian().map_err(|_| ProgramError::NotElf)?;
    let architecture = match header.e_machine(Little) {
        elf::EM_X86_64 => Architecture::X86_64,
        elf::EM_AARCH64 => Architecture::Arm64,
        other => return Err(ProgramError::Machine(other.0)),
    };
    let image = Image {
        bytes,
        segments: header.program_headers(Little, bytes)?,
    };
    let interpreter = image.interpreter()?;
    let is_program = match header.e_type(Little) {
        elf::ET_EXEC => true,
        // A library has neither a loader nor an entry point.
        elf::ET_DYN => interpreter.is_some() || header.e_entry(Little) != 0,
        _ => false,
    };
    if !is_program {
        return Err(ProgramError::NotExecutable);
    }
    let glibc = image.glibc()?;
    Ok(Program {
        architecture,
        system: System::Linux { glibc, interpreter },
    })
}

/// The architecture of a 64-bit Mach-O file. Source: mach-o/loader.h and mach/machine.h of xnu.
fn mac_program(bytes: &[u8]) -> Option<Architecture> {
    const MAGIC: [u8; 4] = 0xfeed_facf_u32.to_le_bytes();
    let (magic, rest) = bytes.split_first_chunk::<4>()?;
    match (*magic == MAGIC, u32::from_le_bytes(*rest.first_chunk()?)) {
        (true, 0x0100_0007) => Some(Architecture::X86_64),
        (true, 0x0100_000c) => Some(Architecture::Arm64),
        _ => None,
    }
}

/// An ELF program as it is loaded into memory. Section headers are not used: a program may run
/// without any.
struct Image<'a> {
    bytes: &'a [u8],
    segments: &'a [ProgramHeader64<Little>],
}

impl<'a> Image<'a> {
    fn interpreter(&self) -> Result<Option<String>, ProgramError> {
        for segment in self.segments {
            if let Some(path) = segment.interpreter(Little, self.bytes)? {
                return Ok(Some(String::from_utf8_lossy(path).into_owned()));
            }
        }
        Ok(None)
    }

    /// The highest version of glibc that the program needs to start.
    fn glibc(&self) -> Result<Option<Glibc>, ProgramError> {
        let mut dynamic: &[Dyn64<Little>] = &[];
        for segment in self.segments {
            dynamic = segment.dynamic(Little, self.bytes)?.unwrap_or(dynamic);
        }
        let value = |tag| {
            dynamic
                .iter()
                .map(|entry| (entry.d_tag.get(Little), entry))
                .take_while(|(found, _)| *found != elf::DT_NULL)
                .find(|(found, _)| *found == tag)
                .map(|(_, entry)| entry.d_val.get(Little))
        };
        let (Some(needs), Some(strings)) = (value(elf::DT_VERNEED), value(elf::DT_STRTAB)) else {
            return Ok(None);
        };
        let count = value(elf::DT_VERNEEDNUM).unwrap_or(0);
        self.at(needs)
            .zip(self.at(strings))
            .and_then(|(needs, strings)| highest(needs, strings, count))
            .ok_or_else(|| ProgramError::Damaged("no table of the versions it needs".to_owned()))
    }

    /// The file's bytes for an address, up to the end of its segment.
    fn at(&self, address: u64) -> Option<&'a [u8]> {
        let segments = self.segments.iter();
        segments
            .filter(|segment| segment.p_type(Little) == elf::PT_LOAD)
            .find_map(|segment| {
                let offset = address.checked_sub(segment.p_vaddr(Little))?;
                let content = segment.data(Little, self.bytes).ok()?;
                content.get(usize::try_from(offset).ok()?..)
            })
    }
}

/// The highest version of glibc in a table of needed versions: `Some(None)` if it names none, `None`
/// if an offset points outside the table. Weakly needed versions are ignored.
fn highest(table: &[u8], strings: &[u8], count: u64) -> Option<Option<Glibc>> {
    /// More libraries than any program needs, which bounds the loop for a damaged count.
    const LIBRARIES: u64 = 1000;
    let mut highest = None;
    let mut needs = Bytes(table);
    for _ in 0..count.min(LIBRARIES) {
        let need = needs.read_at::<Verneed<Little>>(0).ok()?;
        let mut versions = needs;
        versions.skip(offset(need.vn_aux.get(Little))?).ok()?;
        for _ in 0..need.vn_cnt.get(Little) {
            let version = versions.read_at::<Vernaux<Little>>(0).ok()?;
            if !version.vna_flags.get(Little).contains(elf::VER_FLG_WEAK) {
                let name = strings.get(offset(version.vna_name.get(Little))?..)?;
                highest = highest.max(Glibc::parse(up_to_nul(name)));
            }
            versions.skip(offset(version.vna_next.get(Little))?).ok()?;
        }
        match need.vn_next.get(Little) {
            0 => break,
            next => needs.skip(offset(next)?).ok()?,
        }
    }
    Some(highest)
}

fn offset(value: u32) -> Option<usize> {
    usize::try_from(value).ok()
}

/// The NUL-terminated text at the beginning, at most as long as the name of a version.
fn up_to_nul(bytes: &[u8]) -> &[u8] {
    const LONGEST: usize = 64;
    let start = bytes.get(..LONGEST).unwrap_or(bytes);
    start.split(|byte| *byte == 0).next().unwrap_or(start)
}
