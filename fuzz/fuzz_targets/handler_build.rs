//! Handler builds that the user names.

#![no_main]

#[path = "../../src/artifact/package.rs"]
mod package;
#[expect(dead_code, reason = "the target uses a part of it")]
#[path = "../../src/artifact/program.rs"]
mod program;
#[path = "../properties/handler_build.rs"]
mod properties;

use libfuzzer_sys::fuzz_target;
use package::bootstrap_within;
use program::{Program, System, inspect};

fuzz_target!(|data: &[u8]| properties::handler_build(data));
