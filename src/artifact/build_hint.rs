//! The hint that says how to build the handlers for Lambda.

use std::fmt;

use super::program::{Architecture, Glibc};

/// The command that builds both handlers for an architecture, what it needs, and how to use the
/// builds.
#[derive(Clone, Copy, Debug)]
pub(super) struct BuildHint(pub(super) Architecture);

impl fmt::Display for BuildHint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let target = self.0.target();
        write!(
            f,
            "in the project's folder, `cargo zigbuild --locked --profile handler --target {target}.{} \
             -p order-simulator -p order-processor` builds what is missing, and \
             `--handlers target/{target}/handler` uses it (once: `pip install ziglang cargo-zigbuild` and \
             `rustup target add {target}`)",
            Glibc::AL2023
        )
    }
}
