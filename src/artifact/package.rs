//! Lambda's requirements of a deployment package, checked before it is uploaded.

use std::io::{self, Cursor, Read as _};

use ::zip::ZipArchive;
use ::zip::result::ZipError;
use thiserror::Error;

/// The largest zip that a request may upload, in bytes.
/// Source: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html.
pub const ZIPPED_BYTES: u64 = 52_428_800;

/// The largest content of a zip, in bytes. Source: the same.
pub const UNZIPPED_BYTES: u64 = 262_144_000;

/// Why Lambda would not accept a zip, or not find its program.
#[derive(Debug, Error)]
pub enum PackageError {
    /// It is not a zip, or damaged.
    #[error("it cannot be unzipped: {0}; create it again")]
    Damaged(#[from] ZipError),
    /// Its content cannot be read.
    #[error("its bootstrap cannot be unzipped: {0}; create it again")]
    Unreadable(#[from] io::Error),
    /// It has no program.
    #[error("it has no file `bootstrap` at its root; put the program there under that name")]
    NoBootstrap,
    /// The program is not executable.
    #[error("its `bootstrap` is not executable; zip it with mode 755")]
    NotExecutable,
    /// The zip is too large for a request.
    #[error("it may have at most {ZIPPED_BYTES} bytes, and it has {0}; strip the program")]
    Zipped(usize),
    /// Its content is too large.
    #[error(
        "unzipped it may have at most {UNZIPPED_BYTES} bytes, and it has {0} or more; strip the program"
    )]
    Unzipped(u64),
}

/// The program in a package that Lambda would accept. `zipped` and `unzipped` are the limits in bytes:
/// [`ZIPPED_BYTES`] and [`UNZIPPED_BYTES`] except in tests. At most `unzipped` + 1 bytes are unpacked,
/// whatever sizes the zip claims.
///
/// # Errors
///
/// Lambda would not accept it, or not find a program in it.
pub fn bootstrap_within(zip: &[u8], zipped: u64, unzipped: u64) -> Result<Vec<u8>, PackageError> {
    if u64::try_from(zip.len()).is_ok_and(|size| size > zipped) {
        return Err(PackageError::Zipped(zip.len()));
    }
    let mut archive = ZipArchive::new(Cursor::new(zip))?;
    let mut size: u64 = 0;
    for index in 0..archive.len() {
        size = size.saturating_add(archive.by_index_raw(index)?.size());
    }
    if size > unzipped {
        return Err(PackageError::Unzipped(size));
    }
    let entry = match archive.by_name("bootstrap") {
        Err(ZipError::FileNotFound) => return Err(PackageError::NoBootstrap),
        entry => entry?,
    };
    if !entry.is_file() {
        return Err(PackageError::NoBootstrap);
    }
    if entry.unix_mode().is_none_or(|mode| mode & 0o111 == 0) {
        return Err(PackageError::NotExecutable);
    }
    // A zip may claim a smaller size than its content has.
    let mut program = Vec::new();
    let size = entry
        .take(unzipped.saturating_add(1))
        .read_to_end(&mut program)?;
    match u64::try_from(size) {
        Ok(size) if size > unzipped => Err(PackageError::Unzipped(size)),
        _ => Ok(program),
    }
}
