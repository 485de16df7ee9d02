//! The deployment package: one file named `bootstrap`, always the same bytes for the same program.
//!
//! `build.rs` includes this file too, so it uses nothing else of the crate.

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

/// Zips `program` as `bootstrap` at the root, executable for all, dated 1980-01-01 so that the same
/// program gives the same hash.
///
/// # Errors
///
/// The program is too large for a zip.
pub(crate) fn bootstrap_zip(program: &[u8]) -> zip::result::ZipResult<Vec<u8>> {
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .last_modified_time(DateTime::default())
        .unix_permissions(0o755);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("bootstrap", options)?;
    writer.write_all(program)?;
    Ok(writer.finish()?.into_inner())
}
