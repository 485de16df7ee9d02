//! Requests that the SDK's own signer has signed.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| local_cloud::fuzzing::signed(data));
