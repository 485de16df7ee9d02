//! The two handlers as what Lambda takes: a zip, its hash, and what its program needs.
//!
//! Builds are embedded in the tool by `build.rs`, or found in a folder that the user names.
//! `package` looks into a zip, `program` into the program in it, and `place` says where that runs.
//! Only this room and the stack know which program is inside a zip.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use ::zip::result::ZipError;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};
use thiserror::Error;

mod build_hint;
mod embedded;
mod handler;
mod package;
mod platform;
mod program;
mod zip;

use build_hint::BuildHint;
pub use handler::Handler;
pub use package::{PackageError, UNZIPPED_BYTES, ZIPPED_BYTES, bootstrap_within};
pub use platform::{Incompatible, Platform};
pub use program::{Architecture, Glibc, Program, ProgramError, System, inspect};

/// The variable that names a folder of handler builds to use instead of the embedded ones.
pub const HANDLERS_VARIABLE: &str = "ORDERS_LAB_HANDLERS";

/// Where handler builds come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// This build of the tool, which holds none, one or both architectures.
    Embedded,
    /// A folder: for each handler `NAME.zip`, `NAME/bootstrap` (as cargo-lambda writes it), or
    /// the program `NAME` itself (as cargo and cargo-zigbuild write it), looked for in this order.
    Folder(PathBuf),
}

/// A handler ready to be uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Which one.
    pub handler: Handler,
    /// The deployment package.
    pub zip: Vec<u8>,
    /// Its SHA-256 in base64, as Lambda's `CodeSha256` gives it.
    pub code_sha256: String,
    /// What its `bootstrap` needs; [`Artifact::check`] says whether a place has it.
    pub program: Program,
}

impl Artifact {
    /// Takes a package, if it is one that Lambda would take with a program in it.
    fn new(handler: Handler, zip: Vec<u8>) -> Result<Self, ArtifactError> {
        let program = bootstrap_within(&zip, ZIPPED_BYTES, UNZIPPED_BYTES)
            .map_err(|source| ArtifactError::Package { handler, source })?;
        let program =
            inspect(&program).map_err(|source| ArtifactError::Program { handler, source })?;
        let code_sha256 = BASE64_STANDARD.encode(Sha256::digest(&zip));
        Ok(Self {
            handler,
            zip,
            code_sha256,
            program,
        })
    }

    /// Says whether the program would start at `place`.
    ///
    /// # Errors
    ///
    /// It would not: what the place lacks, and what to do.
    pub fn check(&self, platform: Platform) -> Result<(), ArtifactError> {
        let Self {
            handler, program, ..
        } = self;
        platform
            .check(program)
            .map_err(|source| ArtifactError::Incompatible {
                handler: *handler,
                architecture: program.architecture,
                source,
            })
    }
}

/// Why a handler cannot be had: what, why, and what next.
#[derive(Debug, Error)]
pub enum ArtifactError {
    /// The tool was built with `ORDERS_LAB_SKIP_HANDLERS=1`.
    #[error(
        "this build of orders-lab has no handlers in it, because ORDERS_LAB_SKIP_HANDLERS was set when it \
         was built; build it again without, or name a folder of handler builds with --handlers"
    )]
    NotEmbedded,
    /// The tool has the handler, but not for the architecture asked for.
    #[error(
        "this build of orders-lab has {handler} for {embedded}, not for {wanted}; {}",
        BuildHint(*wanted)
    )]
    NotEmbeddedFor {
        /// The handler looked for.
        handler: Handler,
        /// What was asked for.
        wanted: Architecture,
        /// What there is.
        embedded: Architecture,
    },
    /// The folder's build is for another architecture than was asked for.
    #[error(
        "{handler} in {} is built for {found}, not for {wanted}; {}",
        folder.display(), BuildHint(*wanted)
    )]
    OtherArchitecture {
        /// The handler.
        handler: Handler,
        /// Where it was found.
        folder: PathBuf,
        /// What was asked for.
        wanted: Architecture,
        /// What it is built for.
        found: Architecture,
    },
    /// The folder has no build of the handler.
    #[error(
        "{} holds no build of {handler}: there is neither {handler}.zip nor {handler}/bootstrap nor \
         {handler} in it; put one there, or say --handlers '' to use what is built in",
        folder.display()
    )]
    NotFound {
        /// The handler looked for.
        handler: Handler,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The file is there but cannot be read.
    #[error(
        "cannot read {}: {source}; fix that, or say --handlers '' to use what is built in",
        path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The program cannot be packed.
    #[error("{handler} cannot be packed: {source}; build it again")]
    Packing {
        /// The handler.
        handler: Handler,
        /// Why not.
        source: ZipError,
    },
    /// The zip is none that Lambda would take.
    #[error("Lambda would not take the zip of {handler}: {source}")]
    Package {
        /// The handler.
        handler: Handler,
        /// What is wrong with the zip.
        source: PackageError,
    },
    /// The program is none that could run anywhere.
    #[error(
        "the program of {handler} cannot run on Lambda: {source}; build it for x86_64 or arm64 Linux"
    )]
    Program {
        /// The handler.
        handler: Handler,
        /// What is wrong with the program.
        source: ProgramError,
    },
    /// The program would not start where it is to run.
    #[error("the build of {handler} does not fit: {source}; {}", source.advice(*architecture))]
    Incompatible {
        /// The handler.
        handler: Handler,
        /// What it is built for.
        architecture: Architecture,
        /// What does not fit.
        source: Incompatible,
    },
}

/// Finds a handler's build for the architecture `wanted`, packs it if need be, and inspects it.
///
/// Where none is wanted it is this machine's if the tool holds that, or else what there is.
/// Whether it would start at the target is for [`Artifact::check`].
///
/// # Errors
///
/// There is none, or it is none that Lambda could run.
pub fn load(
    handler: Handler,
    source: &Source,
    wanted: Option<Architecture>,
) -> Result<Artifact, ArtifactError> {
    let folder = match source {
        Source::Embedded => {
            let zip = choose(handler, &embedded::builds(handler), wanted)?;
            return Artifact::new(handler, zip.to_vec());
        }
        Source::Folder(folder) => folder,
    };
    let artifact = Artifact::new(handler, find(handler, folder)?)?;
    let found = artifact.program.architecture;
    match wanted {
        Some(wanted) if wanted != found => Err(ArtifactError::OtherArchitecture {
            handler,
            folder: folder.clone(),
            wanted,
            found,
        }),
        _ => Ok(artifact),
    }
}

/// The embedded build to use.
fn choose<'a>(
    handler: Handler,
    builds: &[(Architecture, &'a [u8])],
    wanted: Option<Architecture>,
) -> Result<&'a [u8], ArtifactError> {
    let of = |architecture| {
        builds
            .iter()
            .find(|(found, _)| Some(*found) == architecture)
    };
    let (embedded, any) = *builds.first().ok_or(ArtifactError::NotEmbedded)?;
    match (of(wanted.or(Architecture::HOST)), wanted) {
        (Some((_, zip)), _) => Ok(zip),
        (None, None) => Ok(any),
        (None, Some(wanted)) => Err(ArtifactError::NotEmbeddedFor {
            handler,
            wanted,
            embedded,
        }),
    }
}

/// The handler's package from a folder of builds.
fn find(handler: Handler, folder: &Path) -> Result<Vec<u8>, ArtifactError> {
    let named = folder.join(handler.package());
    if let Some(zip) = read(&folder.join(format!("{handler}.zip")), ZIPPED_BYTES)? {
        return Ok(zip);
    }
    let program = if named.is_dir() {
        named.join("bootstrap")
    } else {
        named
    };
    let program = read(&program, UNZIPPED_BYTES)?.ok_or_else(|| ArtifactError::NotFound {
        handler,
        folder: folder.to_owned(),
    })?;
    zip::bootstrap_zip(&program).map_err(|source| ArtifactError::Packing { handler, source })
}

/// A file's bytes, no more than one beyond `limit`: what is too large is refused by the size of
/// its package. `None` if it is not there.
fn read(path: &Path, limit: u64) -> Result<Option<Vec<u8>>, ArtifactError> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(ArtifactError::Unreadable {
            path: path.to_owned(),
            source,
        }),
    }
}

#[cfg(test)]
mod tests;
