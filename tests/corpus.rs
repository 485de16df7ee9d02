//! Replays the inputs that are kept of the fuzz targets for orders, run records and handler builds. The
//! tests of `local-cloud` replay those of its targets.

use std::path::Path;

use orders_lab::artifact::{Program, System, bootstrap_within, inspect};
use orders_lab::runs::text;

#[path = "../fuzz/corpus.rs"]
mod packed;

#[path = "../fuzz/properties/handler_build.rs"]
mod handler_build;
#[path = "../fuzz/properties/order.rs"]
mod order;
#[path = "../fuzz/properties/run_record.rs"]
mod run_record;

/// A fuzz target's name and its property.
type Target = (&'static str, fn(&[u8]));

const TARGETS: [Target; 3] = [
    ("handler_build", handler_build::handler_build),
    ("order", order::order),
    ("run_record", run_record::run_record),
];

fn fuzz() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz"))
}

#[test]
fn kept_fuzz_inputs_pass() {
    for (target, property) in TARGETS {
        packed::replay(fuzz(), target, property);
    }
}

#[test]
fn no_fuzz_target_is_forgotten() {
    let targets = packed::targets(fuzz());
    let ours = targets
        .iter()
        .filter(|(_, source)| !source.contains("local_cloud::fuzzing"))
        .map(|(name, _)| name.as_str());
    assert!(ours.eq(TARGETS.map(|(name, _)| name)));
}
