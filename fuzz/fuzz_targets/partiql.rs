//! PartiQL statements, as the permission check reads them and as the database runs them.

#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| local_cloud::fuzzing::partiql(data));
