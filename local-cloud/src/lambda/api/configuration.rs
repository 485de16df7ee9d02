//! What creations and updates of functions ask for, and its check.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use super::refuse_others;
use crate::error::AwsError;
use crate::lambda::engine::Configuration;

/// The members that a creation and an update of the configuration have in common.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ConfigurationInput {
    description: Option<String>,
    pub(super) role: Option<String>,
    runtime: Option<String>,
    handler: Option<String>,
    timeout: Option<u32>,
    memory_size: Option<u32>,
    ephemeral_storage: Option<StorageInput>,
    environment: Option<EnvironmentInput>,
    logging_config: Option<LoggingInput>,
    pub(super) revision_id: Option<String>,
    #[serde(flatten)]
    pub(super) others: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StorageInput {
    size: u32,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct EnvironmentInput {
    #[serde(default)]
    variables: BTreeMap<String, String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct LoggingInput {
    log_group: Option<String>,
    log_format: Option<String>,
    application_log_level: Option<String>,
    system_log_level: Option<String>,
}

impl ConfigurationInput {
    /// What the engine takes.
    ///
    /// # Errors
    /// When something was asked for that the cloud does not have.
    pub(super) fn read(self) -> Result<Configuration, AwsError> {
        refuse_others(&self.others)?;
        let logging = self.logging_config.unwrap_or_default();
        Ok(Configuration {
            description: self.description,
            role_arn: self.role,
            role_id: None,
            runtime: self.runtime,
            handler: self.handler,
            timeout_seconds: self.timeout,
            memory_mb: self.memory_size,
            storage_mb: self.ephemeral_storage.map(|storage| storage.size),
            environment: self.environment.map(|environment| environment.variables),
            log_group: logging.log_group,
            log_format: logging.log_format,
            application_log_level: logging.application_log_level,
            system_log_level: logging.system_log_level,
        })
    }
}

/// The one architecture of a list that may have but one.
///
/// # Errors
/// When it has another number.
pub(super) fn architecture(list: Option<Vec<String>>) -> Result<Option<String>, AwsError> {
    let Some(mut list) = list else {
        return Ok(None);
    };
    let rule = match list.len() {
        0 => "greater than or equal to 1",
        1 => return Ok(list.pop()),
        _ => "less than or equal to 1",
    };
    let message = format!(
        "1 validation error detected: Value '[{}]' at 'architectures' failed to satisfy \
         constraint: Member must have length {rule}",
        list.join(", ")
    );
    Err(AwsError::new("ValidationException", 400, message))
}
