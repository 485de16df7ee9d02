//! Queue attributes, redrive policies among them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| local_cloud::fuzzing::queue_settings(data));
