//! Whose code the functions get: the builds in a folder that the user names, or named when the lab
//! was built, or those inside this program.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::artifact::{ArtifactError, HANDLERS_VARIABLE, Source};
use crate::context::Context;
use crate::error::CommandError;
use crate::provision::LabSettings;
use crate::provision::stack::Packages;

/// The builds to use: those that flag or environment name (an empty name means this program's
/// own), else those in the recorded folder.
pub(super) fn source(asked: Option<&OsStr>, recorded: Option<&Path>) -> Source {
    let asked = asked.map(OsString::from);
    let named = asked.or_else(|| std::env::var_os(HANDLERS_VARIABLE));
    let folder = match named {
        Some(named) => Some(PathBuf::from(named)).filter(|named| !named.as_os_str().is_empty()),
        None => recorded.map(Path::to_owned),
    };
    folder.map_or(Source::Embedded, |folder| {
        // The record is read in other folders than this.
        Source::Folder(std::path::absolute(&folder).unwrap_or(folder))
    })
}

/// The folder of a source, for the record.
pub(super) fn folder(source: &Source) -> Option<&Path> {
    match source {
        Source::Embedded => None,
        Source::Folder(folder) => Some(folder),
    }
}

/// The builds to use for this lab. Says so where the record alone decides.
///
/// # Errors
/// When the record cannot be read or makes no sense.
pub(super) fn for_lab(
    asked: Option<&OsStr>,
    context: &Context<'_>,
) -> Result<Source, CommandError> {
    let recorded = recorded(context)?;
    let source = source(asked, recorded.as_deref());
    let silent = asked.is_none() && std::env::var_os(HANDLERS_VARIABLE).is_none();
    if let Some(folder) = recorded.filter(|_| silent) {
        context.events().note(format!(
            "The handlers come from {}, as when the lab was built; --handlers '' uses those inside this program.",
            folder.display()
        ));
    }
    Ok(source)
}

/// The functions' packages as `up` would upload them, or why they cannot be had.
///
/// # Errors
/// When the record cannot be read or makes no sense.
pub(super) fn packages_at_hand(
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
    fn what_is_asked_for_outweighs_what_is_recorded() {
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
