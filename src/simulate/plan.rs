//! Planning a new run: its name, its seed and its block of order numbers.

use jiff::Timestamp;
use order::{Block, Fault, Faults, Plan};

use crate::context::Context;
use crate::error::CommandError;
use crate::runs::{Header, Run};
use crate::system;

/// What is asked for.
#[derive(Debug, Clone)]
pub(crate) struct RunRequest {
    /// How many orders.
    pub count: u64,
    /// The seed; `None` to draw one.
    pub seed: Option<u64>,
    /// The share of bad orders, 0 to 1. Above 0, at least one order is bad.
    pub fault_rate: f64,
    /// What may be wrong with bad orders.
    pub faults: Vec<Fault>,
}

impl RunRequest {
    /// The header of a new run whose numbers no recorded run has.
    ///
    /// # Errors
    /// When the recorded runs leave no block of numbers free.
    pub(crate) fn plan(
        &self,
        recorded: &[Run],
        context: &Context<'_>,
    ) -> Result<Header, CommandError> {
        let taken: Vec<Block> = recorded.iter().map(|run| run.header.plan.block).collect();
        let block = Block::allocate(&taken, self.count, system::random_u64())
            .ok_or_else(|| no_block(context))?;
        let plan = Plan {
            // A seed that a double holds exactly, so that every JSON reader gets it unchanged.
            seed: self.seed.unwrap_or_else(|| system::random_u64() >> 32),
            block,
            faults: Faults {
                rate: self.fault_rate,
                kinds: self.faults.clone(),
            },
        };
        let now_ms = system::now_ms();
        let plan = plan.with_a_bad_order(self.count);
        Ok(Header::new(name(now_ms), plan, self.count, now_ms))
    }
}

/// A run's name: when it started, and something random.
fn name(now_ms: u64) -> String {
    let date = i64::try_from(now_ms)
        .ok()
        .and_then(|ms| Timestamp::from_millisecond(ms).ok())
        .map_or_else(
            || now_ms.to_string(),
            |date| date.strftime("%Y%m%d-%H%M%S").to_string(),
        );
    format!("{date}-{:04x}", system::random_u64() >> 48)
}

fn no_block(context: &Context<'_>) -> CommandError {
    let (down, up) = (context.command("down"), context.command("up"));
    CommandError::environment("the recorded runs of this lab leave no block of order numbers free")
        .hint(format!(
            "{down} removes the lab with its runs; {up} builds a new one."
        ))
}
