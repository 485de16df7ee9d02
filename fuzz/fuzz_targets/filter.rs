//! Filter criteria of event source mappings, and the messages that they are applied to.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| local_cloud::fuzzing::filter(data));
