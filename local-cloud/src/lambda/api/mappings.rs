//! Operations on event source mappings.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{LambdaService, invalid, page, refuse_others, wire};
use crate::error::AwsError;
use crate::lambda::engine::{FilterCriteria, MappingSettings, NewMapping};
use crate::protocol::http::Reply;
use crate::protocol::rest_json::{output, parameter};

/// How many mappings a page has at most.
const PAGE: usize = 100;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateInput {
    event_source_arn: Option<String>,
    function_name: String,
    #[serde(default)]
    tags: BTreeMap<String, String>,
    #[serde(flatten)]
    settings: SettingsInput,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateInput {
    function_name: Option<String>,
    #[serde(flatten)]
    settings: SettingsInput,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct SettingsInput {
    enabled: Option<bool>,
    batch_size: Option<u32>,
    maximum_batching_window_in_seconds: Option<u32>,
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
    maximum_concurrency: Option<u32>,
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

impl FiltersInput {
    fn read(self) -> Result<FilterCriteria, AwsError> {
        let filters = self.filters.unwrap_or_default();
        FilterCriteria::parse(filters.into_iter().map(|one| one.pattern).collect())
    }
}

impl SettingsInput {
    /// What the engine takes.
    ///
    /// # Errors
    /// When something was asked for that SQS queues or the cloud do not have.
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
            batch_size: self.batch_size,
            window_seconds: self.maximum_batching_window_in_seconds,
            report_failures,
            maximum_concurrency: self
                .scaling_config
                .map(|scaling| scaling.maximum_concurrency),
            filters: self.filter_criteria.map(FiltersInput::read).transpose()?,
        })
    }
}

impl LambdaService {
    pub(super) async fn create_mapping(&self, asked: CreateInput) -> Result<Reply, AwsError> {
        let queue_arn = asked
            .event_source_arn
            .filter(|arn| arn.starts_with("arn:aws:sqs:"))
            .ok_or_else(|| {
                invalid("EventSourceArn must be a queue's: this local cloud maps SQS queues only.")
            })?;
        self.check_polling(&asked.function_name, &queue_arn)?;
        let new = NewMapping {
            visibility_timeout: self.visibility_timeout(&queue_arn),
            queue_arn,
            function: asked.function_name,
            settings: asked.settings.read()?,
            tags: asked.tags,
        };
        let mapping = self
            .functions
            .change(|registry, now, ids| registry.create_mapping(new, now, ids))
            .await?;
        Ok(output(202, &wire::mapping(&mapping)))
    }

    pub(super) fn get_mapping(&self, uuid: &str) -> Result<Reply, AwsError> {
        let mapping = self
            .functions
            .read(|registry| registry.mapping(uuid).map(wire::mapping))?;
        Ok(output(200, &mapping))
    }

    pub(super) fn list_mappings(&self, query: &str) -> Result<Reply, AwsError> {
        let queue = parameter(query, "EventSourceArn")?;
        let function = parameter(query, "FunctionName")?;
        let (mappings, next) = self.functions.read(|registry| {
            let function = function.as_deref().map(|one| registry.name_of(one));
            let function = function.transpose()?;
            let all = registry.mappings().filter(|one| {
                queue.as_ref().is_none_or(|queue| one.queue_arn == *queue)
                    && function.is_none_or(|function| one.function_name == function)
            });
            let all = all.map(|one| (one.uuid.as_str(), one));
            let (mappings, next) = page(all, query, PAGE)?;
            let mappings: Vec<Value> = mappings.into_iter().map(wire::mapping).collect();
            Ok::<_, AwsError>((mappings, next))
        })?;
        let body = json!({ "EventSourceMappings": mappings, "NextMarker": next });
        Ok(output(200, &body))
    }

    pub(super) async fn update_mapping(
        &self,
        uuid: &str,
        asked: UpdateInput,
    ) -> Result<Reply, AwsError> {
        let settings = asked.settings.read()?;
        let function = asked.function_name;
        let queue_arn = self
            .functions
            .read(|registry| Ok::<_, AwsError>(registry.mapping(uuid)?.queue_arn.clone()))?;
        if let Some(function) = &function {
            self.check_polling(function, &queue_arn)?;
        }
        let visibility = self.visibility_timeout(&queue_arn);
        let mapping = self
            .functions
            .change(|registry, now, _| {
                registry.update_mapping(uuid, function.as_deref(), &settings, visibility, now)
            })
            .await?;
        Ok(output(202, &wire::mapping(&mapping)))
    }

    pub(super) async fn delete_mapping(&self, uuid: &str) -> Result<Reply, AwsError> {
        let mapping = self
            .functions
            .change(|registry, now, _| registry.delete_mapping(uuid, now))
            .await?;
        Ok(output(202, &wire::mapping(&mapping)))
    }

    /// The function's role reads the queue for the mapping. A function or a queue that is not
    /// there is told by the registry.
    fn check_polling(&self, function: &str, queue_arn: &str) -> Result<(), AwsError> {
        let found = self
            .functions
            .read(|registry| registry.function(function).cloned());
        let found = found.ok();
        let missing = found.and_then(|one| self.functions.missing_permission(&one, queue_arn));
        match missing {
            None => Ok(()),
            Some(action) => Err(invalid(format!(
                "The function execution role does not have permissions to call {action} on SQS"
            ))),
        }
    }

    fn visibility_timeout(&self, queue_arn: &str) -> Option<u32> {
        let facts = self.functions.queues().info_as_seen(queue_arn).ok()?;
        Some(facts.visibility_timeout)
    }
}
