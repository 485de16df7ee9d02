//! The simulation in the tests: some seeds that never change, and some that nobody has run.
//! `cargo run --release -p local-cloud --example simulate` runs it for as long as one likes.

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
fn fresh_seeds_hold() {
    let mut bytes = [0; 8];
    SystemIds.fill(&mut bytes);
    let first = u64::from_le_bytes(bytes);
    (0..SEEDS)
        .map(|number| first.wrapping_add(number))
        .for_each(run);
}
