//! The kept inputs of the fuzz targets for orders, records of runs and handler builds; those of the local
//! cloud's targets are replayed by its own tests.

use std::fs;
use std::path::Path;

use orders_lab::artifact::{Program, System, bootstrap_within, inspect};
use orders_lab::runs::text;

#[path = "../fuzz/properties/handler_build.rs"]
mod handler_build;
#[path = "../fuzz/properties/order.rs"]
mod order;
#[path = "../fuzz/properties/run_record.rs"]
mod run_record;

/// What a fuzz target does with bytes.
type Target = fn(&[u8]);

#[test]
fn the_kept_inputs_pass() {
    let targets: [(&str, Target); 3] = [
        ("handler_build", handler_build::handler_build),
        ("order", order::order),
        ("run_record", run_record::run_record),
    ];
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
    for (name, check) in targets {
        for entry in fs::read_dir(corpus.join(name)).expect("the corpus is there") {
            let path = entry.expect("a file of the corpus").path();
            let input = fs::read(&path).expect("an input can be read");
            let passes = std::panic::catch_unwind(|| check(&input)).is_ok();
            assert!(passes, "{}", path.display());
        }
    }
}
