//! What is asked of a function: its making, its new code, its changed configuration.

use std::collections::BTreeMap;

#[cfg(doc)]
use super::Function;

/// Changes of a function's configuration; `None` leaves a member as it is, and at the creation
/// gives it AWS's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configuration {
    /// See [`Function::description`].
    pub description: Option<String>,
    /// See [`Function::role_arn`]; whoever asks has seen that Lambda may assume it.
    pub role_arn: Option<String>,
    /// See [`Function::role_id`]; given with the role.
    pub role_id: Option<String>,
    /// See [`Function::runtime`].
    pub runtime: Option<String>,
    /// See [`Function::handler`].
    pub handler: Option<String>,
    /// See [`Function::timeout_seconds`]; 3 where it was never given.
    pub timeout_seconds: Option<u32>,
    /// See [`Function::memory_mb`]; 128 where it was never given.
    pub memory_mb: Option<u32>,
    /// See [`Function::storage_mb`]; 512 where it was never given.
    pub storage_mb: Option<u32>,
    /// See [`Function::environment`]; replaces all of it.
    pub environment: Option<BTreeMap<String, String>>,
    /// See [`Function::log_group`]; `/aws/lambda/NAME` where it was never given.
    pub log_group: Option<String>,
    /// `JSON` or `Text`; `Text` where it was never given.
    pub log_format: Option<String>,
    /// See [`Function::application_log_level`]; `INFO` where logs are JSON.
    pub application_log_level: Option<String>,
    /// See [`Function::system_log_level`]; `INFO` where logs are JSON.
    pub system_log_level: Option<String>,
}

impl Configuration {
    /// Whether the function is to have environment variables; `None` where it keeps its own.
    pub fn has_variables(&self) -> Option<bool> {
        let environment = self.environment.as_ref();
        environment.map(|environment| !environment.is_empty())
    }
}

/// A function to be made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewFunction {
    /// Its name, or an ARN with it.
    pub name: String,
    /// `x86_64` where it is not given.
    pub architecture: Option<String>,
    /// Its configuration; role, runtime and handler must be given.
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
    /// The architecture, where it changes.
    pub architecture: Option<String>,
    /// Only update if the function's revision is still this one.
    pub revision_id: Option<String>,
    /// Check everything and change nothing.
    pub dry_run: bool,
}
