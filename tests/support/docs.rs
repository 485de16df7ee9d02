//! The files in `docs/` that are generated.

use std::path::Path;

/// The variable with which these files are written again.
const WRITE: &str = "ORDERS_LAB_WRITE_DOCS";

/// Compares a file with what it should be, or writes it. `filter` selects the test that does so.
pub(crate) fn require_current(path: &Path, text: &str, filter: &str) {
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(path, text).expect("written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == text,
        "{} is out of date; `{WRITE}=1 cargo test --test all {filter}` writes it",
        path.display()
    );
}
