//! The operations of the control service.

use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex, watch};

use super::{DESCRIPTOR, DIALECT};
use crate::clock::{ANCHOR_KEY, COLLECTION, LabMs, WallMs};
use crate::error::AwsError;
use crate::faults::ChaosProfile;
use crate::protocol::http::{Caller, Request};
use crate::protocol::json::Dialect;
use crate::runtime_context::RuntimeContext;
use crate::service::json::{JsonService, Row, read, row};
use crate::service::{Call, CallContext, Descriptor, Operation, Required, Service};
use crate::storage::Change;

/// The most lab time that one request skips: more than any wait of SQS (retention and timestamps
/// are in real time), little enough that no sum can overflow.
const LONGEST_SKIP_SECONDS: u64 = 366 * 24 * 60 * 60;

/// Every operation.
const OPERATIONS: &[Row<ControlService>] = &[
    row::<_, Status>(),
    row::<_, FastForward>(),
    row::<_, SetChaos>(),
    row::<_, Stop>(),
];

/// What does not change while the cloud runs.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct CloudInfo {
    pub(crate) version: String,
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) endpoint: String,
    /// The directory of the cloud's state.
    pub(crate) home: String,
    /// Milliseconds of real time since the Unix epoch.
    pub(crate) started_at: WallMs,
}

/// The service.
#[derive(Debug)]
pub(crate) struct ControlService {
    info: CloudInfo,
    context: RuntimeContext,
    stop: watch::Sender<bool>,
    /// Held while time is skipped, so that the last anchor written includes every skip.
    skipping: Mutex<()>,
}

impl ControlService {
    /// The service; `stop` is set when a request asks the cloud to stop.
    pub(crate) fn new(info: CloudInfo, context: RuntimeContext, stop: watch::Sender<bool>) -> Self {
        Self {
            info,
            context,
            stop,
            skipping: Mutex::new(()),
        }
    }
}

impl Service for ControlService {
    fn descriptor(&self) -> &'static Descriptor {
        &DESCRIPTOR
    }

    fn read(self: Arc<Self>, request: &Request) -> Result<Box<dyn Call>, AwsError> {
        read(OPERATIONS, &self, request)
    }

    #[cfg(test)]
    fn operations(&self) -> Vec<&'static str> {
        OPERATIONS.iter().map(|row| row.name()).collect()
    }
}

impl JsonService for ControlService {
    const DIALECT: Dialect = DIALECT;
}

/// The state of the cloud.
#[derive(Debug, Deserialize)]
struct Status {}

#[derive(Debug, Serialize)]
struct StatusReply {
    #[serde(flatten)]
    info: CloudInfo,
    pid: u32,
    /// How many seconds of lab time pass in a real second.
    speed: u32,
    /// Seconds of real time.
    uptime: u64,
    /// Milliseconds of lab time since the cloud's first start.
    lab_time: LabMs,
    /// Resident memory in bytes, where the system tells.
    memory: Option<u64>,
    chaos: ChaosProfile,
}

impl Operation<ControlService> for Status {
    const NAME: &'static str = "Status";
    type Output = StatusReply;

    fn required_permissions(&self, _: &ControlService, _: &Caller) -> Required {
        Ok(Vec::new())
    }

    async fn run(self, service: &ControlService, _: &CallContext) -> Result<StatusReply, AwsError> {
        let clock = &service.context.clock;
        let now = clock.now();
        let started = service.info.started_at.seconds();
        Ok(StatusReply {
            info: service.info.clone(),
            pid: std::process::id(),
            speed: clock.speed(),
            uptime: now.wall.seconds().saturating_sub(started),
            lab_time: now.lab,
            memory: resident_bytes(),
            chaos: service.context.faults.profile(),
        })
    }
}

/// Moves lab time ahead.
#[derive(Debug, Deserialize)]
struct FastForward {
    /// Seconds of lab time.
    seconds: u64,
}

#[derive(Debug, Serialize)]
struct FastForwardReply {
    lab_time: LabMs,
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
        let Self { seconds } = self;
        if seconds > LONGEST_SKIP_SECONDS {
            return Err(invalid(format!(
                "seconds must be at most {LONGEST_SKIP_SECONDS}, got {seconds}."
            )));
        }
        let _alone = service.skipping.lock().await;
        let RuntimeContext { clock, journal, .. } = &service.context;
        clock.skip(Duration::from_secs(seconds));
        let anchor = clock.anchor();
        journal
            .submit(vec![Change::put(COLLECTION, ANCHOR_KEY, anchor.to_bytes())])
            .await
            .map_err(|problem| AwsError::internal(problem.to_string()))?;
        Ok(FastForwardReply {
            lab_time: anchor.lab,
        })
    }
}

/// Changes the chaos profile. What is left out stays as it is.
#[derive(Debug, Deserialize)]
struct SetChaos {
    /// A named profile to begin with.
    profile: Option<String>,
    /// The seed of the random draws.
    seed: Option<u64>,
    /// Single settings, see [`ChaosProfile::set`].
    #[serde(default)]
    settings: Vec<String>,
}

impl Operation<ControlService> for SetChaos {
    const NAME: &'static str = "SetChaos";
    type Output = ChaosProfile;

    fn required_permissions(&self, _: &ControlService, _: &Caller) -> Required {
        Ok(Vec::new())
    }

    async fn run(
        self,
        service: &ControlService,
        _: &CallContext,
    ) -> Result<ChaosProfile, AwsError> {
        let faults = &service.context.faults;
        let present = faults.profile();
        let mut profile = match self.profile {
            None => present,
            Some(name) => ChaosProfile::named(&name, present.seed).ok_or_else(|| {
                invalid(format!(
                    "A chaos profile is off, aws or severe, not {name}."
                ))
            })?,
        };
        profile.seed = self.seed.unwrap_or(profile.seed);
        for setting in &self.settings {
            profile
                .set(setting)
                .map_err(|problem| invalid(problem.to_string()))?;
        }
        faults.set(profile.clone()).await?;
        Ok(profile)
    }
}

/// Asks the cloud to stop. It answers before it does.
#[derive(Debug, Deserialize)]
struct Stop {}

impl Operation<ControlService> for Stop {
    const NAME: &'static str = "Stop";
    type Output = ();

    fn required_permissions(&self, _: &ControlService, _: &Caller) -> Required {
        Ok(Vec::new())
    }

    async fn run(self, service: &ControlService, _: &CallContext) -> Result<(), AwsError> {
        service.stop.send_replace(true);
        Ok(())
    }
}

fn invalid(message: String) -> AwsError {
    AwsError::new("ValidationException", 400, message)
}

/// The second number of `/proc/self/statm`, in pages; only Linux has it.
fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(u64::try_from(rustix::param::page_size()).ok()?)
}
