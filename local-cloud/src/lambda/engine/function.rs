//! A function: its configuration, its code's hash, and the states that it passes through.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::configuration::Configuration;
use super::due::Due;
use super::error::{conflict, invalid};
use crate::clock::{Now, WallMs};
use crate::error::AwsError;

/// The only version of a function: this cloud publishes no others.
pub const LATEST: &str = "$LATEST";

/// The state of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FunctionState {
    /// It is being created and cannot be invoked.
    Pending,
    /// It can be invoked.
    Active,
    /// It can be invoked while an update is in progress.
    Updating,
}

/// A function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its ARN, without a version.
    pub arn: String,
    /// A description for people; may be empty.
    pub description: String,
    /// The role that it runs as.
    pub role_arn: String,
    /// That role's unique id. On AWS a function's grant for its key belongs to one principal: a
    /// role that was recreated with the same name is another one, and an update of the function
    /// to the same ARN does not change that. Only an update to another ARN does. Empty if any role
    /// with the ARN is accepted.
    #[serde(default)]
    pub role_id: String,
    /// `provided.al2023` or `provided.al2`.
    pub runtime: String,
    /// The value of `_HANDLER`.
    pub handler: String,
    /// `x86_64` or `arm64`.
    pub architecture: String,
    /// How many seconds an invocation may take.
    pub timeout_seconds: u32,
    /// Its memory in MiB.
    pub memory_mb: u32,
    /// The size of `/tmp` in MiB.
    pub storage_mb: u32,
    /// The user's environment variables.
    pub environment: BTreeMap<String, String>,
    /// The SHA-256 of its zip, in base64.
    pub code_sha256: String,
    /// The size of its zip in bytes.
    pub code_size: u64,
    /// The log group that it writes to.
    pub log_group: String,
    /// Whether log lines of the platform are JSON. The function itself sees it in a variable.
    pub log_json: bool,
    /// `ApplicationLogLevel`, only where logs are JSON.
    pub application_log_level: Option<String>,
    /// `SystemLogLevel`, only where logs are JSON.
    pub system_log_level: Option<String>,
    /// Changes with every change of the function.
    pub revision_id: String,
    /// The reserved concurrency, which is taken from the account's.
    pub reserved_concurrency: Option<u32>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
    /// When code or configuration last changed.
    pub modified: WallMs,
    /// Its state.
    pub state: FunctionState,
    /// When its transition may end.
    #[serde(default)]
    pub(super) due: Due,
}

impl Function {
    pub(super) fn new(name: &str, arn: String, now: Now) -> Self {
        Self {
            name: name.to_owned(),
            arn,
            description: String::new(),
            role_arn: String::new(),
            role_id: String::new(),
            runtime: String::new(),
            handler: String::new(),
            architecture: "x86_64".to_owned(),
            timeout_seconds: 3,
            memory_mb: 128,
            storage_mb: 512,
            environment: BTreeMap::new(),
            code_sha256: String::new(),
            code_size: 0,
            log_group: format!("/aws/lambda/{name}"),
            log_json: false,
            application_log_level: None,
            system_log_level: None,
            revision_id: String::new(),
            reserved_concurrency: None,
            tags: BTreeMap::new(),
            modified: now.wall,
            state: FunctionState::Pending,
            due: Due::default(),
        }
    }

    pub(super) fn configure(&mut self, wanted: Configuration) -> Result<(), AwsError> {
        wanted.check()?;
        let set = |member: &mut String, value: Option<String>| {
            if let Some(value) = value {
                *member = value;
            }
        };
        set(&mut self.description, wanted.description);
        set(&mut self.role_arn, wanted.role_arn);
        set(&mut self.role_id, wanted.role_id);
        set(&mut self.runtime, wanted.runtime);
        set(&mut self.handler, wanted.handler);
        set(&mut self.log_group, wanted.log_group);
        self.timeout_seconds = wanted.timeout_seconds.unwrap_or(self.timeout_seconds);
        self.memory_mb = wanted.memory_mb.unwrap_or(self.memory_mb);
        self.storage_mb = wanted.storage_mb.unwrap_or(self.storage_mb);
        if let Some(environment) = wanted.environment {
            self.environment = environment;
        }
        if let Some(format) = wanted.log_format {
            self.log_json = format == "JSON";
        }
        let levels = [
            (
                &mut self.application_log_level,
                wanted.application_log_level,
            ),
            (&mut self.system_log_level, wanted.system_log_level),
        ];
        for (level, wanted) in levels {
            *level = match (self.log_json, wanted) {
                (true, wanted) => wanted.or(level.take()).or(Some("INFO".to_owned())),
                (false, None) => None,
                (false, Some(_)) => {
                    return Err(invalid(
                        "The log level can only be set when the log format is JSON.",
                    ));
                }
            };
        }
        Ok(())
    }

    /// The ARN of its runtime's version. This cloud has one version of each, which is a hash of
    /// the runtime's name.
    pub fn runtime_version_arn(&self) -> String {
        let region = self.arn.split(':').nth(3).unwrap_or_default();
        let version = hex::encode(Sha256::digest(&self.runtime));
        format!("arn:aws:lambda:{region}::runtime:{version}")
    }

    /// Whether an execution environment that was started for `other` can run this function. What
    /// each invocation reads from the registry, the timeout and the reserved concurrency, does
    /// not count.
    pub fn shares_environments_with(&self, other: &Self) -> bool {
        self.name == other.name
            && self.code_sha256 == other.code_sha256
            && self.memory_mb == other.memory_mb
            && self.environment == other.environment
            && self.handler == other.handler
            && self.architecture == other.architecture
            && self.role_arn == other.role_arn
            && self.role_id == other.role_id
            && self.log_group == other.log_group
            && self.log_json == other.log_json
    }

    pub(super) fn is_settled(&self) -> bool {
        self.state == FunctionState::Active
    }

    pub(super) fn check_settled(&self) -> Result<(), AwsError> {
        let reason = match self.state {
            FunctionState::Active => return Ok(()),
            FunctionState::Pending => {
                "The function is currently in the following state: Pending".to_owned()
            }
            FunctionState::Updating => {
                format!("An update is in progress for resource: {}", self.arn)
            }
        };
        Err(conflict(format!(
            "The operation cannot be performed at this time. {reason}"
        )))
    }

    pub(super) fn check_revision(&self, wanted: Option<&str>) -> Result<(), AwsError> {
        if wanted.is_none_or(|wanted| wanted == self.revision_id) {
            return Ok(());
        }
        Err(AwsError::new(
            "PreconditionFailedException",
            412,
            "The Revision Id provided does not match the latest Revision Id. Call the \
             GetFunction/GetAlias API to retrieve the latest Revision Id",
        ))
    }
}

/// A function to be created.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewFunction {
    /// Its name or ARN.
    pub name: String,
    /// `x86_64` by default.
    pub architecture: Option<String>,
    /// Its configuration; role, runtime and handler are required.
    pub configuration: Configuration,
    /// The SHA-256 of its zip, in base64.
    pub code_sha256: String,
    /// The size of its zip in bytes.
    pub code_size: u64,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// New code of a function.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CodeUpdate {
    /// The SHA-256 of the zip, in base64.
    pub code_sha256: String,
    /// The size of the zip in bytes.
    pub code_size: u64,
    /// The architecture, if it changes.
    pub architecture: Option<String>,
    /// The revision that the function must have, if one is required.
    pub revision_id: Option<String>,
    /// Whether to check everything and change nothing.
    pub dry_run: bool,
}
