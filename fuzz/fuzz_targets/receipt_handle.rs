//! Receipt handles, and task handles of move tasks.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| local_cloud::fuzzing::receipt_handle(data));
