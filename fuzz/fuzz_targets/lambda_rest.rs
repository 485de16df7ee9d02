//! Paths, queries and bodies of requests to Lambda.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| local_cloud::fuzzing::lambda_rest(data));
