//! The packages that `build.rs` built; `None` for a build of the tool without handlers.

use super::Handler;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

pub(super) const fn package(handler: Handler) -> Option<&'static [u8]> {
    match handler {
        Handler::Simulator => SIMULATOR,
        Handler::Processor => PROCESSOR,
    }
}
