//! What Lambda asks of a deployment package, checked before it is uploaded.

use std::io::{self, Cursor, Read as _};

use ::zip::ZipArchive;
use ::zip::result::ZipError;
use thiserror::Error;

/// The most bytes of a zip that is sent with the request.
/// Source: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html.
pub const ZIPPED_BYTES: u64 = 52_428_800;

/// The most bytes of all that is in it. Source: the same.
pub const UNZIPPED_BYTES: u64 = 262_144_000;

/// Why Lambda would not take a zip, or not find its program.
#[derive(Debug, Error)]
pub enum PackageError {
    /// It is no zip, or damaged.
    #[error("it cannot be unzipped: {0}; make it again")]
    Damaged(#[from] ZipError),
    /// What is in it cannot be read.
    #[error("its bootstrap cannot be unzipped: {0}; make it again")]
    Unreadable(#[from] io::Error),
    /// There is no program.
    #[error("it has no file `bootstrap` at its root; put the program there under that name")]
    NoBootstrap,
    /// The program could not be started.
    #[error("its `bootstrap` may not be executed; zip it with mode 755")]
    NotExecutable,
    /// The zip is too large for a request.
    #[error("it may have at most {ZIPPED_BYTES} bytes, and it has {0}; strip the program")]
    Zipped(usize),
    /// What is in it is too large.
    #[error(
        "unzipped it may have at most {UNZIPPED_BYTES} bytes, and it has {0} or more; strip the program"
    )]
    Unzipped(u64),
}

/// The program in a package that Lambda would take. `zipped` and `unzipped` are the limits in
/// bytes: [`ZIPPED_BYTES`] and [`UNZIPPED_BYTES`] but in tests. No more than `unzipped` bytes are
/// unpacked, whatever the zip says of itself.
///
/// # Errors
///
/// Lambda would not take it, or not find a program in it.
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
    // A zip may say less of its content's size than there is.
    let mut program = Vec::new();
    let mut entry = entry.take(unzipped.saturating_add(1));
    let size = entry.read_to_end(&mut program)?;
    match u64::try_from(size) {
        Ok(size) if size > unzipped => Err(PackageError::Unzipped(size)),
        _ => Ok(program),
    }
}
