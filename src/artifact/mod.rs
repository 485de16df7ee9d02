//! The deployment packages of the two handlers: a zip, its hash, and what its program needs.
//!
//! Builds are embedded in the tool by `build.rs`, or found in a folder that the user names.
//! `package` checks a zip, `program` reads the requirements of the program in it, and `platform` says
//! whether the program runs on Lambda or on this machine.

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

/// The environment variable that names a folder of handler builds to use instead of the embedded
/// ones.
pub const HANDLERS_VARIABLE: &str = "ORDERS_LAB_HANDLERS";

/// Where handler builds come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// This build of the tool, which has no, one or both architectures embedded.
    Embedded,
    /// A folder with, for each handler, `NAME.zip`, `NAME/bootstrap` (as cargo-lambda writes it), or
    /// the program `NAME` (as cargo and cargo-zigbuild write it), looked for in this order.
    Folder(PathBuf),
}

/// A handler that is ready to be uploaded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Artifact {
    /// Which one.
    pub handler: Handler,
    /// The deployment package.
    pub zip: Vec<u8>,
    /// Its SHA-256 in base64, as in Lambda's `CodeSha256`.
    pub code_sha256: String,
    /// What its `bootstrap` needs; [`Artifact::check`] says whether a platform has it.
    pub program: Program,
}

impl Artifact {
    /// An artifact from a zip that Lambda would accept.
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

    /// Checks that the program would run on `platform`.
    ///
    /// # Errors
    ///
    /// It would not; the error says why and what to do.
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

/// Why a handler is not available. The message ends with what to do.
#[derive(Debug, Error)]
pub enum ArtifactError {
    /// The tool was built with `ORDERS_LAB_SKIP_HANDLERS=1`.
    #[error(
        "this build of orders-lab has no handlers, because ORDERS_LAB_SKIP_HANDLERS was set when it \
         was built; build it again without, or name a folder of handler builds with --handlers"
    )]
    NotEmbedded,
    /// The tool has the handler, but not for the requested architecture.
    #[error(
        "this build of orders-lab has {handler} for {embedded}, not for {wanted}; {}",
        BuildHint(*wanted)
    )]
    NotEmbeddedFor {
        /// The handler.
        handler: Handler,
        /// The requested architecture.
        wanted: Architecture,
        /// The embedded one.
        embedded: Architecture,
    },
    /// The folder's build is for another architecture than the requested one.
    #[error(
        "{handler} in {} is built for {found}, not for {wanted}; {}",
        folder.display(), BuildHint(*wanted)
    )]
    OtherArchitecture {
        /// The handler.
        handler: Handler,
        /// The folder.
        folder: PathBuf,
        /// The requested architecture.
        wanted: Architecture,
        /// The architecture it is built for.
        found: Architecture,
    },
    /// The folder has no build of the handler.
    #[error(
        "{} has no build of {handler}: neither {handler}.zip nor {handler}/bootstrap nor {handler} \
         exists in it; put one there, or pass --handlers '' to use the embedded one",
        folder.display()
    )]
    NotFound {
        /// The handler.
        handler: Handler,
        /// The folder.
        folder: PathBuf,
    },
    /// The file exists but cannot be read.
    #[error(
        "cannot read {}: {source}; fix that, or pass --handlers '' to use the embedded builds",
        path.display()
    )]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The program cannot be zipped.
    #[error("{handler} cannot be zipped: {source}; build it again")]
    Packing {
        /// The handler.
        handler: Handler,
        /// Why not.
        source: ZipError,
    },
    /// Lambda would not accept the zip.
    #[error("Lambda would not accept the zip of {handler}: {source}")]
    Package {
        /// The handler.
        handler: Handler,
        /// What is wrong with the zip.
        source: PackageError,
    },
    /// The program cannot run on any platform.
    #[error(
        "the program of {handler} cannot run on Lambda: {source}; build it for x86_64 or arm64 Linux"
    )]
    Program {
        /// The handler.
        handler: Handler,
        /// What is wrong with the program.
        source: ProgramError,
    },
    /// The program would not start on the platform.
    #[error("the build of {handler} does not fit: {source}; {}", source.advice(*architecture))]
    Incompatible {
        /// The handler.
        handler: Handler,
        /// The architecture it is built for.
        architecture: Architecture,
        /// What does not fit.
        source: Incompatible,
    },
}

/// Loads a handler's build for the architecture `wanted`, zips it if it is not zipped, and inspects it.
///
/// For `None` it is the build for this machine's architecture if that is embedded, or else any.
/// [`Artifact::check`] says whether it would start on the target.
///
/// # Errors
///
/// There is no build, or Lambda could not run it.
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
    let path = if named.is_dir() {
        named.join("bootstrap")
    } else {
        named
    };
    let program = read(&path, UNZIPPED_BYTES)?.ok_or_else(|| ArtifactError::NotFound {
        handler,
        folder: folder.to_owned(),
    })?;
    zip::bootstrap_zip(&program).map_err(|source| ArtifactError::Packing { handler, source })
}

/// A file's bytes, at most one more than `limit`: a file that is too large is refused later, by its
/// size. `None` if it does not exist.
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
