//! What names, numbers and texts may be. Limits are those of the Lambda API's model.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::ops::RangeInclusive;

use super::{Configuration, MappingSettings, invalid};
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

fn constraint(value: impl Display, member: &str, must: impl Display) -> AwsError {
    let message = format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: \
         Member must {must}"
    );
    AwsError::new("ValidationException", 400, message)
}

fn within(value: Option<u32>, member: &str, range: RangeInclusive<u32>) -> Result<(), AwsError> {
    let Some(value) = value else { return Ok(()) };
    if value < *range.start() {
        let must = format!("have value greater than or equal to {}", range.start());
        return Err(constraint(value, member, must));
    }
    if value > *range.end() {
        let must = format!("have value less than or equal to {}", range.end());
        return Err(constraint(value, member, must));
    }
    Ok(())
}

fn one_of(value: Option<&str>, member: &str, set: &[&str]) -> Result<(), AwsError> {
    match value {
        Some(value) if !set.contains(&value) => {
            let must = format!("satisfy enum value set: [{}]", set.join(", "));
            Err(constraint(value, member, must))
        }
        _ => Ok(()),
    }
}

/// The error for what can be no function's name.
pub(super) fn bad_name(name: &str) -> AwsError {
    constraint(
        name,
        "functionName",
        "satisfy regular expression pattern: \
         (arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}(-gov)?-[a-z]+-\\d{1}:)?(\\d{12}:)?(function:)?\
         ([a-zA-Z0-9-_]+)(:(\\$LATEST|[a-zA-Z0-9-_]+))?",
    )
}

pub(super) fn name(name: &str) -> Result<(), AwsError> {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if name.is_empty() || !name.bytes().all(fits) {
        return Err(bad_name(name));
    }
    if name.len() > 64 {
        let must = "have length less than or equal to 64";
        return Err(constraint(name, "functionName", must));
    }
    Ok(())
}

pub(super) fn architecture(asked: Option<String>) -> Result<Option<String>, AwsError> {
    let known = |one: &String| ["x86_64", "arm64"].contains(&one.as_str());
    match asked {
        Some(odd) if !known(&odd) => {
            let must = "satisfy constraint: [Member must satisfy enum value set: [x86_64, arm64], \
                        Member must not be null]";
            Err(constraint(format!("[{odd}]"), "architectures", must))
        }
        asked => Ok(asked),
    }
}

pub(super) fn configuration(wanted: &Configuration) -> Result<(), AwsError> {
    within(wanted.timeout_seconds, "timeout", 1..=900)?;
    within(wanted.memory_mb, "memorySize", 128..=10_240)?;
    within(wanted.storage_mb, "ephemeralStorage.size", 512..=10_240)?;
    let format = wanted.log_format.as_deref();
    one_of(format, "loggingConfig.logFormat", &["JSON", "Text"])?;
    one_of(
        wanted.application_log_level.as_deref(),
        "loggingConfig.applicationLogLevel",
        &["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"],
    )?;
    one_of(
        wanted.system_log_level.as_deref(),
        "loggingConfig.systemLogLevel",
        &["DEBUG", "INFO", "WARN"],
    )?;
    if let Some(runtime) = wanted
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
    if let Some(handler) = &wanted.handler
        && (handler.is_empty() || handler.len() > 128 || handler.contains(char::is_whitespace))
    {
        let must = "satisfy regular expression pattern: [^\\s]+";
        return Err(constraint(handler, "handler", must));
    }
    if wanted
        .description
        .as_ref()
        .is_some_and(|text| text.chars().count() > 256)
    {
        let must = "have length less than or equal to 256";
        return Err(constraint("...", "description", must));
    }
    if let Some(group) = &wanted.log_group {
        let fits = |letter: char| letter.is_ascii_alphanumeric() || "_-/.#".contains(letter);
        if group.is_empty() || group.len() > 512 || !group.chars().all(fits) {
            let must = "satisfy regular expression pattern: [\\.\\-_/#A-Za-z0-9]+";
            return Err(constraint(group, "loggingConfig.logGroup", must));
        }
    }
    wanted.environment.as_ref().map_or(Ok(()), environment)
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

pub(super) fn tags(tags: &BTreeMap<String, String>) -> Result<(), AwsError> {
    if tags.len() > 50 {
        return Err(invalid("Number of tags exceeds resource tag limit."));
    }
    for (key, value) in tags {
        if key.is_empty() || key.chars().count() > 128 || key.starts_with("aws:") {
            return Err(invalid(format!(
                "The tag key '{key}' must have 1 to 128 characters and not start with aws:."
            )));
        }
        if value.chars().count() > 256 {
            return Err(invalid(format!(
                "The value of the tag '{key}' must have at most 256 characters."
            )));
        }
    }
    Ok(())
}

/// A filter's pattern; `number` counts from 1, as AWS does.
pub(super) fn filter_pattern(text: &str, number: usize) -> Result<(), AwsError> {
    if text.chars().count() <= 4096 {
        return Ok(());
    }
    let member = format!("filterCriteria.filters.{number}.member.pattern");
    let must = "have length less than or equal to 4096";
    Err(constraint("...", &member, must))
}

pub(super) fn mapping(settings: &MappingSettings) -> Result<(), AwsError> {
    within(settings.batch_size, "batchSize", 1..=10_000)?;
    within(
        settings.window_seconds,
        "maximumBatchingWindowInSeconds",
        0..=300,
    )?;
    within(
        settings.maximum_concurrency.flatten(),
        "scalingConfig.maximumConcurrency",
        2..=1000,
    )
}
