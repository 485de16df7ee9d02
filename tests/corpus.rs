//! The corpus of the fuzz targets for orders, run records and handler builds. The local cloud's
//! own tests replay that of its targets.

use std::fs;
use std::path::Path;

use orders_lab::artifact::{Program, System, bootstrap_within, inspect};
use orders_lab::drive::record::text;

#[path = "../fuzz/properties/handler_build.rs"]
mod handler_build;
#[path = "../fuzz/properties/order.rs"]
mod order;
#[path = "../fuzz/properties/run_record.rs"]
mod run_record;

/// What a fuzz target does with an input.
type Target = fn(&[u8]);

#[test]
fn corpus_passes() {
    let targets: [(&str, Target); 3] = [
        ("handler_build", handler_build::handler_build),
        ("order", order::order),
        ("run_record", run_record::run_record),
    ];
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, check) in targets {
        for entry in fs::read_dir(corpus.join(name)).expect("the corpus exists") {
            let path = entry.expect("a file of the corpus").path();
            let input = fs::read(&path).expect("an input can be read");
            let passes = std::panic::catch_unwind(|| check(&input)).is_ok();
            assert!(passes, "{}", path.display());
        }
    }
}
