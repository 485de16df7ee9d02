//! Reading bodies: no more than a limit, no slower than a pace, and all of them together within the
//! memory for unverified bodies.

use std::fmt::Display;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::Body;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout, timeout_at};

use super::limits::{BodyLimit, Pace};
use crate::error::AwsError;

/// When more must have come than the `read` bytes of which the last came at `last`.
fn deadline(pace: Pace, began: Instant, last: Instant, read: usize) -> Instant {
    let read = u64::try_from(read).unwrap_or(u64::MAX);
    let total = began + pace.total;
    let rate = read.checked_div(pace.rate).map_or(total, |seconds| {
        let allowed = pace.pause + Duration::from_secs(seconds);
        began + allowed.min(pace.total)
    });
    rate.min(last + pace.pause).min(total)
}

/// Reads a body, however it is framed.
///
/// # Errors
/// When it is longer than `limit` allows, comes too slowly, breaks off, or finds no memory.
pub(crate) async fn read<B>(
    mut body: B,
    limit: BodyLimit,
    mut share: Share<'_>,
) -> Result<Bytes, AwsError>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: Display,
{
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    let max = limit.bytes + limit.discarded;
    if announced > max {
        return Err(too_large(limit.bytes));
    }
    share.cover(announced.min(limit.bytes)).await?;
    let began = Instant::now();
    let mut last = began;
    let mut whole = BytesMut::new();
    let mut read = 0;
    loop {
        let deadline = deadline(limit.pace, began, last, read);
        let frame = timeout_at(deadline, body.frame()).await.map_err(|_| {
            AwsError::new("RequestTimeout", 408, "The body did not arrive in time.")
        })?;
        let mut data = match frame {
            None => return Ok(whole.freeze()),
            Some(Err(problem)) => {
                let message = format!("The body could not be read: {problem}");
                return Err(AwsError::new("IncompleteBody", 400, message));
            }
            Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
        };
        last = Instant::now();
        read += data.len();
        if read > max {
            return Err(too_large(limit.bytes));
        }
        data.truncate(limit.bytes - whole.len());
        if whole.is_empty() && body.is_end_stream() {
            return Ok(data);
        }
        share.cover(whole.len() + data.len()).await?;
        // The announced size is within the limit, so it can be reserved at once. Memory that nothing
        // is written to takes no room.
        if whole.is_empty() {
            whole.reserve(announced.min(limit.bytes));
        }
        whole.extend_from_slice(&data);
    }
}

fn too_large(limit: usize) -> AwsError {
    let message = format!("The request's body must have at most {limit} bytes.");
    AwsError::new("RequestEntityTooLargeException", 413, message)
}

/// What a body may have without a share of the memory: most have less.
const FREE_BYTES: usize = 64 << 10;

/// What is taken at a time, so that a body of unknown size does not take a share for each frame.
const STEP_BYTES: usize = 1 << 20;

/// The memory for bodies whose signature is not checked yet, in KiB: for all, and for those from
/// other users of the machine.
const ALL_KIB: usize = 512 << 10;
const OTHERS_KIB: usize = 128 << 10;

/// How long a body waits for memory: as long as one may stall.
const MEMORY_WAIT: Duration = Duration::from_secs(5);

/// The memory for bodies whose signature is not checked yet.
#[derive(Debug)]
pub(crate) struct BodyMemory {
    all: Semaphore,
    others: Semaphore,
    /// How long a body waits for memory.
    wait: Duration,
}

impl Default for BodyMemory {
    fn default() -> Self {
        Self {
            all: Semaphore::new(ALL_KIB),
            others: Semaphore::new(OTHERS_KIB),
            wait: MEMORY_WAIT,
        }
    }
}

impl BodyMemory {
    /// A share for one body, which is given back when it is dropped. `is_ours` says that the peer
    /// is the user who runs the cloud.
    pub(crate) fn share(&self, is_ours: bool) -> Share<'_> {
        Share {
            memory: self,
            is_ours,
            covered: FREE_BYTES,
            permits: Vec::new(),
        }
    }
}

/// The memory that one body may take.
#[derive(Debug)]
pub(crate) struct Share<'a> {
    memory: &'a BodyMemory,
    is_ours: bool,
    covered: usize,
    permits: Vec<SemaphorePermit<'a>>,
}

impl Share<'_> {
    /// Takes what is missing for `bytes`, waiting a little for bodies that end meanwhile.
    async fn cover(&mut self, bytes: usize) -> Result<(), AwsError> {
        if bytes <= self.covered {
            return Ok(());
        }
        let more = (bytes - self.covered).next_multiple_of(STEP_BYTES);
        let kib = u32::try_from(more >> 10).unwrap_or(u32::MAX);
        let mut wanted = vec![&self.memory.all];
        if !self.is_ours {
            wanted.insert(0, &self.memory.others);
        }
        for memory in wanted {
            let permit = timeout(self.memory.wait, memory.acquire_many(kib)).await;
            let permit = permit.ok().and_then(Result::ok).ok_or_else(no_memory)?;
            self.permits.push(permit);
        }
        self.covered += more;
        Ok(())
    }
}

fn no_memory() -> AwsError {
    let message = "The local cloud is receiving too much at once. Try again.";
    AwsError::new("ServiceUnavailable", 503, message)
}

#[cfg(test)]
mod tests;
