//! The configuration that a function is given.

use std::collections::BTreeMap;

use super::error::invalid;
use super::validate::{constraint, one_of, within};
use crate::error::AwsError;

const ENVIRONMENT_BYTES: usize = 4096;

const RUNTIMES: [&str; 2] = ["provided.al2023", "provided.al2"];

/// Variables that Lambda sets itself.
const RESERVED: [&str; 18] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// Changes to a function's configuration. `None` leaves a member as it is, and gives a new function
/// AWS's default.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Configuration {
    /// At most 256 characters; empty by default.
    pub description: Option<String>,
    /// The ARN of a role that Lambda may assume, which the caller has checked. Required for a new
    /// function.
    pub role_arn: Option<String>,
    /// That role's unique id.
    pub role_id: Option<String>,
    /// `provided.al2023` or `provided.al2`. Required for a new function.
    pub runtime: Option<String>,
    /// The value of `_HANDLER`. Required for a new function.
    pub handler: Option<String>,
    /// 1 to 900; 3 by default.
    pub timeout_seconds: Option<u32>,
    /// 128 to 10,240; 128 by default.
    pub memory_mb: Option<u32>,
    /// 512 to 10,240; 512 by default.
    pub storage_mb: Option<u32>,
    /// All environment variables; none by default.
    pub environment: Option<BTreeMap<String, String>>,
    /// `/aws/lambda/NAME` by default.
    pub log_group: Option<String>,
    /// `JSON` or `Text`; `Text` by default.
    pub log_format: Option<String>,
    /// Only where logs are JSON; `INFO` by default.
    pub application_log_level: Option<String>,
    /// Only where logs are JSON; `INFO` by default.
    pub system_log_level: Option<String>,
}

impl Configuration {
    /// Whether the function will have environment variables; `None` if they do not change.
    pub fn has_variables(&self) -> Option<bool> {
        let environment = self.environment.as_ref();
        environment.map(|environment| !environment.is_empty())
    }

    /// Checks the members that are given.
    ///
    /// # Errors
    /// `ValidationException`, `InvalidParameterValueException`.
    pub(super) fn check(&self) -> Result<(), AwsError> {
        within(self.timeout_seconds, "timeout", 1..=900)?;
        within(self.memory_mb, "memorySize", 128..=10_240)?;
        within(self.storage_mb, "ephemeralStorage.size", 512..=10_240)?;
        let format = self.log_format.as_deref();
        one_of(format, "loggingConfig.logFormat", &["JSON", "Text"])?;
        one_of(
            self.application_log_level.as_deref(),
            "loggingConfig.applicationLogLevel",
            &["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"],
        )?;
        one_of(
            self.system_log_level.as_deref(),
            "loggingConfig.systemLogLevel",
            &["DEBUG", "INFO", "WARN"],
        )?;
        if let Some(runtime) = self
            .runtime
            .as_deref()
            .filter(|one| !RUNTIMES.contains(one))
        {
            return Err(invalid(format!(
                "The runtime parameter of {runtime} is not supported by this local cloud: it runs \
                 {} only.",
                RUNTIMES.join(" and ")
            )));
        }
        if let Some(handler) = &self.handler
            && (handler.is_empty() || handler.len() > 128 || handler.contains(char::is_whitespace))
        {
            let must = "satisfy regular expression pattern: [^\\s]+";
            return Err(constraint(handler, "handler", must));
        }
        if self
            .description
            .as_ref()
            .is_some_and(|text| text.chars().count() > 256)
        {
            let must = "have length less than or equal to 256";
            return Err(constraint("...", "description", must));
        }
        if let Some(group) = &self.log_group {
            let fits = |letter: char| letter.is_ascii_alphanumeric() || "_-/.#".contains(letter);
            if group.is_empty() || group.len() > 512 || !group.chars().all(fits) {
                let must = "satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+";
                return Err(constraint(group, "loggingConfig.logGroup", must));
            }
        }
        self.environment.as_ref().map_or(Ok(()), environment)
    }
}

fn environment(variables: &BTreeMap<String, String>) -> Result<(), AwsError> {
    const UNABLE: &str = "Lambda was unable to configure your environment variables because the \
                          environment variables you have provided";
    let reserved: Vec<&str> = variables
        .keys()
        .map(String::as_str)
        .filter(|name| RESERVED.contains(name))
        .collect();
    if !reserved.is_empty() {
        return Err(invalid(format!(
            "{UNABLE} contains reserved keys that are currently not supported for modification. \
             Reserved keys used in this request: {}",
            reserved.join(", ")
        )));
    }
    let well_named = |name: &&String| {
        name.len() >= 2
            && name.starts_with(|first: char| first.is_ascii_alphabetic())
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if let Some(name) = variables.keys().find(|name| !well_named(name)) {
        let must = "satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+";
        return Err(constraint(name, "environment.variables", must));
    }
    if let Some((name, _)) = variables.iter().find(|(_, value)| value.contains('\0')) {
        return Err(invalid(format!(
            "The value of the environment variable {name} has a NUL character in it."
        )));
    }
    // Lambda measures them as JSON.
    let measured = serde_json::to_string(variables).unwrap_or_default();
    if measured.len() > ENVIRONMENT_BYTES {
        return Err(invalid(format!(
            "{UNABLE} exceeded the 4KB limit. String measured: {measured}"
        )));
    }
    Ok(())
}
