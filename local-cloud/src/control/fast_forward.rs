//! Moving lab time ahead, from one moment at which something is due to the next, so that everything
//! happens that would have happened meanwhile.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::time::Instant;

use super::service::{ControlService, invalid};
use super::timeline::Deliveries;
use crate::clock::{ANCHOR_KEY, COLLECTION, LabMs};
use crate::error::AwsError;
use crate::protocol::http::Caller;
use crate::runtime_context::RuntimeContext;
use crate::service::{CallContext, Operation, Required};
use crate::storage::Change;

/// The most lab time that one request skips: more than any wait of SQS (retention and timestamps
/// are in real time), little enough that no sum can overflow.
const LONGEST_SKIP_SECONDS: u64 = 366 * 24 * 60 * 60;

/// For how long one request moves ahead, in real time. Functions need real time, so a reply may come
/// before the moment is reached; the client then asks again.
const LONGEST_REQUEST: Duration = Duration::from_secs(2);

/// The pause between two looks at whether functions have ended.
const PAUSE: Duration = Duration::from_millis(2);

/// Moves lab time ahead.
#[derive(Debug, Deserialize)]
pub(super) struct FastForward {
    /// By how many seconds of lab time.
    seconds: Option<u64>,
    /// Instead, until which moment of lab time.
    until: Option<LabMs>,
}

#[derive(Debug, Serialize)]
pub(super) struct FastForwardReply {
    /// The lab time now.
    lab_time: LabMs,
    /// The moment to be reached.
    until: LabMs,
    /// Whether it is reached. If not, a request with `until` goes on.
    is_reached: bool,
    /// What happened during this request.
    #[serde(flatten)]
    happened: Deliveries,
}

impl Operation<ControlService> for FastForward {
    const NAME: &'static str = "FastForward";
    type Output = FastForwardReply;

    fn required_permissions(&self, _: &ControlService, _: &Caller) -> Required {
        Ok(Vec::new())
    }

    async fn run(
        self,
        service: &ControlService,
        _: &CallContext,
    ) -> Result<FastForwardReply, AwsError> {
        let _alone = service.skipping.lock().await;
        let RuntimeContext { clock, journal, .. } = &service.context;
        let until = self.end(clock.now().lab)?;
        let before = service.timeline.deliveries();
        let is_reached = advance(service, until).await?;
        let anchor = clock.anchor();
        journal
            .submit(vec![Change::put(COLLECTION, ANCHOR_KEY, anchor.to_bytes())])
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        Ok(FastForwardReply {
            lab_time: anchor.lab,
            until,
            is_reached,
            happened: service.timeline.deliveries() - before,
        })
    }
}

impl FastForward {
    /// The moment to reach.
    fn end(&self, now: LabMs) -> Result<LabMs, AwsError> {
        let latest = now.plus_seconds(LONGEST_SKIP_SECONDS);
        let seconds = self.seconds.unwrap_or_default();
        let until = self.until.unwrap_or_else(|| now.plus_seconds(seconds));
        if until > latest {
            return Err(invalid(format!(
                "At most {LONGEST_SKIP_SECONDS} seconds can be skipped."
            )));
        }
        Ok(until)
    }
}

/// Moves ahead for as long as one request may. Returns whether the moment is reached, and everything
/// has happened by then.
async fn advance(service: &ControlService, until: LabMs) -> Result<bool, AwsError> {
    let (clock, timeline) = (&service.context.clock, &service.timeline);
    let end = Instant::now() + LONGEST_REQUEST;
    loop {
        timeline.catch_up().await?;
        if timeline.is_busy() {
            if Instant::now() >= end {
                return Ok(false);
            }
            tokio::time::sleep(PAUSE).await;
            continue;
        }
        let now = clock.now().lab;
        if now >= until {
            return Ok(true);
        }
        if Instant::now() >= end {
            return Ok(false);
        }
        let next = timeline.next_due().unwrap_or(until).min(until);
        clock.skip(Duration::from_millis(next.0.saturating_sub(now.0).max(1)));
    }
}
