//! Sends the requested orders: several batches concurrently, and failed entries again.

use std::future::Future;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::StreamExt as _;
use order::wire::{MAX_PER_REQUEST, SimulateReport, SimulateRequest};

use crate::batch::batches;
use crate::error::SimulateError;
use crate::queue::{Entry, Queue, Rejected};

/// How many batches are sent concurrently.
const CONCURRENCY: usize = 8;
/// How often an entry is sent at most.
const ATTEMPTS: u32 = 6;
/// The pause before an entry is sent again, doubled each time: 3.1 s in total.
const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// The result of one batch, or of several together.
#[derive(Default)]
struct Tally {
    sent: u64,
    requests: u64,
    retried: u64,
    lost: Option<Rejected>,
}

impl Tally {
    fn add(mut self, other: Self) -> Self {
        self.sent += other.sent;
        self.requests += other.requests;
        self.retried += other.retried;
        self.lost = match (self.lost, other.lost) {
            (Some(one), Some(two)) => Some(if two.index < one.index { two } else { one }),
            (one, two) => one.or(two),
        };
        self
    }
}

/// Sends the orders that `event`, a [`SimulateRequest`] in JSON, requests. `pause` waits before failed
/// entries are sent again.
///
/// # Errors
///
/// The request is invalid, in which case nothing is sent, or the queue did not accept an order in any
/// attempt, in which case no new batch is begun, and those in flight are finished and counted.
pub async fn simulate<Q: Queue, P: Future<Output = ()>>(
    queue: &Q,
    event: serde_json::Value,
    pause: impl Fn(Duration) -> P,
) -> Result<SimulateReport, SimulateError> {
    let SimulateRequest {
        run,
        plan,
        first,
        count,
    } = checked(event)?;
    let stop = AtomicBool::new(false);
    let tally = futures_util::stream::iter(batches(&plan, first, count))
        .map(|batch| async {
            if stop.load(Ordering::Relaxed) {
                return Tally::default();
            }
            let tally = send(queue, &run, batch, &pause).await;
            if tally.lost.is_some() {
                stop.store(true, Ordering::Relaxed);
            }
            tally
        })
        .buffer_unordered(CONCURRENCY)
        .fold(Tally::default(), |sum, tally| async { sum.add(tally) })
        .await;
    let Tally {
        sent,
        requests,
        retried,
        lost,
    } = tally;
    match lost {
        Some(rejected) => Err(SimulateError::NotSent {
            sent,
            count,
            rejected,
        }),
        None => Ok(SimulateReport {
            run,
            first,
            count,
            sent,
            requests,
            retried,
        }),
    }
}

fn checked(event: serde_json::Value) -> Result<SimulateRequest, SimulateError> {
    let request: SimulateRequest = serde_json::from_value(event)?;
    let SimulateRequest {
        ref run,
        ref plan,
        first,
        count,
    } = request;
    let is_legal = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if run.is_empty() || run.len() > 128 || !run.chars().all(is_legal) {
        return Err(SimulateError::Run(run.chars().take(128).collect()));
    }
    plan.validate()?;
    if !(1..=MAX_PER_REQUEST).contains(&count) {
        return Err(SimulateError::Count(count));
    }
    let size = plan.block.size;
    if first.checked_add(count).is_none_or(|end| end > size) {
        return Err(SimulateError::OutsideBlock { first, count, size });
    }
    Ok(request)
}

/// Sends one batch until all of it is accepted, an entry cannot be retried, or attempts run out.
async fn send<Q: Queue, P: Future<Output = ()>>(
    queue: &Q,
    run: &str,
    mut entries: Vec<Entry>,
    pause: &impl Fn(Duration) -> P,
) -> Tally {
    let mut tally = Tally::default();
    for attempt in 1..=ATTEMPTS {
        let rejected = queue.send(run, &entries).await;
        tally.requests += 1;
        tally.sent += entries.len().saturating_sub(rejected.len()) as u64;
        if rejected.is_empty() {
            break;
        }
        let lost = rejected
            .iter()
            .find(|entry| !entry.can_retry || attempt == ATTEMPTS);
        if let Some(lost) = lost {
            tally.lost = Some(lost.clone());
            break;
        }
        entries.retain(|entry| {
            rejected
                .iter()
                .any(|rejected| rejected.index == entry.index)
        });
        tally.retried += entries.len() as u64;
        pause(FIRST_PAUSE * 2_u32.pow(attempt - 1)).await;
    }
    tally
}

#[cfg(test)]
mod tests;
