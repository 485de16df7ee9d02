//! A damaged file's roles, sessions, functions and logs.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| local_cloud::fuzzing::stored_state(data));
