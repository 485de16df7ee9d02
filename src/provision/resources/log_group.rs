//! A function's log group: part of the lab, so that it is tagged and removed with it.

use std::collections::HashMap;

use aws_sdk_cloudwatchlogs::types::LogGroup as Group;

use super::compare::{Comparison, Tags};
use crate::aws::{Answer as _, AwsFailure, MayBeAbsent as _};
use crate::provision::resource::Described;
use crate::provision::settings::Limit;
use crate::provision::wait::Waiter;
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
    async fn find(&self) -> Result<Option<Group>, AwsFailure> {
        // Groups are listed by name, so of those with this prefix this one comes first.
        let call = self
            .client
            .describe_log_groups()
            .log_group_name_prefix(&self.name)
            .limit(1);
        let answer = call.send().await.of_call("logs:DescribeLogGroups")?;
        let mut groups = answer.log_groups.unwrap_or_default().into_iter();
        Ok(groups.find(|group| group.log_group_name() == Some(&self.name)))
    }

    fn differences(&self, found: &Group) -> Vec<Difference> {
        let days = found.retention_in_days();
        let kept = Limit(days.and_then(|days| u32::try_from(days).ok()));
        let mut comparison = Comparison::default();
        comparison.of("retention in days", kept, self.retention);
        comparison.0
    }

    async fn create_it(&self) -> Result<(), AwsFailure> {
        let call = self.client.create_log_group().log_group_name(&self.name);
        let answer = call.set_tags(Some(self.tags.map())).send().await;
        answer.of_call("logs:CreateLogGroup").map(drop)
    }

    async fn set_retention(&self) -> Result<(), AwsFailure> {
        let Some(days) = self.retention.0.and_then(|days| i32::try_from(days).ok()) else {
            let call = self.client.delete_retention_policy();
            let answer = call.log_group_name(&self.name).send().await;
            return answer.of_call("logs:DeleteRetentionPolicy").map(drop);
        };
        let call = self
            .client
            .put_retention_policy()
            .log_group_name(&self.name)
            .retention_in_days(days);
        let answer = call.send().await;
        answer.of_call("logs:PutRetentionPolicy").map(drop)
    }
}

impl Described for LogGroup {
    fn kind(&self) -> &'static str {
        "log_group"
    }
    fn name(&self) -> String {
        self.name.clone()
    }
    /// A delayed write of a function's output may recreate its group.
    fn is_removed_last(&self) -> bool {
        true
    }
    fn tags(&self) -> HashMap<String, String> {
        self.tags.map()
    }
}

impl Resource for LogGroup {
    /// Describes the group first: emulators respond differently when the tags of a missing group
    /// are read.
    async fn inspect(&self) -> Result<Observed, Problem> {
        let Some(found) = self.find().await? else {
            return Ok(Observed::Absent);
        };
        let call = self.client.list_tags_for_resource().resource_arn(&self.arn);
        let answer = call.send().await.of_call("logs:ListTagsForResource");
        let Some(tagged) = answer.unless_absent()? else {
            return Ok(Observed::Absent);
        };
        let tags = tagged.tags.unwrap_or_default();
        Ok(self
            .tags
            .classify(&tags, self.differences(&found), Observed::ours))
    }

    async fn create(&self, waiter: &Waiter) -> Result<(), Problem> {
        waiter.call(|| self.create_it()).await?;
        if self.retention.0.is_some() {
            waiter.call(|| self.set_retention()).await?;
        }
        Ok(())
    }

    async fn update(&self, _: &[Difference], waiter: &Waiter) -> Result<(), Problem> {
        waiter.call(|| self.set_retention()).await
    }

    async fn tag(&self, tags: HashMap<String, String>, waiter: &Waiter) -> Result<(), Problem> {
        let tag = || async {
            let call = self.client.tag_resource().resource_arn(&self.arn);
            let answer = call.set_tags(Some(tags.clone())).send().await;
            answer.of_call("logs:TagResource").map(drop)
        };
        waiter.call(tag).await
    }

    async fn delete(&self, waiter: &Waiter) -> Result<(), Problem> {
        let delete = || async {
            let call = self.client.delete_log_group().log_group_name(&self.name);
            call.send().await.of_call("logs:DeleteLogGroup").map(drop)
        };
        waiter.call(delete).await
    }
}
