//! The packages embedded by `build.rs`: for each handler none, one, or one for each architecture.

use super::handler::Handler;
use super::program::Architecture;

// `BUILDS`: the handler's package name, the architecture's name, and the zip.
include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

pub(super) fn builds(handler: Handler) -> Vec<(Architecture, &'static [u8])> {
    BUILDS
        .iter()
        .filter(|(name, ..)| *name == handler.package())
        .filter_map(|(_, architecture, zip)| Some((Architecture::from_name(architecture)?, *zip)))
        .collect()
}
