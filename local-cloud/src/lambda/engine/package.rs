//! Deployment packages: untrusted zips.

use std::io::{self, Cursor, Read};
use std::path::PathBuf;

use zip::ZipArchive;

use super::error::invalid;
use super::package_names::{ENTRIES, Names};
use crate::error::AwsError;

/// The most bytes that a zip may have.
pub const ZIPPED_BYTES: usize = 50 << 20;

/// The most bytes that its files may have together.
pub const UNZIPPED_BYTES: u64 = 250 << 20;

/// A file or directory of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Its path relative to the package's root; never leads out of it.
    pub path: PathBuf,
    /// Whether it is a directory.
    pub is_directory: bool,
    /// The permission bits that the zip has for it.
    pub mode: Option<u32>,
}

/// Why a package could not be unpacked.
#[derive(Debug, thiserror::Error)]
pub enum UnpackError {
    /// The package is invalid.
    #[error(transparent)]
    Refused(#[from] AwsError),
    /// An item could not be written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Reads every byte of a zip and refuses what Lambda refuses, and names that cannot be unpacked.
///
/// # Errors
/// `RequestEntityTooLargeException`, `InvalidParameterValueException`.
pub fn check(zip: &[u8]) -> Result<(), AwsError> {
    let drain = |_: &Item, content: &mut dyn Read| io::copy(content, &mut io::sink()).map(drop);
    match unpack(zip, drain) {
        Ok(()) => Ok(()),
        Err(UnpackError::Refused(error)) => Err(error),
        // A sink takes everything, so the zip could not be read.
        Err(UnpackError::Io(_)) => Err(unreadable()),
    }
}

/// Calls `take` with every file and directory of a zip, in the zip's order. It must read the
/// content to its end.
///
/// # Errors
/// Those of [`check`] and of `take`.
pub fn unpack(
    zip: &[u8],
    take: impl FnMut(&Item, &mut dyn Read) -> io::Result<()>,
) -> Result<(), UnpackError> {
    unpack_within(zip, UNZIPPED_BYTES, take)
}

/// Does the same with files that may have `limit` bytes together.
pub(crate) fn unpack_within(
    zip: &[u8],
    limit: u64,
    mut take: impl FnMut(&Item, &mut dyn Read) -> io::Result<()>,
) -> Result<(), UnpackError> {
    if zip.len() > ZIPPED_BYTES {
        let message = format!("Zipped size must be smaller than {ZIPPED_BYTES} bytes");
        return Err(AwsError::new("RequestEntityTooLargeException", 413, message).into());
    }
    let mut archive = ZipArchive::new(Cursor::new(zip)).map_err(|_| unreadable())?;
    if archive.len() > ENTRIES {
        return Err(unreadable().into());
    }
    let mut left = limit;
    let mut names = Names::default();
    for index in 0..archive.len() {
        let mut file = archive.by_index(index).map_err(|_| unreadable())?;
        let name = file.name().map_err(|_| unreadable())?.into_owned();
        if let Some(kind) = unusual_kind(file.unix_mode()) {
            return Err(refused(&name, kind).into());
        }
        let is_directory = file.is_dir();
        let path = names.add(&name, is_directory);
        let item = Item {
            path: path.map_err(|why| refused(&name, why))?,
            is_directory,
            mode: file.unix_mode().map(|mode| mode & 0o777),
        };
        // The sizes in the zip are not trusted: one byte more than allowed is read.
        let mut content = Counted {
            inner: (&mut file).take(left + 1),
            read: 0,
            failed: false,
        };
        let taken = take(&item, &mut content);
        let Counted { read, failed, .. } = content;
        if failed {
            return Err(unreadable().into());
        }
        taken?;
        left = left.checked_sub(read).ok_or_else(too_large)?;
    }
    Ok(())
}

/// Counts bytes, and remembers whether reading failed, which is the zip's error and not `take`'s.
struct Counted<R> {
    inner: R,
    read: u64,
    failed: bool,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let outcome = self.inner.read(buffer);
        match &outcome {
            Ok(count) => {
                self.read = self
                    .read
                    .saturating_add(u64::try_from(*count).unwrap_or(u64::MAX))
            }
            Err(problem) if problem.kind() == io::ErrorKind::Interrupted => {}
            Err(_) => self.failed = true,
        }
        outcome
    }
}

/// What an item is, where it is neither a file nor a directory.
fn unusual_kind(mode: Option<u32>) -> Option<&'static str> {
    match mode? & 0o170_000 {
        0 | 0o040_000 | 0o100_000 => None,
        0o120_000 => Some("it is a symbolic link"),
        _ => Some("it is a device, a pipe or a socket"),
    }
}

fn refused(name: &str, why: &str) -> AwsError {
    invalid(format!(
        "Could not unzip uploaded file: this local cloud does not unpack {name:?}, because {why}."
    ))
}

fn unreadable() -> AwsError {
    invalid("Could not unzip uploaded file. Please check your file, then try to upload again.")
}

fn too_large() -> AwsError {
    invalid(format!(
        "Unzipped size must be smaller than {UNZIPPED_BYTES} bytes"
    ))
}
