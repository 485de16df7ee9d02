//! Filter patterns of CloudWatch Logs.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| local_cloud::fuzzing::log_pattern(data));
