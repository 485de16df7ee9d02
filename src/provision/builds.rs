//! Which handler builds the functions get: those in a folder that the user names, or named when the
//! lab was built, or those embedded in this program.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::LabSettings;
use super::stack::Packages;
use crate::artifact::{ArtifactError, HANDLERS_VARIABLE, Source};
use crate::context::Context;
use crate::error::CommandError;

/// The builds to use: those in the folder that the flag or else the environment names (an empty name
/// means the embedded ones), else those in the recorded folder.
pub(crate) fn source(asked: Option<&OsStr>, recorded: Option<&Path>) -> Source {
    let named = asked
        .map(OsString::from)
        .or_else(|| std::env::var_os(HANDLERS_VARIABLE));
    let folder = match named {
        Some(named) => Some(PathBuf::from(named)).filter(|named| !named.as_os_str().is_empty()),
        None => recorded.map(Path::to_owned),
    };
    folder.map_or(Source::Embedded, |folder| {
        // The recorded path must be valid in other working directories.
        Source::Folder(std::path::absolute(&folder).unwrap_or(folder))
    })
}

/// The folder of a source, to be recorded.
pub(crate) fn folder(source: &Source) -> Option<&Path> {
    match source {
        Source::Embedded => None,
        Source::Folder(folder) => Some(folder),
    }
}

/// The builds to use for this lab. A note says so where the record decides.
///
/// # Errors
/// When the record cannot be read or is damaged.
pub(crate) fn for_lab(
    asked: Option<&OsStr>,
    context: &Context<'_>,
) -> Result<Source, CommandError> {
    let recorded = recorded(context)?;
    let source = source(asked, recorded.as_deref());
    let is_named = asked.is_some() || std::env::var_os(HANDLERS_VARIABLE).is_some();
    if let Some(folder) = recorded.filter(|_| !is_named) {
        context.events().note(format!(
            "The handlers come from {}, as when the lab was built; --handlers '' uses those embedded in this program.",
            folder.display()
        ));
    }
    Ok(source)
}

/// The functions' packages as `up` would upload them, or why they cannot be made.
///
/// # Errors
/// When the record cannot be read or is damaged.
pub(crate) fn packages_at_hand(
    settings: &LabSettings,
    context: &Context<'_>,
) -> Result<Result<Packages, ArtifactError>, CommandError> {
    let source = source(None, recorded(context)?.as_deref());
    Ok(Packages::load(&source, settings.arch, &context.target))
}

fn recorded(context: &Context<'_>) -> Result<Option<PathBuf>, CommandError> {
    Ok(context.record()?.and_then(|record| record.handlers))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_named_folder_replaces_the_recorded_one() {
        let recorded = Some(Path::new("/builds"));
        let folder = |name: &str| Source::Folder(name.into());
        assert_eq!(source(Some(OsStr::new("/mine")), recorded), folder("/mine"));
        assert_eq!(source(Some(OsStr::new("")), recorded), Source::Embedded);
        assert_eq!(source(None, recorded), folder("/builds"));
        assert_eq!(source(None, None), Source::Embedded);
        let relative = source(Some(OsStr::new("mine")), None);
        assert!(self::folder(&relative).is_some_and(Path::is_absolute));
    }
}
