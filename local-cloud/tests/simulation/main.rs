//! A deterministic simulation of the queue engine, run with fixed seeds and with new ones.
//! `cargo run --release -p local-cloud --example simulate` runs it for longer.

mod simulator;

use local_cloud::ids::{Ids as _, SystemIds};

/// How many seeds each test runs.
const SEEDS: u64 = 40;

fn run(seed: u64) {
    if let Err(violation) = simulator::run(seed) {
        panic!("{violation}");
    }
}

#[test]
fn fixed_seeds_hold() {
    (0..SEEDS).for_each(run);
}

#[test]
fn new_seeds_hold() {
    let mut bytes = [0; 8];
    SystemIds.fill(&mut bytes);
    let first = u64::from_le_bytes(bytes);
    (0..SEEDS)
        .map(|offset| first.wrapping_add(offset))
        .for_each(run);
}
