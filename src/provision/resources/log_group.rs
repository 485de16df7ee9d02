//! A function's log group: made by us, so that it bears the tags and goes with the lab.

use futures_util::future::BoxFuture;

use super::Tags;
use crate::aws::{Class, failure};
use crate::provision::wait::Patience;
use crate::provision::{Observed, Problem, Resource};

pub(in crate::provision) struct LogGroup {
    pub(in crate::provision) client: aws_sdk_cloudwatchlogs::Client,
    pub(in crate::provision) name: String,
    pub(in crate::provision) arn: String,
    pub(in crate::provision) tags: Tags,
}

impl Resource for LogGroup {
    fn kind(&self) -> &'static str {
        "log_group"
    }
    fn name(&self) -> String {
        self.name.clone()
    }

    fn inspect(&self) -> BoxFuture<'_, Result<Observed, Problem>> {
        Box::pin(async move {
            let answer = self
                .client
                .list_tags_for_resource()
                .resource_arn(&self.arn)
                .send()
                .await;
            match answer.map_err(|error| failure("logs:ListTagsForResource", error)) {
                Ok(answer) if answer.tags().is_some_and(|tags| self.tags.are_in(tags)) => {
                    Ok(Observed::InSync)
                }
                Ok(_) => Ok(Observed::Foreign),
                Err(error) if error.class == Class::NotFound => Ok(Observed::Absent),
                Err(error) => Err(error.into()),
            }
        })
    }

    fn ensure<'a>(
        &'a self,
        _observed: &'a Observed,
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let create = || async {
                let call = self.client.create_log_group().log_group_name(&self.name);
                let sent = call.set_tags(Some(self.tags.map())).send().await;
                sent.map(drop)
                    .map_err(|error| failure("logs:CreateLogGroup", error))
            };
            patience.call(create).await
        })
    }

    fn delete<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let delete = || async {
                let sent = self
                    .client
                    .delete_log_group()
                    .log_group_name(&self.name)
                    .send()
                    .await;
                sent.map(drop)
                    .map_err(|error| failure("logs:DeleteLogGroup", error))
            };
            patience.call(delete).await
        })
    }
}
