//! Orders, and requests to the simulator.

#![no_main]

#[path = "../properties/order.rs"]
mod properties;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| properties::order(data));
