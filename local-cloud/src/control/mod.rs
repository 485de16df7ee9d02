//! The lab's own service, by which its command-line tool minds the cloud: what it is, time, and
//! its end. It speaks AWS JSON 1.0 under the signing name `orders-lab`, for the owner alone.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, watch};

use crate::clock::{LabMs, WallMs};
use crate::error::AwsError;
use crate::faults::ChaosProfile;
use crate::protocol::http::{Reply, Request};
use crate::protocol::json::{Dialect, unknown_operation};
use crate::runtime_context::RuntimeContext;
use crate::storage::Change;

const DIALECT: Dialect = Dialect {
    content_type: "application/x-amz-json-1.0",
    target_prefix: "OrdersLab",
    error_namespace: "",
    query_compatible: false,
    message_member: "message",
};

/// The most lab time that one request skips: more than any wait of SQS's (retention and
/// timestamps are in real time), little enough that no sum can overflow.
const LONGEST_SKIP_SECONDS: u64 = 366 * 24 * 60 * 60;

/// What of the cloud does not change while it runs.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) version: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) endpoint: String,
    pub(crate) home: String,
    pub(crate) started_at: WallMs,
}

/// The control service.
#[derive(Debug)]
pub(crate) struct ControlService {
    facts: Facts,
    context: RuntimeContext,
    stop: watch::Sender<bool>,
    /// Held while time is skipped, so that the last anchor written knows of every skip.
    skipping: Mutex<()>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
struct Status<'a> {
    version: &'a str,
    pid: u32,
    speed: u32,
    /// Milliseconds of real time since the Unix epoch.
    started_at: WallMs,
    /// Seconds of real time.
    uptime: u64,
    /// Milliseconds of lab time since the cloud's first start.
    lab_time: LabMs,
    account: &'a str,
    region: &'a str,
    endpoint: &'a str,
    home: &'a str,
    /// Resident memory in bytes, where the system tells.
    memory: Option<u64>,
    /// The chaos as it is set.
    chaos: ChaosProfile,
}

#[derive(Debug, Deserialize)]
pub(super) struct FastForward {
    /// Seconds of lab time.
    seconds: u64,
}

/// What is left out stays as it is.
#[derive(Debug, Deserialize)]
struct SetChaos {
    /// A preset to begin with.
    preset: Option<String>,
    /// What the draws begin with.
    seed: Option<u64>,
    /// Single settings, see [`ChaosProfile::set`].
    #[serde(default)]
    settings: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Skipped {
    lab_time: LabMs,
}

impl ControlService {
    /// The service; `stop` is set when a request asks the cloud to stop.
    pub(crate) fn new(facts: Facts, context: RuntimeContext, stop: watch::Sender<bool>) -> Self {
        Self {
            facts,
            context,
            stop,
            skipping: Mutex::new(()),
        }
    }

    /// Answers one request.
    pub(crate) async fn handle(&self, request: &Request) -> Reply {
        match self.dispatch(request).await {
            Ok(reply) => reply,
            Err(error) => DIALECT.error(&error),
        }
    }

    async fn dispatch(&self, request: &Request) -> Result<Reply, AwsError> {
        let operation = DIALECT.operation(request)?;
        if !request.caller.is_owner() {
            let message = format!(
                "User: {} is not authorized to perform: orders-lab:{operation}",
                request.caller.arn
            );
            return Err(AwsError::new("AccessDeniedException", 403, message));
        }
        match operation {
            "Status" => Ok(DIALECT.output(&self.status())),
            "FastForward" => {
                let input: FastForward = DIALECT.input(request)?;
                Ok(DIALECT.output(&self.fast_forward(input.seconds).await?))
            }
            "SetChaos" => {
                let chaos = self.set_chaos(DIALECT.input(request)?).await?;
                Ok(DIALECT.output(&chaos))
            }
            "Stop" => {
                self.stop.send_replace(true);
                Ok(DIALECT.output(&()))
            }
            other => Err(unknown_operation(other)),
        }
    }

    fn status(&self) -> Status<'_> {
        let now = self.context.clock.now();
        Status {
            version: &self.facts.version,
            pid: std::process::id(),
            speed: self.context.clock.speed(),
            started_at: self.facts.started_at,
            uptime: now
                .wall
                .seconds()
                .saturating_sub(self.facts.started_at.seconds()),
            lab_time: now.lab,
            account: &self.facts.account,
            region: &self.facts.region,
            endpoint: &self.facts.endpoint,
            home: &self.facts.home,
            memory: resident_bytes(),
            chaos: self.context.faults.chaos(),
        }
    }

    async fn set_chaos(&self, asked: SetChaos) -> Result<ChaosProfile, AwsError> {
        let invalid = |message: String| AwsError::new("ValidationException", 400, message);
        let mut chaos = self.context.faults.chaos();
        if let Some(name) = asked.preset {
            chaos = ChaosProfile::preset(&name, chaos.seed)
                .ok_or_else(|| invalid(format!("The chaos is off, aws or severe, not {name}.")))?;
        }
        chaos.seed = asked.seed.unwrap_or(chaos.seed);
        for setting in &asked.settings {
            let set = chaos.set(setting);
            set.map_err(|problem| invalid(problem.to_string()))?;
        }
        self.context.faults.set(chaos.clone()).await?;
        Ok(chaos)
    }

    async fn fast_forward(&self, seconds: u64) -> Result<Skipped, AwsError> {
        if seconds > LONGEST_SKIP_SECONDS {
            let message = format!("seconds must be at most {LONGEST_SKIP_SECONDS}, got {seconds}.");
            return Err(AwsError::new("ValidationException", 400, message));
        }
        let _alone = self.skipping.lock().await;
        self.context.clock.skip(Duration::from_secs(seconds));
        let anchor = self.context.clock.anchor();
        self.context
            .journal
            .submit(vec![Change::put(
                crate::clock::COLLECTION,
                crate::clock::ANCHOR_KEY,
                anchor.to_bytes(),
            )])
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        Ok(Skipped {
            lab_time: anchor.lab,
        })
    }
}

/// The second number of `/proc/self/statm`, in pages; Linux alone has it.
fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(u64::try_from(rustix::param::page_size()).ok()?)
}
