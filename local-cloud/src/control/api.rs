//! The operations of the control service.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::fast_forward::FastForward;
use super::service::{CloudInfo, ControlService, invalid};
use super::{DESCRIPTOR, DIALECT};
use crate::clock::LabMs;
use crate::error::AwsError;
use crate::faults::ChaosProfile;
use crate::protocol::http::{Caller, Request};
use crate::protocol::json::Dialect;
use crate::service::json::{JsonService, Row, read, row};
use crate::service::{Call, CallContext, Descriptor, Operation, Required, Service};

/// Every operation.
const OPERATIONS: &[Row<ControlService>] = &[
    row::<_, Status>(),
    row::<_, FastForward>(),
    row::<_, SetChaos>(),
    row::<_, Stop>(),
];

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

/// The second number of `/proc/self/statm`, in pages; only Linux has it.
fn resident_bytes() -> Option<u64> {
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split_whitespace().nth(1)?.parse().ok()?;
    pages.checked_mul(u64::try_from(rustix::param::page_size()).ok()?)
}
