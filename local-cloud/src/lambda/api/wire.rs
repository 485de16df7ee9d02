//! Functions and mappings as the API writes them.

use serde_json::{Value, json};

use crate::clock::WallMs;
use crate::lambda::engine::{Function, FunctionState, Mapping};

/// A function's configuration with its state.
pub(super) fn configuration(function: &Function) -> Value {
    let mut value = listed(function);
    let states = match function.state {
        FunctionState::Pending => json!({
            "State": "Pending",
            "StateReason": "The function is being created.",
            "StateReasonCode": "Creating",
        }),
        FunctionState::Active => json!({ "State": "Active", "LastUpdateStatus": "Successful" }),
        FunctionState::Updating => json!({
            "State": "Active",
            "LastUpdateStatus": "InProgress",
            "LastUpdateStatusReason": "The function is being created.",
            "LastUpdateStatusReasonCode": "Creating",
        }),
    };
    merge(&mut value, states);
    merge(
        &mut value,
        json!({
            "RuntimeVersionConfig": { "RuntimeVersionArn": function.runtime_version_arn() },
        }),
    );
    value
}

/// The same for a function whose package is gone, which happens only where somebody can remove it.
pub(super) fn configuration_without_code(function: &Function) -> Value {
    let mut value = configuration(function);
    if function.state == FunctionState::Active {
        let states = json!({
            "LastUpdateStatus": "Failed",
            "LastUpdateStatusReason": "The function's code is lost. Update the function's code.",
            "LastUpdateStatusReasonCode": "InternalError",
        });
        merge(&mut value, states);
    }
    value
}

/// A function's configuration without its state, as in `ListFunctions`.
pub(super) fn listed(function: &Function) -> Value {
    let mut logging = json!({
        "LogFormat": if function.log_json { "JSON" } else { "Text" },
        "LogGroup": function.log_group,
    });
    if let Some(level) = &function.application_log_level {
        merge(&mut logging, json!({ "ApplicationLogLevel": level }));
    }
    if let Some(level) = &function.system_log_level {
        merge(&mut logging, json!({ "SystemLogLevel": level }));
    }
    let mut value = json!({
        "FunctionName": function.name,
        "FunctionArn": function.arn,
        "Runtime": function.runtime,
        "Role": function.role_arn,
        "Handler": function.handler,
        "CodeSize": function.code_size,
        "Description": function.description,
        "Timeout": function.timeout_seconds,
        "MemorySize": function.memory_mb,
        "LastModified": last_modified(function.modified),
        "CodeSha256": function.code_sha256,
        "Version": "$LATEST",
        "TracingConfig": { "Mode": "PassThrough" },
        "RevisionId": function.revision_id,
        "PackageType": "Zip",
        "Architectures": [function.architecture],
        "EphemeralStorage": { "Size": function.storage_mb },
        "SnapStart": { "ApplyOn": "None", "OptimizationStatus": "Off" },
        "LoggingConfig": logging,
    });
    if !function.environment.is_empty() {
        let variables = json!({ "Environment": { "Variables": function.environment } });
        merge(&mut value, variables);
    }
    value
}

/// A mapping.
pub(super) fn mapping(mapping: &Mapping) -> Value {
    let responses: &[&str] = if mapping.report_failures {
        &["ReportBatchItemFailures"]
    } else {
        &[]
    };
    let mut value = json!({
        "UUID": mapping.uuid,
        "EventSourceArn": mapping.queue_arn,
        "EventSourceMappingArn": mapping.arn,
        "FunctionArn": mapping.function_arn,
        "State": mapping.state.name(),
        "StateTransitionReason": "USER_INITIATED",
        "LastModified": mapping.modified.seconds(),
        "BatchSize": mapping.batch_size,
        "MaximumBatchingWindowInSeconds": mapping.window_seconds,
        "FunctionResponseTypes": responses,
    });
    if let Some(most) = mapping.maximum_concurrency {
        let scaling = json!({ "ScalingConfig": { "MaximumConcurrency": most } });
        merge(&mut value, scaling);
    }
    if !mapping.filters.is_empty() {
        let pattern = |text: &str| json!({ "Pattern": text });
        let filters: Vec<Value> = mapping.filters.patterns().map(pattern).collect();
        merge(
            &mut value,
            json!({ "FilterCriteria": { "Filters": filters } }),
        );
    }
    if let Some(result) = &mapping.last_processing_result {
        merge(&mut value, json!({ "LastProcessingResult": result }));
    }
    value
}

/// A time in Lambda's format: `2026-01-31T12:00:00.000+0000`.
fn last_modified(time: WallMs) -> String {
    let millis = i64::try_from(time.0).unwrap_or(i64::MAX);
    // A time beyond the year 9999 is written as the epoch; the clock never reads one.
    let time = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
    time.strftime("%Y-%m-%dT%H:%M:%S.%3f+0000").to_string()
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}
