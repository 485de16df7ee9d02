//! The settings that event source mappings are given.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::parameters::{invalid, number, refuse_others};
use crate::error::AwsError;
use crate::lambda::engine::{FilterCriteria, MappingSettings};

/// The members that `CreateEventSourceMapping` and `UpdateEventSourceMapping` have in common.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SettingsInput {
    enabled: Option<bool>,
    batch_size: Option<i64>,
    maximum_batching_window_in_seconds: Option<i64>,
    function_response_types: Option<Vec<String>>,
    scaling_config: Option<ScalingInput>,
    filter_criteria: Option<FiltersInput>,
    starting_position: Option<String>,
    #[serde(flatten)]
    others: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ScalingInput {
    maximum_concurrency: Option<i64>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FiltersInput {
    filters: Option<Vec<FilterInput>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FilterInput {
    #[serde(default)]
    pattern: String,
}

impl ScalingInput {
    fn read(self) -> Result<Option<u32>, AwsError> {
        number(
            self.maximum_concurrency,
            "scalingConfig.maximumConcurrency",
            2,
        )
    }
}

impl FiltersInput {
    fn read(self) -> Result<FilterCriteria, AwsError> {
        let filters = self.filters.unwrap_or_default();
        FilterCriteria::parse(filters.into_iter().map(|one| one.pattern).collect())
    }
}

impl SettingsInput {
    /// The engine's settings.
    ///
    /// # Errors
    /// `InvalidParameterValueException` for parameters that SQS queues or the cloud do not have.
    pub(super) fn read(self) -> Result<MappingSettings, AwsError> {
        if self.starting_position.is_some() {
            return Err(invalid(
                "StartingPosition is not valid for SQS event sources.",
            ));
        }
        refuse_others(&self.others)?;
        let report_failures = match self.function_response_types.as_deref() {
            None => None,
            Some([]) => Some(false),
            Some([one]) if one == "ReportBatchItemFailures" => Some(true),
            Some(_) => {
                return Err(invalid(
                    "FunctionResponseTypes may have ReportBatchItemFailures and nothing else.",
                ));
            }
        };
        Ok(MappingSettings {
            enabled: self.enabled,
            batch_size: number(self.batch_size, "batchSize", 1)?,
            window_seconds: number(
                self.maximum_batching_window_in_seconds,
                "maximumBatchingWindowInSeconds",
                0,
            )?,
            report_failures,
            maximum_concurrency: self.scaling_config.map(ScalingInput::read).transpose()?,
            filters: self.filter_criteria.map(FiltersInput::read).transpose()?,
        })
    }
}
