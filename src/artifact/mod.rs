//! The two handlers as what Lambda takes: a zip, its hash, and what its program needs.
//!
//! Builds are embedded in the tool by `build.rs`, or found in a folder that the user names in
//! `ORDERS_LAB_HANDLERS`. Only this room and the stack know which program is inside a zip.

use std::fmt;
use std::fs;
use std::io::{self, Cursor, Read as _};
use std::path::{Path, PathBuf};

use ::zip::ZipArchive;
use ::zip::result::ZipError;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

mod embedded;
mod program;
mod zip;

pub use program::{Architecture, Glibc, Program, ProgramError, inspect};

/// The variable that names a folder of handler builds to use instead of the embedded ones.
pub const HANDLERS_VARIABLE: &str = "ORDERS_LAB_HANDLERS";

/// One of the lab's functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Handler {
    /// Puts orders into the queue.
    Simulator,
    /// Stores them in the table.
    Processor,
}

impl Handler {
    /// The crate's name, and so the program's.
    #[must_use]
    pub const fn package(self) -> &'static str {
        match self {
            Self::Simulator => "order-simulator",
            Self::Processor => "order-processor",
        }
    }
}

impl fmt::Display for Handler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.package())
    }
}

/// Where handler builds come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// This build of the tool.
    Embedded,
    /// A folder: for each handler `NAME.zip`, `NAME/bootstrap` (as cargo-lambda writes it), or
    /// the program `NAME` itself, looked for in this order.
    Folder(PathBuf),
}

/// A handler ready to be uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// The deployment package.
    pub zip: Vec<u8>,
    /// Its SHA-256 in base64, as Lambda's `CodeSha256` gives it.
    pub code_sha256: String,
    /// What its `bootstrap` needs. Whether the target has it is for the caller to judge.
    pub program: Program,
}

/// Why a handler cannot be had: what, why, and what next.
#[derive(Debug, Error)]
pub enum ArtifactError {
    /// The tool was built with `ORDERS_LAB_SKIP_HANDLERS=1`.
    #[error(
        "this build of orders-lab has no handlers in it, because ORDERS_LAB_SKIP_HANDLERS was set when it \
         was built; build it again without, or name a folder of handler builds in {HANDLERS_VARIABLE}"
    )]
    NotEmbedded,
    /// The folder has no build of the handler.
    #[error(
        "{} holds no build of {handler}: there is neither {handler}.zip nor {handler}/bootstrap nor \
         {handler} in it; put one there, or unset {HANDLERS_VARIABLE}",
        folder.display()
    )]
    NotFound {
        /// The handler looked for.
        handler: Handler,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The file is there but cannot be read.
    #[error("cannot read {}: {source}; mend that, or unset {HANDLERS_VARIABLE}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The zip is damaged or has no `bootstrap` at its root.
    #[error(
        "the zip of {handler} is of no use: {source}; Lambda wants a file `bootstrap` at its root"
    )]
    Zip {
        /// The handler.
        handler: Handler,
        /// What is wrong with the zip.
        source: ZipError,
    },
    /// The program is none that Lambda could run.
    #[error(
        "the program of {handler} cannot run on Lambda: {source}; build it for x86_64 or arm64 Linux"
    )]
    Program {
        /// The handler.
        handler: Handler,
        /// What is wrong with the program.
        source: ProgramError,
    },
}

/// Finds a handler's build, packs it if need be, and inspects it.
///
/// # Errors
///
/// There is none, or it is none that Lambda could run.
pub fn load(
    handler: Handler,
    source: &Source,
    _wanted: Option<Architecture>,
) -> Result<Artifact, ArtifactError> {
    let zip = match source {
        Source::Embedded => embedded::package(handler)
            .ok_or(ArtifactError::NotEmbedded)?
            .to_vec(),
        Source::Folder(folder) => find(handler, folder)?,
    };
    let program = bootstrap(&zip).map_err(|source| ArtifactError::Zip { handler, source })?;
    let program = inspect(&program).map_err(|source| ArtifactError::Program { handler, source })?;
    let code_sha256 = BASE64_STANDARD.encode(Sha256::digest(&zip));
    Ok(Artifact {
        zip,
        code_sha256,
        program,
    })
}

/// The handler's package from a folder of builds.
fn find(handler: Handler, folder: &Path) -> Result<Vec<u8>, ArtifactError> {
    let named = folder.join(handler.package());
    if let Some(zip) = read(&folder.join(format!("{handler}.zip")))? {
        return Ok(zip);
    }
    let program = if named.is_dir() {
        read(&named.join("bootstrap"))?
    } else {
        read(&named)?
    };
    let program = program.ok_or_else(|| ArtifactError::NotFound {
        handler,
        folder: folder.to_owned(),
    })?;
    zip::bootstrap_zip(&program).map_err(|source| ArtifactError::Zip { handler, source })
}

/// A file's bytes; `None` if it is not there.
fn read(path: &Path) -> Result<Option<Vec<u8>>, ArtifactError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ArtifactError::Unreadable {
            path: path.to_owned(),
            source,
        }),
    }
}

fn bootstrap(package: &[u8]) -> Result<Vec<u8>, ZipError> {
    let mut archive = ZipArchive::new(Cursor::new(package))?;
    let mut program = Vec::new();
    archive.by_name("bootstrap")?.read_to_end(&mut program)?;
    Ok(program)
}

#[cfg(test)]
mod tests;
