//! Conditions of policies, against a second evaluator.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| local_cloud::fuzzing::conditions(data));
