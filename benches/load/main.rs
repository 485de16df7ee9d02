//! Measures the local cloud's speed and prints one figure per line, with its target if it has one:
//! `cargo bench --bench load [-- NAME…]`, where a NAME selects figures by prefix.
//!
//! The cloud is the built tool in a separate process with its own state directory. It verifies
//! signatures, and every acknowledged write is durable. The load comes from threads of this process,
//! on the same machine. Figures of one run on one machine compare with each other, not with those of
//! another machine.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the figures go to stdout, and a failed measurement is none"
)]

mod client;
mod lab;
mod orders;
mod queues;
mod start;
mod tables;

use std::time::Duration;

/// How long each figure is measured.
const MEASURED: Duration = Duration::from_secs(3);

/// Selects and prints figures.
struct Figures {
    wanted: Vec<String>,
}

impl Figures {
    fn wants(&self, name: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|one| name.starts_with(one.as_str()))
    }

    fn print(&self, name: &str, figure: f64, unit: &str, target: &str) {
        let figure = if figure < 100.0 {
            format!("{figure:.1}")
        } else {
            format!("{figure:.0}")
        };
        println!("{name:<52} {figure:>9} {unit:<10} target {target}");
    }
}

fn main() {
    // Cargo itself passes `--bench`.
    let wanted = std::env::args().skip(1).filter(|one| !one.starts_with('-'));
    let figures = Figures {
        wanted: wanted.collect(),
    };
    start::measure(&figures);
    queues::measure(&figures);
    tables::measure(&figures);
    orders::measure(&figures);
}
