//! Request bodies of CloudWatch Logs and of the control service.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| local_cloud::fuzzing::logs_json(data));
