//! Runs the queue simulation with new seeds for some time (`simulate -- --minutes 60`), or with one
//! seed (`--seed N`).
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

/// How often progress is printed.
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
            _ => return Err(format!("unknown option {name}").into()),
        }
    }
    match only {
        Some(seed) => {
            let stats = simulator::run(seed).map_err(|violation| violation.to_string())?;
            eprintln!("seed {seed} holds: {stats:?}");
            Ok(())
        }
        None => run_for(Duration::from_secs(60 * minutes)),
    }
}

fn run_for(duration: Duration) -> Result<(), Box<dyn Error>> {
    let mut bytes = [0; 8];
    SystemIds.fill(&mut bytes);
    let first = u64::from_le_bytes(bytes);
    eprintln!("seeds from {first}, for {} s", duration.as_secs());
    let (started, mut printed) = (Instant::now(), Duration::ZERO);
    let (mut seeds, mut total) = (0_u64, simulator::Stats::default());
    while started.elapsed() < duration {
        let stats =
            simulator::run(first.wrapping_add(seeds)).map_err(|violation| violation.to_string())?;
        seeds += 1;
        total.steps += stats.steps;
        total.deliveries += stats.deliveries;
        total.crashes += stats.crashes;
        total.moves += stats.moves;
        let elapsed = started.elapsed();
        if elapsed >= printed + PROGRESS {
            printed = elapsed;
            let rate = seeds as f64 / elapsed.as_secs_f64();
            eprintln!(
                "{:>6.0} s: {seeds} seeds, {rate:.0}/s, {total:?}",
                elapsed.as_secs_f64()
            );
        }
    }
    eprintln!("{seeds} seeds hold: {total:?}");
    Ok(())
}
