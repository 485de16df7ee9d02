//! The event source mapping from the orders queue to the processor.

use std::collections::HashMap;

use aws_sdk_lambda::types::{
    EventSourceMappingConfiguration, FilterCriteria, FunctionResponseType, ScalingConfig,
};

use super::compare::{Comparison, Tags, or_none};
use crate::aws::{Answer as _, AwsFailure, MayBeAbsent as _};
use crate::provision::resource::Described;
use crate::provision::resource::id;
use crate::provision::settings::Limit;
use crate::provision::wait::{WaitReason, Waiter};
use crate::provision::{Difference, Observed, Problem, Resource};

/// States change within seconds. AWS documents no bound and has no waiter; these are Terraform's.
const ENABLING: WaitReason = WaitReason::new("Lambda has not enabled the trigger yet", 600);
const DELETING: WaitReason = WaitReason::new("Lambda is still deleting the trigger", 300);

const STATE: &str = "state";
const BEING_DELETED: &str = "Deleting";

pub(in crate::provision) struct Mapping {
    pub(in crate::provision) client: aws_sdk_lambda::Client,
    pub(in crate::provision) queue: String,
    pub(in crate::provision) queue_arn: String,
    pub(in crate::provision) function: String,
    pub(in crate::provision) function_arn: String,
    /// The table that the function needs as soon as the first batch arrives.
    pub(in crate::provision) table: String,
    /// The largest number of orders in a batch.
    pub(in crate::provision) batch_size: i32,
    /// How long a batch is collected, in seconds.
    pub(in crate::provision) batch_window: i32,
    /// The largest number of concurrent batches.
    pub(in crate::provision) max_concurrency: Limit,
    pub(in crate::provision) tags: Tags,
}

impl Mapping {
    /// The mapping of the queue, preferably to the lab's function. One to another function, or to
    /// a deleted one, is found too: two mappings of one queue would share its orders.
    async fn find(&self) -> Result<Option<EventSourceMappingConfiguration>, AwsFailure> {
        let mut pages = self
            .client
            .list_event_source_mappings()
            .event_source_arn(&self.queue_arn)
            .into_paginator()
            .send();
        let mut another = None;
        while let Some(listed) = pages.next().await {
            let listed = listed.of_call("lambda:ListEventSourceMappings");
            let Some(page) = listed.unless_absent()? else {
                return Ok(None);
            };
            for one in page.event_source_mappings.unwrap_or_default() {
                if one.function_arn() == Some(&self.function_arn) {
                    return Ok(Some(one));
                }
                another = Some(one);
            }
        }
        Ok(another)
    }

    async fn get(&self) -> Result<EventSourceMappingConfiguration, Problem> {
        let missing = Problem::Answer("lambda:ListEventSourceMappings");
        self.find().await?.ok_or(missing)
    }

    /// The mapping's ARN, which some servers that are compatible with AWS leave out.
    fn arn(&self, found: &EventSourceMappingConfiguration) -> Result<String, Problem> {
        if let Some(arn) = found.event_source_mapping_arn() {
            return Ok(arn.to_owned());
        }
        let listed = Problem::Answer("lambda:ListEventSourceMappings");
        let (account, _) = self.function_arn.split_once(":function:").unzip();
        let (account, uuid) = account.zip(found.uuid()).ok_or(listed)?;
        Ok(format!("{account}:event-source-mapping:{uuid}"))
    }

    /// The mapping's tags. A server whose mappings have neither ARN nor tags keeps none, so there a
    /// mapping from the lab's queue to the lab's function is the lab's.
    async fn found_tags(
        &self,
        found: &EventSourceMappingConfiguration,
    ) -> Result<HashMap<String, String>, Problem> {
        let call = self.client.list_tags().resource(self.arn(found)?);
        let listed = call.send().await.of_call("lambda:ListTags");
        if found.event_source_mapping_arn().is_some() {
            return Ok(listed?.tags.unwrap_or_default());
        }
        let tags = listed.unless_absent()?.and_then(|listed| listed.tags);
        let tags = tags.unwrap_or_default();
        if tags.is_empty() && found.function_arn() == Some(&self.function_arn) {
            return Ok(self.tags.map());
        }
        Ok(tags)
    }

    fn differences(&self, found: &EventSourceMappingConfiguration) -> Vec<Difference> {
        let window = found.maximum_batching_window_in_seconds().unwrap_or(0);
        let concurrency = found
            .scaling_config()
            .and_then(ScalingConfig::maximum_concurrency)
            .map_or_else(|| "none".to_owned(), |number| number.to_string());
        let types: Vec<&str> = found
            .function_response_types()
            .iter()
            .map(FunctionResponseType::as_str)
            .collect();
        let filters = found.filter_criteria().map_or(0, |all| all.filters().len());
        let mut comparison = Comparison::default();
        comparison
            .of(
                "function",
                found.function_arn().unwrap_or_default(),
                &self.function_arn,
            )
            .of("batch size", or_none(found.batch_size()), self.batch_size)
            .of("batch window", window, self.batch_window)
            .of("maximum concurrency", concurrency, self.max_concurrency)
            .of(
                "function response types",
                types.join(", "),
                FunctionResponseType::ReportBatchItemFailures.as_str(),
            )
            .of("filters", filters, 0)
            .of(STATE, found.state().unwrap_or_default(), "Enabled");
        comparison.0
    }

    /// The concurrency limit as the API takes it: an empty configuration means no limit.
    fn scaling(&self) -> ScalingConfig {
        let limit = self.max_concurrency.0;
        ScalingConfig::builder()
            .set_maximum_concurrency(limit.and_then(|number| i32::try_from(number).ok()))
            .build()
    }

    async fn update_all(&self, found: &EventSourceMappingConfiguration) -> Result<(), AwsFailure> {
        // Only members that are set now are reset: AWS refuses some of them otherwise.
        let filters = found
            .filter_criteria()
            .filter(|all| !all.filters().is_empty());
        let is_limited = found.scaling_config().is_some() || self.max_concurrency.0.is_some();
        let call = self
            .client
            .update_event_source_mapping()
            .uuid(found.uuid().unwrap_or_default())
            .function_name(&self.function)
            .batch_size(self.batch_size)
            .maximum_batching_window_in_seconds(self.batch_window)
            .function_response_types(FunctionResponseType::ReportBatchItemFailures)
            .enabled(true)
            .set_filter_criteria(filters.map(|_| FilterCriteria::builder().build()))
            .set_scaling_config(is_limited.then(|| self.scaling()));
        let answer = call.send().await;
        answer.of_call("lambda:UpdateEventSourceMapping").map(drop)
    }

    async fn create_it(&self) -> Result<(), AwsFailure> {
        let is_limited = self.max_concurrency.0.is_some();
        let call = self
            .client
            .create_event_source_mapping()
            .function_name(&self.function)
            .event_source_arn(&self.queue_arn)
            .batch_size(self.batch_size)
            .maximum_batching_window_in_seconds(self.batch_window)
            .function_response_types(FunctionResponseType::ReportBatchItemFailures)
            .enabled(true)
            .set_scaling_config(is_limited.then(|| self.scaling()))
            .set_tags(Some(self.tags.map()));
        let answer = call.send().await;
        answer.of_call("lambda:CreateEventSourceMapping").map(drop)
    }

    async fn wait_until_enabled(&self, waiter: &Waiter) -> Result<(), Problem> {
        let is_enabled = || async {
            let found = self.find().await?;
            Ok(found.is_some_and(|found| found.state() == Some("Enabled")))
        };
        waiter.until(&ENABLING, is_enabled).await
    }
}

fn state(differences: Vec<Difference>) -> Observed {
    let is_being_deleted = |one: &Difference| one.setting == STATE && one.found == BEING_DELETED;
    if differences.iter().any(is_being_deleted) {
        return Observed::Broken(differences);
    }
    Observed::ours(differences)
}

impl Described for Mapping {
    fn kind(&self) -> &'static str {
        "trigger"
    }
    fn name(&self) -> String {
        format!("{} -> {}", self.queue, self.function)
    }
    fn dependencies(&self) -> Vec<String> {
        vec![
            id("queue", &self.queue),
            id("function", &self.function),
            id("table", &self.table),
        ]
    }
    fn tags(&self) -> HashMap<String, String> {
        self.tags.map()
    }
}

impl Resource for Mapping {
    async fn inspect(&self) -> Result<Observed, Problem> {
        let Some(found) = self.find().await? else {
            return Ok(Observed::Absent);
        };
        let tags = self.found_tags(&found).await?;
        Ok(self.tags.classify(&tags, self.differences(&found), state))
    }

    async fn create(&self, waiter: &Waiter) -> Result<(), Problem> {
        waiter.call(|| self.create_it()).await?;
        self.wait_until_enabled(waiter).await
    }

    async fn update(&self, differences: &[Difference], waiter: &Waiter) -> Result<(), Problem> {
        let found = waiter.call(|| self.get()).await?;
        let is_starting = matches!(found.state(), Some("Creating" | "Enabling"));
        if !(is_starting && differences.iter().all(|one| one.setting == STATE)) {
            waiter.call(|| self.update_all(&found)).await?;
        }
        self.wait_until_enabled(waiter).await
    }

    async fn tag(&self, tags: HashMap<String, String>, waiter: &Waiter) -> Result<(), Problem> {
        let found = waiter.call(|| self.get()).await?;
        let arn = self.arn(&found)?;
        let tag = || async {
            let call = self.client.tag_resource().resource(&arn);
            let answer = call.set_tags(Some(tags.clone())).send().await;
            answer.of_call("lambda:TagResource").map(drop)
        };
        waiter.call(tag).await
    }

    async fn delete(&self, waiter: &Waiter) -> Result<(), Problem> {
        let Some(found) = waiter.call(|| self.find()).await? else {
            return Ok(());
        };
        let delete = || async {
            let call = self.client.delete_event_source_mapping();
            let answer = call.uuid(found.uuid().unwrap_or_default()).send().await;
            answer.of_call("lambda:DeleteEventSourceMapping").map(drop)
        };
        waiter.call(delete).await?;
        let is_gone = || async {
            let remaining = self.find().await?;
            Ok(remaining.is_none_or(|remaining| remaining.uuid() != found.uuid()))
        };
        waiter.until(&DELETING, is_gone).await
    }
}
