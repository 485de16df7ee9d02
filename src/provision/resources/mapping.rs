//! The event source mapping that feeds the processor from the queue.

use std::collections::HashMap;

use aws_sdk_lambda::types::{
    EventSourceMappingConfiguration, FilterCriteria, FunctionResponseType, ScalingConfig,
};

use super::{Comparison, Tags, or_none};
use crate::aws::{Answer as _, AwsFailure, MayBeAbsent as _};
use crate::provision::resource::Described;
use crate::provision::resource::id;
use crate::provision::settings::Limit;
use crate::provision::wait::{WaitReason, Waiter};
use crate::provision::{Difference, Observed, Problem, Resource};

/// States change within seconds; AWS gives no bound and no waiter, Terraform these.
const ENABLING: WaitReason = WaitReason::new("Lambda has not enabled the trigger yet", 600);
const DELETING: WaitReason = WaitReason::new("Lambda is still deleting the trigger", 300);

const STATE: &str = "state";
const GOING: &str = "Deleting";

pub(in crate::provision) struct Mapping {
    pub(in crate::provision) client: aws_sdk_lambda::Client,
    pub(in crate::provision) queue: String,
    pub(in crate::provision) queue_arn: String,
    pub(in crate::provision) function: String,
    pub(in crate::provision) function_arn: String,
    /// The table that the function needs as soon as the first batch comes.
    pub(in crate::provision) table: String,
    /// How many orders at once.
    pub(in crate::provision) batch_size: i32,
    /// How long a batch is gathered, in seconds.
    pub(in crate::provision) batch_window: i32,
    /// How many batches side by side.
    pub(in crate::provision) max_concurrency: Limit,
    pub(in crate::provision) tags: Tags,
}

impl Mapping {
    /// Looks by the queue alone, so that one is found whose function is gone, or is another now:
    /// two mappings of one queue would share its orders. Ours, where there are several.
    async fn find(&self) -> Result<Option<EventSourceMappingConfiguration>, AwsFailure> {
        let call = self.client.list_event_source_mappings();
        let call = call.event_source_arn(&self.queue_arn);
        let mut pages = call.into_paginator().send();
        let mut another = None;
        while let Some(page) = pages.next().await {
            let page = page.of_call("lambda:ListEventSourceMappings");
            let Some(page) = page.unless_absent()? else {
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

    async fn found(&self) -> Result<EventSourceMappingConfiguration, Problem> {
        let missing = Problem::Answer("lambda:ListEventSourceMappings");
        self.find().await?.ok_or(missing)
    }

    fn differing(&self, found: &EventSourceMappingConfiguration) -> Vec<Difference> {
        let window = found.maximum_batching_window_in_seconds().unwrap_or(0);
        let scaling = found.scaling_config();
        let at_once = scaling.and_then(ScalingConfig::maximum_concurrency);
        let at_once = at_once.map_or_else(|| "none".to_owned(), |number| number.to_string());
        let types = found.function_response_types();
        let types: Vec<&str> = types.iter().map(FunctionResponseType::as_str).collect();
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
            .of("maximum concurrency", at_once, self.max_concurrency)
            .of(
                "function response types",
                types.join(", "),
                FunctionResponseType::ReportBatchItemFailures.as_str(),
            )
            .of("filters", filters, 0)
            .of(STATE, found.state().unwrap_or_default(), "Enabled");
        comparison.0
    }

    /// How many batches side by side, as the API wants it: nothing means no limit.
    fn scaling(&self) -> ScalingConfig {
        let at_once = self.max_concurrency.0;
        ScalingConfig::builder()
            .set_maximum_concurrency(at_once.and_then(|number| i32::try_from(number).ok()))
            .build()
    }

    async fn update(&self, found: &EventSourceMappingConfiguration) -> Result<(), AwsFailure> {
        let call = self.client.update_event_source_mapping();
        let call = call
            .uuid(found.uuid().unwrap_or_default())
            .function_name(&self.function)
            .batch_size(self.batch_size)
            .maximum_batching_window_in_seconds(self.batch_window)
            .function_response_types(FunctionResponseType::ReportBatchItemFailures)
            .enabled(true);
        // What is not set now need not be named, and AWS refuses some of it needlessly named.
        let filters = found
            .filter_criteria()
            .filter(|all| !all.filters().is_empty());
        let limited = found.scaling_config().is_some() || self.max_concurrency.0.is_some();
        let call = call
            .set_filter_criteria(filters.map(|_| FilterCriteria::builder().build()))
            .set_scaling_config(limited.then(|| self.scaling()));
        let answer = call.send().await;
        answer.of_call("lambda:UpdateEventSourceMapping").map(drop)
    }

    async fn create_it(&self) -> Result<(), AwsFailure> {
        let call = self.client.create_event_source_mapping();
        let call = call
            .function_name(&self.function)
            .event_source_arn(&self.queue_arn)
            .batch_size(self.batch_size)
            .maximum_batching_window_in_seconds(self.batch_window)
            .function_response_types(FunctionResponseType::ReportBatchItemFailures)
            .enabled(true);
        let limited = self.max_concurrency.0.is_some();
        let call = call.set_scaling_config(limited.then(|| self.scaling()));
        let answer = call.set_tags(Some(self.tags.map())).send().await;
        answer.of_call("lambda:CreateEventSourceMapping").map(drop)
    }

    async fn enabled(&self, waiter: &Waiter) -> Result<(), Problem> {
        let enabled = || async {
            let found = self.find().await?;
            Ok(found.is_some_and(|found| found.state() == Some("Enabled")))
        };
        waiter.until(&ENABLING, enabled).await
    }
}

fn state(differences: Vec<Difference>) -> Observed {
    let is_going = |one: &Difference| one.setting == STATE && one.found == GOING;
    if differences.iter().any(is_going) {
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
        let arn = found.event_source_mapping_arn().unwrap_or_default();
        let tags = self.client.list_tags().resource(arn).send().await;
        let tags = tags.of_call("lambda:ListTags")?.tags.unwrap_or_default();
        Ok(self.tags.classify(&tags, self.differing(&found), state))
    }

    async fn create(&self, waiter: &Waiter) -> Result<(), Problem> {
        waiter.call(|| self.create_it()).await?;
        self.enabled(waiter).await
    }

    async fn update(&self, differences: &[Difference], waiter: &Waiter) -> Result<(), Problem> {
        let found = waiter.call(|| self.found()).await?;
        let passing = matches!(found.state(), Some("Creating" | "Enabling"));
        if !(passing && differences.iter().all(|one| one.setting == STATE)) {
            waiter.call(|| self.update(&found)).await?;
        }
        self.enabled(waiter).await
    }

    async fn tag(&self, tags: HashMap<String, String>, waiter: &Waiter) -> Result<(), Problem> {
        let found = waiter.call(|| self.found()).await?;
        let tag = || async {
            let arn = found.event_source_mapping_arn().unwrap_or_default();
            let call = self.client.tag_resource().resource(arn);
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
        let gone = || async {
            let left = self.find().await?;
            Ok(left.is_none_or(|left| left.uuid() != found.uuid()))
        };
        waiter.until(&DELETING, gone).await
    }
}
