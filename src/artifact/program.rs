//! What a handler's program needs of the machine it is to run on, read from its ELF headers.

use std::fmt;

use object::Endianness;
use object::elf::{self, FileHeader64};
use object::read::elf::FileHeader as _;
use thiserror::Error;

/// A processor architecture that Lambda offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Architecture {
    /// 64-bit x86.
    X86_64,
    /// 64-bit ARM.
    Arm64,
}

impl Architecture {
    /// Its name in Lambda's API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::X86_64 => "x86_64",
            Self::Arm64 => "arm64",
        }
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
    /// What `provided.al2023` has; a program that needs a later one ends at its start there.
    /// Source: docs.aws.amazon.com/linux/al2023/ug/core-glibc.html.
    pub const AL2023: Self = Self {
        major: 2,
        minor: 34,
    };

    /// Reads the name of a symbol version such as `GLIBC_2.34` or `GLIBC_2.2.5`; `None` for others.
    fn parse(version: &[u8]) -> Option<Self> {
        let version = std::str::from_utf8(version).ok()?.strip_prefix("GLIBC_")?;
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

/// What a program needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Program {
    /// The architecture it is built for.
    pub architecture: Architecture,
    /// The C library it needs at least; `None` if it needs none, as a static program does.
    pub glibc: Option<Glibc>,
}

/// Why a file is no program that Lambda could run.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProgramError {
    /// It is not a 64-bit ELF file.
    #[error("it is not a 64-bit Linux program (ELF)")]
    NotElf,
    /// Its machine is none that Lambda offers.
    #[error("it is built for ELF machine {0}; Lambda runs x86_64 and arm64")]
    Machine(u16),
    /// It is an ELF file, but no program.
    #[error("it is an ELF file, but not a program")]
    NotExecutable,
    /// Its headers contradict themselves.
    #[error("its ELF headers cannot be read: {0}")]
    Damaged(String),
}

/// Reads a program's needs from its bytes.
///
/// # Errors
///
/// It is no program that Lambda could run.
pub fn inspect(bytes: &[u8]) -> Result<Program, ProgramError> {
    let damaged = |error: object::read::Error| ProgramError::Damaged(error.to_string());
    let header = FileHeader64::<Endianness>::parse(bytes).map_err(|_| ProgramError::NotElf)?;
    let endian = header.endian().map_err(damaged)?;
    let architecture = match header.e_machine(endian) {
        elf::EM_X86_64 => Architecture::X86_64,
        elf::EM_AARCH64 => Architecture::Arm64,
        other => return Err(ProgramError::Machine(other.0)),
    };
    if !matches!(header.e_type(endian), elf::ET_EXEC | elf::ET_DYN) {
        return Err(ProgramError::NotExecutable);
    }
    let glibc = glibc(header, endian, bytes).map_err(damaged)?;
    Ok(Program {
        architecture,
        glibc,
    })
}

/// The highest version of glibc that the program's version needs name.
fn glibc(
    header: &FileHeader64<Endianness>,
    endian: Endianness,
    bytes: &[u8],
) -> object::read::Result<Option<Glibc>> {
    let sections = header.sections(endian, bytes)?;
    let Some((mut needs, link)) = sections.gnu_verneed(endian, bytes)? else {
        return Ok(None);
    };
    let strings = sections.strings(endian, bytes, link)?;
    let mut highest = None;
    while let Some((_, mut versions)) = needs.next()? {
        while let Some(version) = versions.next()? {
            highest = highest.max(Glibc::parse(version.name(endian, strings)?));
        }
    }
    Ok(highest)
}
