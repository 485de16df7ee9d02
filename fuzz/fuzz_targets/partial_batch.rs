//! What a function answers for a batch.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| local_cloud::fuzzing::partial_batch(data));
