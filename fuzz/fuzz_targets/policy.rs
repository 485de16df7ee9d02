//! Policy documents, evaluated as identity policies and as trust policies.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| local_cloud::fuzzing::policy(data));
