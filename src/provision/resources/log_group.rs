//! A function's log group: made by us, so that it bears the tags and goes with the lab.

use std::collections::HashMap;

use aws_sdk_cloudwatchlogs::types::LogGroup as Described;
use futures_util::future::BoxFuture;

use super::{Comparison, Tags};
use crate::aws::{AwsFailure, Class, failure};
use crate::provision::settings::Limit;
use crate::provision::wait::Patience;
use crate::provision::{Difference, Observed, Problem, Resource};

pub(in crate::provision) struct LogGroup {
    pub(in crate::provision) client: aws_sdk_cloudwatchlogs::Client,
    pub(in crate::provision) name: String,
    pub(in crate::provision) arn: String,
    /// How many days logs are kept.
    pub(in crate::provision) retention: Limit,
    pub(in crate::provision) tags: Tags,
}

impl LogGroup {
    /// By its description first: whether a group that is not there has tags, services say in
    /// different ways.
    async fn look(&self) -> Result<Observed, Problem> {
        let Some(found) = self.find().await? else {
            return Ok(Observed::Absent);
        };
        let call = self.client.list_tags_for_resource().resource_arn(&self.arn);
        let answer = call.send().await;
        let tags = match answer.map_err(|error| failure("logs:ListTagsForResource", error)) {
            Ok(answer) => answer.tags.unwrap_or_default(),
            Err(error) if error.class == Class::NotFound => return Ok(Observed::Absent),
            Err(error) => return Err(error.into()),
        };
        let Some(mut differ) = self.tags.differences(&tags) else {
            return Ok(Observed::Foreign);
        };
        let days = found.retention_in_days();
        let kept = Limit(days.and_then(|days| u32::try_from(days).ok()));
        let mut comparison = Comparison::default();
        comparison.of("retention in days", kept, self.retention);
        differ.extend(comparison.0);
        Ok(Observed::ours(differ))
    }

    async fn find(&self) -> Result<Option<Described>, AwsFailure> {
        // Of the groups whose names begin so, this one's is the first.
        let call = self.client.describe_log_groups();
        let answer = call.log_group_name_prefix(&self.name).limit(1).send().await;
        let answer = answer.map_err(|error| failure("logs:DescribeLogGroups", error))?;
        let mut groups = answer.log_groups.unwrap_or_default().into_iter();
        Ok(groups.find(|group| group.log_group_name() == Some(&self.name)))
    }

    async fn keep(&self) -> Result<(), AwsFailure> {
        let Some(days) = self.retention.0.and_then(|days| i32::try_from(days).ok()) else {
            let call = self.client.delete_retention_policy();
            let sent = call.log_group_name(&self.name).send().await;
            return sent
                .map(drop)
                .map_err(|error| failure("logs:DeleteRetentionPolicy", error));
        };
        let call = self.client.put_retention_policy();
        let call = call.log_group_name(&self.name).retention_in_days(days);
        let sent = call.send().await;
        sent.map(drop)
            .map_err(|error| failure("logs:PutRetentionPolicy", error))
    }
}

impl Resource for LogGroup {
    fn kind(&self) -> &'static str {
        "log_group"
    }
    fn name(&self) -> String {
        self.name.clone()
    }
    /// A late line of a function's may bring its group back.
    fn is_removed_last(&self) -> bool {
        true
    }
    fn inspect(&self) -> BoxFuture<'_, Result<Observed, Problem>> {
        Box::pin(self.look())
    }

    fn create<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let create = || async {
                let call = self.client.create_log_group().log_group_name(&self.name);
                let sent = call.set_tags(Some(self.tags.map())).send().await;
                sent.map(drop)
                    .map_err(|error| failure("logs:CreateLogGroup", error))
            };
            patience.call(create).await?;
            if self.retention.0.is_some() {
                patience.call(|| self.keep()).await?;
            }
            Ok(())
        })
    }

    fn mend<'a>(
        &'a self,
        _differences: &'a [Difference],
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(patience.call(|| self.keep()))
    }

    fn tag<'a>(
        &'a self,
        tags: HashMap<String, String>,
        patience: &'a Patience,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let tag = || async {
                let call = self.client.tag_resource().resource_arn(&self.arn);
                let sent = call.set_tags(Some(tags.clone())).send().await;
                sent.map(drop)
                    .map_err(|error| failure("logs:TagResource", error))
            };
            patience.call(tag).await
        })
    }
    fn tags(&self) -> HashMap<String, String> {
        self.tags.map()
    }

    fn delete<'a>(&'a self, patience: &'a Patience) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let delete = || async {
                let call = self.client.delete_log_group();
                let sent = call.log_group_name(&self.name).send().await;
                sent.map(drop)
                    .map_err(|error| failure("logs:DeleteLogGroup", error))
            };
            patience.call(delete).await
        })
    }
}
