//! The event source mapping that feeds the processor from the queue.

use aws_sdk_lambda::types::{EventSourceMappingConfiguration, FunctionResponseType};
use futures_util::future::BoxFuture;

use super::{Tags, differences, drifted};
use crate::aws::{Class, failure};
use crate::provision::wait::Patience;
use crate::provision::{Observed, Problem, Resource};

const BATCH_SIZE: i32 = 10;

pub(in crate::provision) struct Mapping {
    pub(in crate::provision) client: aws_sdk_lambda::Client,
    pub(in crate::provision) queue: String,
    pub(in crate::provision) queue_arn: String,
    pub(in crate::provision) function: String,
    pub(in crate::provision) tags: Tags,
}

impl Mapping {
    async fn find(&self) -> Result<Option<EventSourceMappingConfiguration>, Problem> {
        let call = self
            .client
            .list_event_source_mappings()
            .function_name(&self.function);
        let answer = call.event_source_arn(&self.queue_arn).send().await;
        match answer.map_err(|error| failure("lambda:ListEventSourceMappings", error)) {
            Ok(answer) => Ok(answer
                .event_source_mappings
                .unwrap_or_default()
                .into_iter()
                .next()),
            Err(error) if error.class == Class::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    async fn look(&self) -> Result<Observed, Problem> {
        let Some(found) = self.find().await? else {
            return Ok(Observed::Absent);
        };
        let arn = found.event_source_mapping_arn().unwrap_or_default();
        let tags = self.client.list_tags().resource(arn).send().await;
        let tags = tags.map_err(|error| failure("lambda:ListTags", error))?;
        if !tags.tags().is_some_and(|tags| self.tags.are_in(tags)) {
            return Ok(Observed::Foreign);
        }
        let partial =
            found.function_response_types() == [FunctionResponseType::ReportBatchItemFailures];
        Ok(drifted(differences(&[
            ("batch size", found.batch_size() == Some(BATCH_SIZE)),
            (
                "batch window",
                found.maximum_batching_window_in_seconds().unwrap_or(0) == 0,
            ),
            ("partial batch responses", partial),
            ("state", found.state() == Some("Enabled")),
        ])))
    }

    async fn update(&self, patience: &Patience) -> Result<(), Problem> {
        let found = self
            .find()
            .await?
            .ok_or(Problem::Answer("lambda:ListEventSourceMappings"))?;
        let update = || async {
            let call = self
                .client
                .update_event_source_mapping()
                .uuid(found.uuid().unwrap_or_default());
            let call = call
                .batch_size(BATCH_SIZE)
                .maximum_batching_window_in_seconds(0)
                .enabled(true);
            let call = call.function_response_types(FunctionResponseType::ReportBatchItemFailures);
            let sent = call.send().await;
            sent.map(drop)
                .map_err(|error| failure("lambda:UpdateEventSourceMapping", error))
        };
        patience.call(update).await
    }

    async fn create(&self, patience: &Patience) -> Result<(), Problem> {
        let create = || async {
            let call = self
                .client
                .create_event_source_mapping()
                .function_name(&self.function);
            let call = call
                .event_source_arn(&self.queue_arn)
                .batch_size(BATCH_SIZE)
                .enabled(true);
            let call = call.function_response_types(FunctionResponseType::ReportBatchItemFailures);
            let sent = call.set_tags(Some(self.tags.map())).send().await;
            sent.map(drop)
                .map_err(|error| failure("lambda:CreateEventSourceMapping", error))
        };
        patience.call(create).await
    }
}

impl Resource for Mapping {
    fn kind(&self) -> &'static str {
        "trigger"
    }
    fn name(&self) -> String {
        format!("{} -> {}", self.queue, self.function)
    }
    fn dependencies(&self) -> Vec<String> {
        vec![
            format!("queue {}", self.queue),
            format!("function {}", self.function),
        ]
    }
    fn inspect(&self) -> BoxFuture<'_, Result<Observed, Problem>> {
        Box::pin(self.look())
    }

    fn ensure<'a>(
        &'a self,
        observed: &'a Observed,
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            if *observed == Observed::Absent {
                self.create(patience).await?;
            } else {
                self.update(patience).await?;
            }
            let enabled = || async {
                let found = self.find().await?;
                Ok(found.is_some_and(|found| found.state() == Some("Enabled")))
            };
            patience
                .until("Lambda has not enabled the trigger yet", enabled)
                .await
        })
    }

    fn delete<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let Some(found) = self.find().await? else {
                return Ok(());
            };
            let delete = || async {
                let call = self.client.delete_event_source_mapping();
                let sent = call.uuid(found.uuid().unwrap_or_default()).send().await;
                sent.map(drop)
                    .map_err(|error| failure("lambda:DeleteEventSourceMapping", error))
            };
            patience.call(delete).await?;
            let gone = || async { Ok(self.find().await?.is_none()) };
            patience
                .until("Lambda is still deleting the trigger", gone)
                .await
        })
    }
}
