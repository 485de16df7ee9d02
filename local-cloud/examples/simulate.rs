//! The simulation for as long as one likes: `simulate -- --minutes 60`, or one seed: `--seed N`.
#![expect(
    clippy::print_stderr,
    reason = "a tool for developers, with no other output"
)]

#[path = "../tests/simulation/simulator/mod.rs"]
mod simulator;

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use local_cloud::ids::{Ids as _, SystemIds};

/// How often it says how far it is.
const PROGRESS: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    match start() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

fn start() -> Result<(), Box<dyn Error>> {
    let (mut minutes, mut only) = (1, None);
    let mut args = std::env::args().skip(1);
    while let Some(name) = args.next() {
        let value = args
            .next()
            .ok_or("usage: simulate [--minutes M] [--seed N]")?;
        match name.as_str() {
            "--minutes" => minutes = value.parse()?,
            "--seed" => only = Some(value.parse()?),
            _ => return Err(format!("what is {name}?").into()),
        }
    }
    match only {
        Some(seed) => {
            let done = simulator::run(seed).map_err(|violation| violation.to_string())?;
            eprintln!("seed {seed} holds: {done:?}");
            Ok(())
        }
        None => keep_on(Duration::from_secs(60 * minutes)),
    }
}

fn keep_on(long: Duration) -> Result<(), Box<dyn Error>> {
    let mut bytes = [0; 8];
    SystemIds.fill(&mut bytes);
    let first = u64::from_le_bytes(bytes);
    eprintln!("from seed {first} on, for {} s", long.as_secs());
    let (started, mut said) = (Instant::now(), Duration::ZERO);
    let (mut seeds, mut all) = (0_u64, simulator::Done::default());
    while started.elapsed() < long {
        let done = simulator::run(first.wrapping_add(seeds));
        let done = done.map_err(|violation| violation.to_string())?;
        seeds += 1;
        all.steps += done.steps;
        all.deliveries += done.deliveries;
        all.crashes += done.crashes;
        all.moves += done.moves;
        let gone = started.elapsed();
        if gone >= said + PROGRESS {
            said = gone;
            let rate = seeds as f64 / gone.as_secs_f64();
            eprintln!(
                "{:>6.0} s: {seeds} seeds, {rate:.0}/s, {all:?}",
                gone.as_secs_f64()
            );
        }
    }
    eprintln!("{seeds} seeds hold: {all:?}");
    Ok(())
}
