//! Run records.

#![no_main]

#[path = "../properties/run_record.rs"]
mod properties;
#[path = "../../src/runs/text.rs"]
mod text;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| properties::run_record(data));
